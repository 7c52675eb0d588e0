#include "videowall/wall/layout.h"

#include <assert.h>

enum {
    TOP = 80,           /* height of the title row */
    BOTTOM = 120,       /* of the headline numbers */
    TILES_WIDTH = 1408, /* two tiles of 704 */
    MARGIN = 16,
    CAPTION_MAX = 44,
    ROW = 66,
    COLUMN_WIDTH = 88 /* of a department's numbers */
};

static int even(int value)
{
    return value & ~1;
}

static void place_tiles(struct wall_layout *layout)
{
    int count = (int)layout->tile_count, columns = 1;
    while (columns * columns < count)
        columns++;
    int rows = (count + columns - 1) / columns;
    int area_height = WALL_HEIGHT - TOP - BOTTOM;
    int cell_width = even(TILES_WIDTH / columns), cell_height = even(area_height / rows);
    int picture_height = even(cell_width * 9 / 16);
    if (picture_height > cell_height - 20)
        picture_height = even(cell_height - 20);
    int caption_height = cell_height - picture_height < CAPTION_MAX ? cell_height - picture_height : CAPTION_MAX;
    for (int i = 0; i < count; i++) {
        int x = i % columns * cell_width, y = TOP + i / columns * cell_height;
        layout->pictures[i] = (struct rect){ x, y, cell_width - 4, picture_height };
        layout->captions[i] = (struct rect){ x, y + picture_height, cell_width - 4, caption_height };
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

void wall_layout_make(size_t tile_count, struct wall_layout *layout)
{
    assert(tile_count <= WALL_TILES_MAX);
    *layout = (struct wall_layout){
        .title = { MARGIN, 0, 1400, TOP },
        .clock = { WALL_WIDTH - MARGIN - 480, 0, 480, TOP },
        .tile_count = tile_count,
    };
    if (tile_count > 0)
        place_tiles(layout);
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
