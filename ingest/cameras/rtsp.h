/* RTSP by GStreamer's rtspsrc: RTP inside the TCP connection, no jitter buffer, one small pipeline per camera.
 *
 *     rtspsrc ! rtph264depay ! h264parse ! appsink
 * GStreamer's threads hand access units over to the loop's; a loop that does not keep up costs a camera its units up to the next key
 * frame (counted), never memory.
 */
#pragma once

#include "ingest/cameras/source.h"
#include "proto/base/loop.h"

struct rtsp_reader;

extern const struct source_ops rtsp_source_ops; /* reader: a struct rtsp_reader * */

int rtsp_reader_open(struct loop *loop, struct rtsp_reader **reader, struct fault *fault);
/* Takes NULL. All sources must have been stopped; waits until GStreamer has let go of them (at most 3 s). */
void rtsp_reader_close(struct rtsp_reader *reader);
