#include "videowall/wall/map.h"

#include <assert.h>
#include <glib.h>
#include <jansson.h>
#include <libyuv.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#include "proto/book/book.h"
#include "videowall/wall/label.h"
#include "videowall/wall/theme.h"
#include "videowall/wall/words.h"

enum { PIN_PX = 6, VEIL_PX = 4, MARGIN = 16, LABEL_PX = 26, WORDS_PX = 32 };

struct ring {
    double (*points)[2]; /* pixels */
    size_t count;
};
/* A polygon of an area, or one of several. */
struct shape {
    const struct book_area *area;
    struct ring *rings;
    size_t ring_count;
};

struct map {
    const struct book *book;
    bool english, drawn, known;
    GArray *shapes; /* struct shape, coarse areas first */
    enum tier finest;
    double lat, lon, east_px, north_px, x, y; /* where the middle is, and how large a degree */
    struct wall_area areas[WALL_AREAS_MAX];   /* as they are drawn */
    size_t area_count;
    struct wall_pin pins[WALL_PINS_MAX];
    size_t pin_count;
    struct canvas picture;
};

/* ---- from the book ---- */

static void project(const struct map *map, double lat, double lon, double out[2])
{
    out[0] = map->x + (lon - map->lon) * map->east_px;
    out[1] = map->y - (lat - map->lat) * map->north_px;
}

static void read_ring(const struct map *map, const json_t *points, struct ring *ring)
{
    ring->count = json_array_size(points);
    ring->points = g_malloc0_n(ring->count + 1, sizeof *ring->points);
    for (size_t i = 0; i < ring->count; i++) {
        const json_t *point = json_array_get(points, i);
        project(map, json_number_value(json_array_get(point, 1)), json_number_value(json_array_get(point, 0)),
                ring->points[i]);
    }
}

static void read_polygon(struct map *map, const struct book_area *area, const json_t *rings)
{
    struct shape shape = { .area = area, .ring_count = json_array_size(rings) };
    shape.rings = g_new0(struct ring, shape.ring_count + 1);
    for (size_t i = 0; i < shape.ring_count; i++)
        read_ring(map, json_array_get(rings, i), &shape.rings[i]);
    g_array_append_val(map->shapes, shape);
    map->finest = area->tier > map->finest ? area->tier : map->finest;
}

static void read_feature(struct map *map, const json_t *feature)
{
    const json_t *geometry = json_object_get(feature, "geometry"), *coordinates, *polygon;
    const struct book_area *area =
        book_area(map->book, json_string_value(json_object_get(json_object_get(feature, "properties"), "code")));
    const char *type = json_string_value(json_object_get(geometry, "type"));
    coordinates = json_object_get(geometry, "coordinates");
    assert(area && type); /* the book wrote it */
    size_t i;
    if (strcmp(type, "Polygon") == 0)
        read_polygon(map, area, coordinates);
    else
        json_array_foreach(coordinates, i, polygon) read_polygon(map, area, polygon);
}

/* The smallest and the largest latitude and longitude of all areas' points. */
static void find_bounds(const json_t *value, double low[2], double high[2])
{
    const json_t *item;
    size_t i;
    if (json_is_number(json_array_get(value, 0))) {
        for (int axis = 0; axis < 2; axis++) {
            double at = json_number_value(json_array_get(value, (size_t)axis));
            low[axis] = fmin(low[axis], at);
            high[axis] = fmax(high[axis], at);
        }
        return;
    }
    json_array_foreach(value, i, item) find_bounds(item, low, high);
}

