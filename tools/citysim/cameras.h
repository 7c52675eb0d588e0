/* Simulated cameras: RTSP servers with a moving picture, the camera's name and a clock in it, H.264 640x360 at 15 pictures a second,
 * a key frame every 2 s. A camera is drawn and encoded once, however many watch it, and only while somebody does.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct citysim_cameras;

/* rtsp://127.0.0.1:PORT/<id> for each id; port 0 takes a free one. Has a thread of its own. */
int citysim_cameras_start(int64_t port, const char *const *ids, size_t count, struct citysim_cameras **cameras,
                          struct fault *fault);
int64_t citysim_cameras_port(const struct citysim_cameras *cameras);
void citysim_cameras_stop(struct citysim_cameras *cameras); /* takes NULL */
