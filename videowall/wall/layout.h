/* Where everything stands on the wall: pure arithmetic, all numbers even.
 *
 *     ┌ title ─────────────────────────── clock ┐
 *     │ tiles in rows, a caption under each │ departments, one a row: open, due soon, overdue │
 *     └ four headline numbers, each with its word ┘
 */
#pragma once

#include <stddef.h>

#include "videowall/wall/canvas.h"
#include "videowall/wall/wall.h"

enum { WALL_WIDTH = 1920, WALL_HEIGHT = 1080, WALL_HEADLINES = 4, WALL_COLUMNS = 4 };

struct wall_layout {
    struct rect title, clock;
    size_t tile_count;
    struct rect pictures[WALL_TILES_MAX], captions[WALL_TILES_MAX];
    struct rect heads[WALL_COLUMNS];                             /* above the departments */
    struct rect departments[WALL_DEPARTMENTS_MAX][WALL_COLUMNS]; /* name, open, due soon, overdue */
    struct rect numbers[WALL_HEADLINES], words[WALL_HEADLINES];
};

void wall_layout_make(size_t tile_count, struct wall_layout *layout);

/* The largest part of a box that has the shape of the picture. */
struct rect layout_fit(int box_width, int box_height, int picture_width, int picture_height);
