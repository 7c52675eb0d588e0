/* The decoders of a wall: the frames of cameras in, pictures out, in as many threads as there are processors. Whoever took the least of their time is
 * served first, a frame at a time: a camera that is too heavy, or whose seconds all come at once, is late itself and makes no other one late. One that
 * sends garbage loses its own pictures until the next key frame.
 *
 * Where frames wait for too long, the next key frame comes in their place; where there are too many, what follows is left out up to it. A codec that
 * broke, or whose camera changed to another one, is made anew there.
 */
#pragma once

#include "proto/base/fault.h"
#include "proto/record/frame.h"
#include "videowall/wall/canvas.h"

struct decoders;
struct decoder;

/* -ENOENT: libavcodec was built without H.264. */
int decoders_open(struct decoders **decoders, struct fault *fault);
void decoders_close(struct decoders *decoders); /* takes NULL; all that it decodes is closed */

/* `picture` is called in a thread of the decoders', with planes that live during the call. */
struct decoder *decoder_open(struct decoders *decoders, void (*picture)(void *context, const struct canvas *picture),
                             void *context);
/* Never waits for a picture. From one thread. */
void decoder_push(struct decoder *decoder, const struct frame *frame);
/* Takes NULL. No picture follows; waits for one that is under way. */
void decoder_close(struct decoder *decoder);
