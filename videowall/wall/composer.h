/* The composer: a thread that draws a mosaic 25 times a second and hands the picture to the outputs. Its functions are the loop's
 * thread's and never wait for a picture; only close waits for the thread.
 */
#pragma once

#include "proto/base/fault.h"
#include "videowall/wall/wall.h"

struct composer;
struct mosaic;
struct output_options;

/* What stands over what. */
enum composer_layer { COMPOSER_PAGE, COMPOSER_POPUP, COMPOSER_LAYERS };

/* `outputs` as in wall.h, checked; `first` is shown from the first picture on and is the composer's from here, also after an error. */
int composer_open(const char *outputs, const struct output_options *options, struct mosaic *first,
                  struct composer **composer, struct fault *fault);
/* Takes NULL. Closes the mosaics that it has. */
void composer_close(struct composer *composer);

/* From the next picture on; the mosaic is the composer's from here, NULL (a pop-up only) takes away what stands there. The one before it is closed
 * by a later composer_tidy(). */
void composer_show(struct composer *composer, enum composer_layer layer, struct mosaic *mosaic);
/* Closes the mosaics that are no more shown, and begins outputs anew that have broken; some times a second. */
void composer_tidy(struct composer *composer);
/* Copies. */
void composer_set_numbers(struct composer *composer, const struct wall_numbers *numbers);
/* "wall: one output of …" where there is no such output. */
int composer_check(const char *outputs, struct fault *fault);
/* Is that one of the outputs? */
bool composer_has(const char *outputs, const char *output);
