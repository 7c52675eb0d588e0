/* The eye: key frames to small pictures, and what can be said of them. Decoding is GStreamer's (avdec_h264, avdec_h265), in one thread for all
 * cameras; it decodes one picture, says it, and forgets the stream.
 */
#pragma once

#include "ingest/cameras/look.h"
#include "ingest/cameras/source.h"
#include "proto/base/loop.h"

struct eye;

/* `seen` is called in the loop's thread, once for each eye_look() and in their order; look NULL: it could not be decoded. The JPEG (320x180) and the
 * look live during the call. */
int eye_open(struct loop *loop, void (*seen)(void *context, void *tag, const struct look *look, struct bytes jpeg),
             void *context, struct eye **eye, struct fault *fault);
/* Takes NULL. What is under way is given up; its `seen` is not called. */
void eye_close(struct eye *eye);
/* The unit is copied. */
void eye_look(struct eye *eye, const struct source_unit *unit, void *tag);
