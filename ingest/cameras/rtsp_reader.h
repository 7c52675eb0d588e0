/* RTSP by a reader of our own: all cameras in the loop's thread, RTP inside the connection (TCP).
 *
 * It speaks H.264 and H.265 at addresses rtsp://; what it does not speak rtspsrc.h does. An idle camera costs a system call and a copy for
 * each picture, and the memory of one. Addresses that are names are looked up without waiting.
 */
#pragma once

#include "ingest/cameras/source.h"
#include "proto/base/loop.h"

struct rtsp_reader;

extern const struct source_ops rtsp_reader_ops; /* reader: a struct rtsp_reader * */

int rtsp_reader_open(struct loop *loop, struct rtsp_reader **reader, struct fault *fault);
void rtsp_reader_close(struct rtsp_reader *reader); /* takes NULL; all sources must have been stopped */
