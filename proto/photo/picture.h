/* A picture as pixels: blue, green, red, alpha, one byte each, row after row from the top. */
#pragma once

#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct picture {
    uint8_t *pixels;
    int width, height;
};
enum { PICTURE_PIXEL = 4 }; /* bytes */

/* -ENOMEM where the process may not have that much. */
int picture_make(struct picture *picture, int64_t width, int64_t height, struct fault *fault);
void picture_finish(struct picture *picture); /* safe on a zeroed struct */

/* Pixels that let something through are put on white; all are opaque after it. */
void picture_on_white(struct picture *picture);
/* `out` is the same, no edge longer than `edge_px`; never larger than it was. */
int picture_scale(const struct picture *picture, int64_t edge_px, struct picture *out, struct fault *fault);
/* Turns and mirrors by the number that EXIF (CIPA DC-008, tag 274) gives what a camera held askew; anything but 2 to 8 leaves it. */
int picture_upright(struct picture *picture, int orientation, struct fault *fault);
/* Appends it as a baseline JPEG that holds nothing but the picture. */
int picture_jpeg(const struct picture *picture, struct buffer *out, struct fault *fault);
