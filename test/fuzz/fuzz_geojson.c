/* The polygons of areas: what is taken can be asked for points and shapes, and shown. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "proto/book/polygons.h"
#include "test/fuzz/fuzz.h"

enum { AREAS_MAX = 50 };

static void ask(const struct polygons *polygons, const struct book_area *area)
{
    static const double radii_m[] = { -1, 0, 50, 1e7 };
    const struct book_area *touched[AREAS_MAX];
    struct book_point square[] = {
        { area->lat - 1, area->lon - 1 }, { area->lat + 1, area->lon - 1 }, { area->lat + 1, area->lon + 1 }, { 0, 0 }
    };
    polygons_locate(polygons, area->lat, area->lon);
    for (size_t i = 0; i < sizeof radii_m / sizeof *radii_m; i++) {
        struct book_shape shape = { .points = square, .count = radii_m[i] < 0 ? 4 : 1, .radius_m = radii_m[i] };
        size_t count = polygons_touched(polygons, &shape, touched);
        assert(count <= polygons_count(polygons));
        for (size_t t = 0; t < count; t++)
            fuzz_touch_text(touched[t]->code);
    }
}

/* As the book's reader does: every feature becomes an area, or the file is refused. */
static void use(struct polygons *polygons, struct arena *arena)
{
    struct book_area areas[AREAS_MAX];
    struct fault fault = { "" };
    size_t count = polygons_count(polygons);
    if (count > AREAS_MAX)
        return;
    for (size_t i = 0; i < count; i++) {
        areas[i] = (struct book_area){ .code = polygons_label(polygons, i), .name = { "名", "n" }, .tier = TIER_GRID };
        if (polygons_join(polygons, i, &areas[i], &fault) < 0) {
            assert(*fault.text);
            return;
        }
    }
    const char *text = polygons_finish(polygons, arena);
    json_t *collection = json_loads(text, 0, NULL);
    assert(json_array_size(json_object_get(collection, "features")) == count);
    json_decref(collection);
    for (size_t i = 0; i < count; i++)
        ask(polygons, &areas[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer file = { (uint8_t *)data, size, size };
    struct polygons *polygons;
    struct arena arena = { 0 };
    struct fault fault = { "" };
    if (polygons_read(&file, "code", &polygons, &fault) < 0) {
        assert(*fault.text);
        return 0;
    }
    use(polygons, &arena);
    polygons_destroy(polygons);
    arena_finish(&arena);
    return 0;
}
