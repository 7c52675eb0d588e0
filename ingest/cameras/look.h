/* Look: what can be said of a camera by one small picture, its brightness alone. Pure.
 *
 * The picture is cut into blocks of LOOK_BLOCK_PX; what a camera writes into its picture (clock, name) is sharp and bright whatever is before the
 * lens, so no verdict rests on fewer than some hundredths of the blocks.
 *   black     nearly all blocks are dark
 *   covered   nearly all blocks are flat
 *   blurred   nowhere but in a few blocks do two neighbours differ much
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/record/camera.h"

enum {
    LOOK_WIDTH = 320,
    LOOK_HEIGHT = 180,
    LOOK_BLOCK_PX = 10,
    LOOK_BLOCKS = LOOK_WIDTH / LOOK_BLOCK_PX * (LOOK_HEIGHT / LOOK_BLOCK_PX),
    LOOK_DARK = 40,        /* a block is dark whose mean is below: studio range begins at 16 */
    LOOK_FLAT = 12,        /* a block is flat where brightest and darkest differ by less */
    LOOK_SHARP = 24,       /* two neighbours that differ by that are an edge in focus */
    LOOK_MOST_PERCENT = 92 /* "nearly all" */
};

/* Enough of a picture to know it again: the mean of each half block, to a quarter of a step. */
struct look_print {
    uint16_t means[4 * LOOK_BLOCKS];
};

struct look {
    int dark_percent, flat_percent, soft_percent; /* of the blocks */
    struct look_print print;
};

/* luma: LOOK_HEIGHT rows of LOOK_WIDTH bytes, `stride` apart. */
void look_at(const uint8_t *luma, int stride, struct look *look);
/* CAMERA_IS_WELL, BLACK, COVERED or BLURRED. */
enum camera_condition look_condition(const struct look *look);
/* The same picture, but for what encoding makes of it: no half block's mean moved by more than a step. */
bool look_same(const struct look_print *a, const struct look_print *b);
