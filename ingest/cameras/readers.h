/* Readers: who reads a camera, by its address and by what the camera speaks.
 *
 *     rtsp://   our own reader (rtsp_reader.h); where the camera refuses RTP inside the connection, rtspsrc
 *     rtsps://  rtspsrc (rtspsrc.h), which is started when the first one needs it
 */
#pragma once

#include "ingest/cameras/source.h"
#include "proto/base/loop.h"

struct readers;

extern const struct source_ops readers_ops; /* reader: a struct readers * */

int readers_open(struct loop *loop, struct readers **readers, struct fault *fault);
void readers_close(struct readers *readers); /* takes NULL; all sources must have been stopped */
