#include "videowall/wall/layout.h"

#include <assert.h>

enum {
    TOP = 80,           /* height of the title row */
    BOTTOM = 120,       /* of the headline numbers */
    TILES_WIDTH = 1408, /* two tiles of 704 */
    MARGIN = 16,
    GAP = 4, /* between tiles */
    CAPTION_MIN = 20,
    CAPTION_MAX = 44,
    ROW = 66,
    COLUMN_WIDTH = 88 /* of a department's numbers */
};

static int even(int value)
{
    return value & ~1;
}

struct wall_shape wall_shape_of(size_t tile_count)
{
    int count = (int)tile_count, columns = 1;
    while (columns * columns < count)
        columns++;
    return (struct wall_shape){
        .columns = columns, .rows = count > columns ? (count + columns - 1) / columns : 1, .large = 1, .panels = true
    };
}

size_t wall_shape_tiles(const struct wall_shape *shape)
{
    return (size_t)(shape->columns * shape->rows - shape->large * shape->large + !shape->map);
}

/* A square of cells, its picture and the caption below it. */
static void place_tile(const struct wall_shape *shape, struct rect area, struct rect cells, struct rect *picture,
                       struct rect *caption)
{
    int x = area.x + even(area.width * cells.x / shape->columns);
    int y = area.y + even(area.height * cells.y / shape->rows);
    int width = area.x + even(area.width * (cells.x + cells.width) / shape->columns) - x - GAP;
    int height = area.y + even(area.height * (cells.y + cells.height) / shape->rows) - y;
    int caption_least = even(height / 9);
    caption_least = caption_least < CAPTION_MIN   ? CAPTION_MIN
                    : caption_least < CAPTION_MAX ? caption_least
                                                  : CAPTION_MAX;
    int picture_height = even(width * 9 / 16);
    if (picture_height > height - caption_least)
        picture_height = height - caption_least;
    int caption_height = height - picture_height < CAPTION_MAX ? height - picture_height : CAPTION_MAX;
    *picture = (struct rect){ x, y, width, picture_height };
    *caption = (struct rect){ x, y + picture_height, width, caption_height };
}

static void place_tiles(const struct wall_shape *shape, struct wall_layout *layout)
{
    struct rect area = { 0, 0, WALL_WIDTH, WALL_HEIGHT };
    if (shape->panels)
        area = (struct rect){ 0, TOP, TILES_WIDTH, WALL_HEIGHT - TOP - BOTTOM };
    if (shape->within.width)
        area = shape->within;
    size_t tile = 0;
    for (int cell = 0; cell < shape->columns * shape->rows && (tile < layout->tile_count || cell == 0); cell++) {
        int column = cell % shape->columns, row = cell / shape->columns, span = cell == 0 ? shape->large : 1;
        if (cell > 0 && column < shape->large && row < shape->large)
            continue; /* under the large one */
        if (cell == 0 && shape->map) {
            struct rect below;
            place_tile(shape, area, (struct rect){ column, row, span, span }, &layout->map, &below);
            layout->map.height += below.height; /* it has no caption */
            continue;
        }
        place_tile(shape, area, (struct rect){ column, row, span, span }, &layout->pictures[tile],
                   &layout->captions[tile]);
        tile++;
    }
}

static void place_row(struct rect row[WALL_COLUMNS], int y)
{
    int x = TILES_WIDTH + MARGIN;
    int name_width = WALL_WIDTH - MARGIN - x - (WALL_COLUMNS - 1) * COLUMN_WIDTH;
    row[0] = (struct rect){ x, y, name_width, ROW };
    for (int i = 1; i < WALL_COLUMNS; i++)
        row[i] = (struct rect){ x + name_width + (i - 1) * COLUMN_WIDTH, y, COLUMN_WIDTH, ROW };
}

void wall_layout_make(const struct wall_shape *shape, size_t tile_count, struct wall_layout *layout)
{
    assert(tile_count <= WALL_TILES_MAX && tile_count <= wall_shape_tiles(shape));
    *layout = (struct wall_layout){
        .panels = shape->panels,
        .title = { MARGIN, 0, 1400, TOP },
        .clock = { WALL_WIDTH - MARGIN - 480, 0, 480, TOP },
        .tile_count = tile_count,
    };
    place_tiles(shape, layout);
    place_row(layout->heads, TOP);
    for (int i = 0; i < WALL_DEPARTMENTS_MAX; i++)
        place_row(layout->departments[i], TOP + ROW * (i + 1));
    for (int i = 0; i < WALL_HEADLINES; i++) {
        int width = WALL_WIDTH / WALL_HEADLINES, y = WALL_HEIGHT - BOTTOM;
        layout->words[i] = (struct rect){ i * width, y, width / 2 - 40, BOTTOM };
        layout->numbers[i] = (struct rect){ i * width + width / 2 - 40, y, width / 2 + 40, BOTTOM };
    }
}

struct rect layout_fit(int box_width, int box_height, int picture_width, int picture_height)
{
    int width = box_width, height = box_height;
    if ((int64_t)picture_width * box_height > (int64_t)picture_height * box_width)
        height = even((int)((int64_t)box_width * picture_height / picture_width));
    else
        width = even((int)((int64_t)box_height * picture_width / picture_height));
    if (width < 2)
        width = 2;
    if (height < 2)
        height = 2;
    return (struct rect){ even((box_width - width) / 2), even((box_height - height) / 2), width, height };
}
