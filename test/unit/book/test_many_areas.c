/* A district of 10,000 grids whose borders are crooked: each point lies in the grid that a count of crossed borders says, too. How fast that is
 * found is told, not judged. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

enum { SIDE = 100, GRIDS = SIDE * SIDE, CORNERS = SIDE + 1, POINTS = 2000, ROUNDS = 100 };
static const double WEST = 116.2, SOUTH = 39.8, CELL_DEG = 0.003;

struct corner {
    double lat, lon;
};
struct city {
    struct book_folder folder;
    struct book *book;
    struct corner corners[CORNERS][CORNERS];
    uint32_t dice;
};

/* From 0 to 1. */
static double roll(struct city *city)
{
    city->dice = city->dice * 1664525 + 1013904223;
    return city->dice / 4294967296.0;
}

/* Off its place by up to a third of a cell. */
static void place_corners(struct city *city)
{
    for (int y = 0; y < CORNERS; y++)
        for (int x = 0; x < CORNERS; x++)
            city->corners[y][x] = (struct corner){ SOUTH + (y + (roll(city) - 0.5) * 0.6) * CELL_DEG,
                                                   WEST + (x + (roll(city) - 0.5) * 0.6) * CELL_DEG };
}

/* Counter-clockwise from the south-west. */
static void corners_of(const struct city *city, int grid, struct corner corners[4])
{
    int y = grid / SIDE, x = grid % SIDE;
    corners[0] = city->corners[y][x];
    corners[1] = city->corners[y][x + 1];
    corners[2] = city->corners[y + 1][x + 1];
    corners[3] = city->corners[y + 1][x];
}

static void write_polygons(const struct city *city, struct buffer *out)
{
    buffer_text(out, "{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (int grid = 0; grid < GRIDS; grid++) {
        struct corner corners[4];
        corners_of(city, grid, corners);
        buffer_format(out,
                      "%s{\"type\":\"Feature\",\"properties\":{\"id\":\"g%04d\"},\"geometry\":{\"type\":\"Polygon\",",
                      grid ? ",\n" : "", grid);
        buffer_text(out, "\"coordinates\":[[");
        for (int i = 0; i <= 4; i++)
            buffer_format(out, "%s[%.9f,%.9f]", i ? "," : "", corners[i % 4].lon, corners[i % 4].lat);
        buffer_text(out, "]]}}");
    }
    buffer_text(out, "]}\n");
}

static void write_areas(struct buffer *out)
{
    buffer_text(out, "polygons: {file: p.geojson, property: id, tier: grid}\n"
                     "areas:\n  - {code: d, name: 区, tier: district}\n");
    for (int grid = 0; grid < GRIDS; grid++)
        buffer_format(out, "  - {code: g%04d, name: 网格, tier: grid, parent: d}\n", grid);
}

static int open_city(void **state)
{
    struct city *city = calloc(1, sizeof *city);
    struct buffer polygons = { 0 }, areas = { 0 };
    struct fault fault = { "" };
    city->dice = 2026;
    place_corners(city);
    write_polygons(city, &polygons);
    write_areas(&areas);
    book_folder_make(&city->folder);
    book_folder_write(&city->folder, "p.geojson", buffer_string(&polygons));
    book_folder_write(&city->folder, "areas.yaml", buffer_string(&areas));
    book_folder_write(&city->folder, "people.yaml", "people: []\n");
    book_folder_write(&city->folder, "cameras.yaml", "cameras: []\n");
    buffer_finish(&polygons);
    buffer_finish(&areas);
    if (book_load(city->folder.path, &city->book, NULL, NULL, &fault))
        print_error("%s\n", fault.text);
    *state = city;
    return city->book ? 0 : -1;
}

static int close_city(void **state)
{
    struct city *city = *state;
    book_destroy(city->book);
    book_folder_remove(&city->folder);
    free(city);
    return 0;
}

/* Even-odd rule: a ray to the east crosses the border an odd number of times. */
static bool holds(const struct corner corners[4], struct corner point)
{
    bool inside = false;
    for (int i = 0; i < 4; i++) {
        struct corner a = corners[i], b = corners[(i + 1) % 4];
        if ((a.lat > point.lat) != (b.lat > point.lat) &&
            point.lon < a.lon + (b.lon - a.lon) * (point.lat - a.lat) / (b.lat - a.lat))
            inside = !inside;
    }
    return inside;
}

/* -1: in none. */
static int grid_at(const struct city *city, struct corner point)
{
    for (int grid = 0; grid < GRIDS; grid++) {
        struct corner corners[4];
        corners_of(city, grid, corners);
        if (holds(corners, point))
            return grid;
    }
    return -1;
}

/* Here and there beyond the district's own border. */
static struct corner any_point(struct city *city)
{
    double lat = SOUTH + (roll(city) * (SIDE + 2) - 1) * CELL_DEG;
    return (struct corner){ lat, WEST + (roll(city) * (SIDE + 2) - 1) * CELL_DEG };
}

static void every_point_lies_in_its_grid(void **state)
{
    struct city *city = *state;
    int outside = 0;
    for (int i = 0; i < POINTS; i++) {
        struct corner point = any_point(city);
        int grid = grid_at(city, point);
        char code[16] = "";
        if (grid >= 0)
            snprintf(code, sizeof code, "g%04d", grid);
        outside += grid < 0;
        const struct book_area *found = book_locate(city->book, point.lat, point.lon);
        if (strcmp(found ? found->code : "", code) != 0)
            fail_msg("%.9f, %.9f: in '%s', expected '%s'", point.lat, point.lon, found ? found->code : "", code);
    }
    assert_true(outside > 0 && outside < POINTS / 5);
}

static void how_fast_they_are_found(void **state)
{
    struct city *city = *state;
    static struct corner points[POINTS];
    int found = 0;
    for (int i = 0; i < POINTS; i++)
        points[i] = any_point(city);
    int64_t started_us = clock_mono_us();
    for (int i = 0; i < POINTS * ROUNDS; i++)
        found += book_locate(city->book, points[i % POINTS].lat, points[i % POINTS].lon) != NULL;
    int64_t took_us = clock_mono_us() - started_us;
    assert_true(found > POINTS * ROUNDS * 4 / 5);
    print_message("# %d polygons: %lld look-ups a second\n", GRIDS,
                  (long long)POINTS * ROUNDS * 1000000 / (took_us ? took_us : 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_point_lies_in_its_grid),
        cmocka_unit_test(how_fast_they_are_found),
    };
    return cmocka_run_group_tests(tests, open_city, close_city);
}
