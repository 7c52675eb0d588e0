/* H.264 or H.265 frames in, pictures out: appsrc ! avdec_h264 ! appsink, one per tile, in GStreamer's threads; made at the first key
 * frame, and anew when the camera changes its codec.
 *
 * Garbage costs pictures until the next key frame, a decoder that broke is built anew at the next one; frames that wait too long are left
 * out up to the next key frame.
 */
#pragma once

#include "proto/base/fault.h"
#include "proto/record/frame.h"
#include "videowall/wall/canvas.h"

struct decoder;

/* `picture` is called in a thread of GStreamer's, with planes that live during the call. */
int decoder_open(void (*picture)(void *context, const struct canvas *picture), void *context, struct decoder **decoder,
                 struct fault *fault);
/* Never waits. From one thread. */
void decoder_push(struct decoder *decoder, const struct frame *frame);
/* Takes NULL. No picture follows. */
void decoder_close(struct decoder *decoder);
