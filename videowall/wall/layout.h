/* Where everything stands on the wall: pure arithmetic, all numbers even.
 *
 *     ┌ title ─────────────────────────── clock ┐
 *     │ tiles in rows, a caption under each │ departments, one a row: open, due soon, overdue │
 *     └ four headline numbers, each with its word ┘
 *
 * Without panels the tiles fill the wall.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "videowall/wall/canvas.h"
#include "videowall/wall/wall.h"

enum { WALL_WIDTH = 1920, WALL_HEIGHT = 1080, WALL_HEADLINES = 4, WALL_COLUMNS = 4 };
/* A pop-up is a picture of its own, with a banner above its tiles. */
enum { POPUP_WIDTH = 1280, POPUP_HEIGHT = 864, POPUP_BANNER = 64, POPUP_X = 64, POPUP_Y = 96 };

/* A grid of cells, 1 to SCENE_GRID_MAX each way; the first tile takes large × large of them. */
struct wall_shape {
    int columns, rows, large;
    bool panels, map;   /* map: the first place is the district's map, the others are tiles */
    struct rect within; /* where the tiles stand; width 0: as above */
};

struct wall_layout {
    bool panels;
    struct rect title, clock;
    struct rect map; /* width 0: none */
    size_t tile_count;
    struct rect pictures[WALL_TILES_MAX], captions[WALL_TILES_MAX];
    struct rect heads[WALL_COLUMNS];                             /* above the departments */
    struct rect departments[WALL_DEPARTMENTS_MAX][WALL_COLUMNS]; /* name, open, due soon, overdue */
    struct rect numbers[WALL_HEADLINES], words[WALL_HEADLINES];
};

/* The squarest grid with room for so many tiles, beside the panels. */
struct wall_shape wall_shape_of(size_t tile_count);
size_t wall_shape_tiles(const struct wall_shape *shape);
/* The first tile_count tiles of a shape: at most wall_shape_tiles(). */
void wall_layout_make(const struct wall_shape *shape, size_t tile_count, struct wall_layout *layout);

/* The largest part of a box that has the shape of the picture. */
struct rect layout_fit(int box_width, int box_height, int picture_width, int picture_height);
