#include "videowall/wall/mosaic.h"

#include <glib.h>

#include "proto/base/clock.h"
#include "proto/book/book.h"
#include "videowall/wall/map.h"
#include "videowall/wall/panel.h"
#include "videowall/wall/theme.h"
#include "videowall/wall/tile.h"

struct mosaic {
    struct wall_layout layout;
    int height;
    struct tile *tiles[WALL_TILES_MAX];
    size_t tile_count;
    struct map *map;    /* NULL: none */
    char *banner;       /* NULL: none */
    struct panel panel; /* of the wall's thread only, like the next ones */
    struct label banner_label;
    bool drawn;
};

static void open_tiles(struct mosaic *mosaic, const struct mosaic_options *options)
{
    for (size_t i = 0; i < options->camera_count; i++) {
        struct tile_options each = {
            .feeds = options->feeds,
            .decoders = options->decoders,
            .camera = options->cameras[i],
            .picture = mosaic->layout.pictures[i],
            .caption = mosaic->layout.captions[i],
            .english = options->english,
        };
        mosaic->tiles[mosaic->tile_count++] = tile_open(&each);
    }
}

struct mosaic *mosaic_open(const struct mosaic_options *options)
{
    struct mosaic *mosaic = g_new0(struct mosaic, 1);
    const struct book *book = options->book;
    wall_layout_make(&options->shape, options->camera_count, &mosaic->layout);
    mosaic->panel = (struct panel){ .english = options->english, .zone = book->zone, .layout = &mosaic->layout };
    mosaic->panel.title = options->english ? book->name.en : book->name.zh;
    mosaic->banner = g_strdup(options->banner);
    mosaic->height = options->banner ? options->shape.within.y + options->shape.within.height : WALL_HEIGHT;
    const struct rect *map = &mosaic->layout.map;
    if (map->width)
        mosaic->map = map_create(book, map->width, map->height, options->english);
    open_tiles(mosaic, options);
    return mosaic;
}

struct label_style mosaic_banner_style(void)
{
    return (struct label_style){ .width = POPUP_WIDTH,
                                 .height = POPUP_BANNER,
                                 .size_px = POPUP_BANNER / 2,
                                 .bold = true,
                                 .text_argb = THEME_TEXT,
                                 .ground_argb = THEME_BAD_GROUND };
}

static void draw_banner(struct mosaic *mosaic, const struct canvas *stage)
{
    struct label_style style = mosaic_banner_style();
    if (mosaic->banner && label_set(&mosaic->banner_label, &style, mosaic->banner))
        label_blend(&mosaic->banner_label, stage, 0, 0);
}

void mosaic_draw(struct mosaic *mosaic, const struct canvas *stage, const struct wall_numbers *numbers)
{
    int64_t mono_ms = clock_mono_ms();
    if (!mosaic->drawn)
        canvas_fill(stage, THEME_GROUND); /* what stood there before */
    mosaic->drawn = true;
    for (size_t i = 0; i < mosaic->tile_count; i++)
        tile_draw(mosaic->tiles[i], stage, mono_ms);
    panel_draw(&mosaic->panel, stage, numbers, clock_now_ms());
    draw_banner(mosaic, stage);
    if (mosaic->map)
        map_draw(mosaic->map, stage, mosaic->layout.map.x, mosaic->layout.map.y, numbers);
}

int mosaic_height(const struct mosaic *mosaic)
{
    return mosaic->height;
}

size_t mosaic_tiles(const struct mosaic *mosaic)
{
    return mosaic->tile_count;
}

size_t mosaic_live_tiles(const struct mosaic *mosaic)
{
    size_t live = 0;
    for (size_t i = 0; i < mosaic->tile_count; i++)
        live += tile_is_live(mosaic->tiles[i]);
    return live;
}

bool mosaic_is_settled(const struct mosaic *mosaic)
{
    for (size_t i = 0; i < mosaic->tile_count; i++)
        if (!tile_is_settled(mosaic->tiles[i]))
            return false;
    return true;
}

void mosaic_close(struct mosaic *mosaic)
{
    if (!mosaic)
        return;
    for (size_t i = 0; i < mosaic->tile_count; i++)
        tile_close(mosaic->tiles[i]);
    map_destroy(mosaic->map);
    panel_finish(&mosaic->panel);
    label_finish(&mosaic->banner_label);
    g_free(mosaic->banner);
    g_free(mosaic);
}