/* As large as fits, north above. */
static void fit(struct map *map, const json_t *features)
{
    double low[2] = { 180, 90 }, high[2] = { -180, -90 };
    const json_t *feature;
    size_t i;
    json_array_foreach(features, i, feature)
        find_bounds(json_object_get(json_object_get(feature, "geometry"), "coordinates"), low, high);
    map->lon = (low[0] + high[0]) / 2;
    map->lat = (low[1] + high[1]) / 2;
    map->x = map->picture.width / 2.0;
    map->y = map->picture.height / 2.0;
    double narrow = cos(map->lat * M_PI / 180), wide = (high[0] - low[0]) * narrow, tall = high[1] - low[1];
    map->north_px = fmin((map->picture.width - 2 * MARGIN) / fmax(wide, 1e-6),
                         (map->picture.height - 2 * MARGIN) / fmax(tall, 1e-6));
    map->east_px = map->north_px * narrow;
}

static int coarse_first(const void *a, const void *b)
{
    return (int)((const struct shape *)a)->area->tier - (int)((const struct shape *)b)->area->tier;
}

struct map *map_create(const struct book *book, int width, int height, bool english)
{
    struct map *map = g_new0(struct map, 1);
    map->book = book;
    map->english = english;
    map->shapes = g_array_new(FALSE, FALSE, sizeof(struct shape));
    map->picture = canvas_create(width, height);
    json_t *collection = json_loads(book_geojson(book), 0, NULL), *feature;
    json_t *features = json_object_get(collection, "features");
    size_t i;
    fit(map, features);
    json_array_foreach(features, i, feature) read_feature(map, feature);
    json_decref(collection);
    g_array_sort(map->shapes, coarse_first);
    return map;
}

void map_destroy(struct map *map)
{
    if (!map)
        return;
    for (guint i = 0; i < map->shapes->len; i++) {
        struct shape *shape = &g_array_index(map->shapes, struct shape, i);
        for (size_t j = 0; j < shape->ring_count; j++)
            g_free(shape->rings[j].points);
        g_free(shape->rings);
    }
    g_array_free(map->shapes, TRUE);
    canvas_destroy(&map->picture);
    g_free(map);
}

/* ---- drawing ---- */

/* What is worst there: its sign, colour and ground. */
static const struct look {
    const char *sign;
    uint32_t ink, ground;
} looks[] = { { "", THEME_TEXT_SOFT, THEME_GROUND },
              { "●", THEME_TEXT, THEME_PICTURE_GROUND },
              { "◆", THEME_WARN, THEME_WARN_GROUND },
              { "▲", THEME_BAD, THEME_BAD_GROUND } };

static const struct look *look_of(const struct wall_area *area)
{
    return !area || !area->open ? &looks[0] : area->overdue ? &looks[3] : area->due_soon ? &looks[2] : &looks[1];
}

static const struct wall_area *find_area(const struct map *map, const struct book_area *area)
{
    for (size_t i = 0; i < map->area_count; i++)
        if (map->areas[i].area == area)
            return &map->areas[i];
    return NULL;
}

static void trace(cairo_t *cairo, const struct shape *shape)
{
    cairo_new_path(cairo);
    for (size_t i = 0; i < shape->ring_count; i++) {
        const struct ring *ring = &shape->rings[i];
        for (size_t j = 0; j < ring->count; j++)
            cairo_line_to(cairo, ring->points[j][0], ring->points[j][1]);
        cairo_close_path(cairo);
    }
}

static void draw_shapes(const struct map *map, cairo_t *cairo)
{
    cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    for (guint i = 0; i < map->shapes->len; i++) { /* fills, then borders, the coarse ones on top */
        const struct shape *shape = &g_array_index(map->shapes, struct shape, i);
        if (shape->area->tier != map->finest)
            continue;
        trace(cairo, shape);
        label_set_source(cairo, look_of(find_area(map, shape->area))->ground);
        cairo_fill(cairo);
    }
    for (guint i = map->shapes->len; i-- > 0;) {
        const struct shape *shape = &g_array_index(map->shapes, struct shape, i);
        bool fine = shape->area->tier == map->finest;
        trace(cairo, shape);
        label_set_source(cairo, fine ? THEME_LINE : THEME_TEXT_SOFT);
        cairo_set_line_width(cairo, fine ? 1.5 : 3);
        cairo_stroke(cairo);
    }
}

