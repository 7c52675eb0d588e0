/* Readers: who reads a camera, by its address and by what the camera speaks.
 *
 *     rtsp://   our own reader (rtsp_reader.h); where the camera refuses RTP inside the connection, rtspsrc
 *     rtsps://  rtspsrc (rtspsrc.h), which is started when the first one needs it
 *     onvif://  one of both, at the address that the device says (onvif/onvif.h)
 *     gb28181:// GB/T 28181 (gb28181/gb28181.h), where the book has it
 */
#pragma once

#include "ingest/cameras/source.h"
#include "proto/base/loop.h"

struct readers;
struct gb28181;

extern const struct source_ops readers_ops; /* reader: a struct readers * */

int readers_open(struct loop *loop, struct readers **readers, struct fault *fault);
/* It must outlive the readers. */
void readers_take_gb28181(struct readers *readers, struct gb28181 *gb28181);
void readers_close(struct readers *readers); /* takes NULL; all sources must have been stopped */
