/* RTSP by GStreamer's rtspsrc, for what our own reader does not speak: RTSPS, and RTP by UDP and multicast. One small pipeline per camera, with
 * threads of its own; no jitter buffer.
 *
 *     rtspsrc ! rtph264depay ! h264parse ! appsink     or the same for H.265
 * GStreamer's threads hand access units over to the loop's; a loop that does not keep up costs a camera its units up to the next key
 * frame (counted), never memory.
 */
#pragma once

#include "ingest/cameras/source.h"
#include "proto/base/loop.h"

struct rtspsrc_reader;

extern const struct source_ops rtspsrc_ops; /* reader: a struct rtspsrc_reader * */

int rtspsrc_open(struct loop *loop, struct rtspsrc_reader **reader, struct fault *fault);
/* Takes NULL. All sources must have been stopped; waits until GStreamer has let go of them (at most 3 s). */
void rtspsrc_close(struct rtspsrc_reader *reader);