/* The worst on top. */
static void draw_pins(const struct map *map, cairo_t *cairo)
{
    for (size_t i = map->pin_count; i-- > 0;) {
        const struct wall_pin *pin = &map->pins[i];
        double place[2];
        project(map, pin->lat, pin->lon, place);
        cairo_arc(cairo, place[0], place[1], PIN_PX, 0, 2 * M_PI);
        label_set_source(cairo, pin->overdue ? THEME_BAD : THEME_WARN);
        cairo_fill_preserve(cairo);
        label_set_source(cairo, THEME_GROUND);
        cairo_set_line_width(cairo, 2);
        cairo_stroke(cairo);
    }
}

static void write_at(cairo_t *cairo, const double place[2], int size_px, uint32_t argb, const char *text)
{
    PangoLayout *layout = label_layout(cairo, size_px, true, text);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    label_set_source(cairo, THEME_VEIL); /* over the points */
    cairo_rectangle(cairo, place[0] - width / 2.0 - VEIL_PX, place[1] - height / 2.0, width + 2 * VEIL_PX, height);
    cairo_fill(cairo);
    cairo_move_to(cairo, place[0] - width / 2.0, place[1] - height / 2.0);
    label_set_source(cairo, argb);
    pango_cairo_show_layout(cairo, layout);
    g_object_unref(layout);
}

static void draw_numbers(const struct map *map, cairo_t *cairo)
{
    for (size_t i = 0; i < map->area_count; i++) {
        const struct wall_area *area = &map->areas[i];
        const struct look *look = look_of(area);
        double place[2];
        char text[40];
        if (!area->open || (area->area->lat == 0 && area->area->lon == 0))
            continue;
        snprintf(text, sizeof text, "%s%lld", look->sign,
                 (long long)(area->overdue    ? area->overdue
                             : area->due_soon ? area->due_soon
                                              : area->open));
        project(map, area->area->lat, area->area->lon, place);
        write_at(cairo, place, LABEL_PX, look->ink, text);
    }
}

static void draw(struct map *map)
{
    const struct canvas *picture = &map->picture;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture->width, picture->height);
    cairo_t *cairo = cairo_create(surface);
    label_set_source(cairo, THEME_GROUND);
    cairo_paint(cairo);
    draw_shapes(map, cairo);
    draw_pins(map, cairo);
    draw_numbers(map, cairo);
    if (!map->known)
        write_at(cairo, (const double[2]){ map->x, map->y }, WORDS_PX, THEME_WARN,
                 wall_word(map->english, WORD_NO_DATA));
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    ARGBToI420(cairo_image_surface_get_data(surface), cairo_image_surface_get_stride(surface), picture->y,
               picture->y_stride, picture->u, picture->uv_stride, picture->v, picture->uv_stride, picture->width,
               picture->height);
    cairo_surface_destroy(surface);
}

bool map_draw(struct map *map, const struct canvas *stage, int x, int y, const struct wall_numbers *numbers)
{
    size_t bytes = numbers->area_count * sizeof *numbers->areas, pin_bytes = numbers->pin_count * sizeof *numbers->pins;
    if (map->drawn && map->known == numbers->known && map->area_count == numbers->area_count &&
        map->pin_count == numbers->pin_count && memcmp(map->areas, numbers->areas, bytes) == 0 &&
        memcmp(map->pins, numbers->pins, pin_bytes) == 0)
        return false;
    map->drawn = true;
    map->known = numbers->known;
    map->area_count = numbers->area_count;
    memcpy(map->areas, numbers->areas, bytes);
    map->pin_count = numbers->pin_count;
    memcpy(map->pins, numbers->pins, pin_bytes);
    draw(map);
    struct canvas part = canvas_part(stage, (struct rect){ x, y, map->picture.width, map->picture.height });
    canvas_copy(&part, &map->picture);
    return true;
}
