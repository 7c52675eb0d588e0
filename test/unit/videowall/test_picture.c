/* What the wall draws with: layout, labels, canvases, words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/book/book.h"
#include "test/unit/book/support.h"
#include "videowall/media/media.h"
#include "videowall/wall/label.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/map.h"
#include "videowall/wall/output.h"
#include "videowall/wall/panel.h"
#include "videowall/wall/tile.h"
#include "videowall/wall/words.h"

static bool is_inside(struct rect part)
{
    return part.x >= 0 && part.y >= 0 && part.width > 0 && part.height > 0 && part.x + part.width <= WALL_WIDTH &&
           part.y + part.height <= WALL_HEIGHT && (part.x | part.y | part.width | part.height) % 2 == 0;
}

static bool overlap(struct rect a, struct rect b)
{
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

static size_t all_of(const struct wall_layout *layout, struct rect *all)
{
    size_t count = 0;
    for (size_t i = 0; i < layout->tile_count; i++) {
        all[count++] = layout->pictures[i];
        all[count++] = layout->captions[i];
    }
    if (layout->map.width)
        all[count++] = layout->map;
    if (!layout->panels)
        return count;
    all[count++] = layout->title;
    all[count++] = layout->clock;
    for (int i = 0; i < WALL_HEADLINES; i++) {
        all[count++] = layout->numbers[i];
        all[count++] = layout->words[i];
    }
    for (int i = 0; i < WALL_COLUMNS; i++) {
        all[count++] = layout->heads[i];
        for (int row = 0; row < WALL_DEPARTMENTS_MAX; row++)
            all[count++] = layout->departments[row][i];
    }
    return count;
}

static void check_layout(const struct wall_shape *shape, size_t tiles)
{
    struct wall_layout layout;
    struct rect all[2 * WALL_TILES_MAX + 71];
    wall_layout_make(shape, tiles, &layout);
    size_t count = all_of(&layout, all);
    for (size_t i = 0; i < count; i++) {
        if (!is_inside(all[i]))
            fail_msg("%d x %d, %d, %zu tiles: part %zu sticks out", shape->columns, shape->rows, shape->large, tiles,
                     i);
        for (size_t j = 0; j < i; j++)
            if (overlap(all[i], all[j]))
                fail_msg("%d x %d, %d, %zu tiles: parts %zu and %zu overlap", shape->columns, shape->rows, shape->large,
                         tiles, i, j);
    }
}

static void nothing_on_the_wall_overlaps_or_sticks_out(void **state)
{
    (void)state;
    for (size_t tiles = 0; tiles <= WALL_TILES_MAX; tiles++) {
        struct wall_shape shape = wall_shape_of(tiles);
        check_layout(&shape, tiles);
    }
    for (int columns = 1; columns <= SCENE_GRID_MAX; columns++)
        for (int rows = 1; rows <= SCENE_GRID_MAX; rows++)
            for (int large = 1; large <= columns && large <= rows; large++)
                for (int more = 0; more < 4; more++) {
                    struct wall_shape shape = {
                        .columns = columns, .rows = rows, .large = large, .panels = more & 1, .map = more & 2
                    };
                    check_layout(&shape, wall_shape_tiles(&shape));
                }
}

static void the_first_tile_may_be_larger_than_the_others(void **state)
{
    (void)state;
    struct wall_shape shape = { .columns = 4, .rows = 4, .large = 3 }; /* one and seven beside it */
    struct wall_layout layout;
    assert_int_equal(wall_shape_tiles(&shape), 8);
    wall_layout_make(&shape, 8, &layout);
    assert_int_equal(layout.pictures[0].width, 1440 - 4);
    assert_int_equal(layout.pictures[1].x, 1440);
    assert_int_equal(layout.pictures[4].x, 0); /* the row below it is full again */
    assert_int_equal(layout.pictures[4].y, 810);
    for (int i = 1; i < 8; i++)
        assert_int_equal(layout.pictures[i].width, 480 - 4);
}

static void a_pop_up_is_a_picture_with_its_tiles_below_the_banner(void **state)
{
    (void)state;
    struct rect within = { 0, POPUP_BANNER, POPUP_WIDTH, POPUP_HEIGHT - POPUP_BANNER };
    struct wall_shape shape = { .columns = 2, .rows = 2, .large = 1, .within = within };
    struct wall_layout layout;
    struct rect whole = { POPUP_X, POPUP_Y, POPUP_WIDTH, POPUP_HEIGHT };
    assert_true(is_inside(whole));
    wall_layout_make(&shape, 4, &layout);
    for (int i = 0; i < 4; i++) {
        struct rect picture = layout.pictures[i], caption = layout.captions[i];
        assert_true(picture.y >= POPUP_BANNER && picture.x + picture.width <= POPUP_WIDTH);
        assert_true(caption.height >= 20 && caption.y + caption.height <= POPUP_HEIGHT);
        assert_int_equal(picture.width * 9 / 16 / 8, picture.height / 8); /* nearly 16 to 9 */
    }
}

static void a_picture_keeps_its_shape_in_a_tile(void **state)
{
    (void)state;
    static const struct {
        int picture_width, picture_height;
        struct rect expected; /* in a box of 640 x 360 */
    } rows[] = {
        { 1920, 1080, { 0, 0, 640, 360 } },  { 640, 480, { 80, 0, 480, 360 } }, { 1080, 1920, { 218, 0, 202, 360 } },
        { 2000, 500, { 0, 100, 640, 160 } }, { 16, 60000, { 318, 0, 2, 360 } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rect fit = layout_fit(640, 360, rows[i].picture_width, rows[i].picture_height);
        assert_memory_equal(&fit, &rows[i].expected, sizeof fit);
    }
}

static void a_label_is_drawn_only_when_it_changes(void **state)
{
    (void)state;
    struct label label = { 0 };
    struct label_style style = { .width = 200, .height = 40, .size_px = 24, .text_argb = 0xffffffff };
    assert_true(label_set(&label, &style, "鼓楼 12"));
    assert_false(label_set(&label, &style, "鼓楼 12"));
    assert_true(label_set(&label, &style, "鼓楼 13"));
    style.text_argb = 0xffff0000;
    assert_true(label_set(&label, &style, "鼓楼 13"));
    style.width = 220;
    assert_true(label_set(&label, &style, "鼓楼 13"));
    label_finish(&label);
}

static int sum_of_luma(const struct canvas *canvas)
{
    int sum = 0;
    for (int y = 0; y < canvas->height; y++)
        for (int x = 0; x < canvas->width; x++)
            sum += canvas->y[y * canvas->y_stride + x];
    return sum;
}

static void a_label_without_ground_leaves_the_picture_beside_its_letters(void **state)
{
    (void)state;
    struct canvas canvas = canvas_create(256, 64);
    canvas_fill(&canvas, 0x204060);
    uint8_t ground = canvas.y[0];
    struct label label = { 0 };
    struct label_style style = { .width = 200, .height = 40, .size_px = 24, .text_argb = 0xffffffff };
    label_blend(&label, &canvas, 0, 0); /* nothing set: nothing drawn */
    assert_int_equal(sum_of_luma(&canvas), ground * 256 * 64);
    label_set(&label, &style, "42");
    label_blend(&label, &canvas, 8, 8);
    assert_true(sum_of_luma(&canvas) > ground * 256 * 64);
    assert_in_range(canvas.y[9 * canvas.y_stride + 9], ground - 1, ground + 1);
    assert_int_equal(canvas.y[60 * canvas.y_stride + 250], ground);
    label_finish(&label);
    canvas_destroy(&canvas);
}

static void an_old_picture_loses_its_colour(void **state)
{
    (void)state;
    struct canvas canvas = canvas_create(16, 16);
    canvas_fill(&canvas, 0xff0000);
    assert_int_not_equal(canvas.v[0], 128);
    canvas_grey(&canvas);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(canvas.u[i], 128);
        assert_int_equal(canvas.v[i], 128);
    }
    canvas_destroy(&canvas);
}

static void what_is_not_known_is_not_zero(void **state)
{
    (void)state;
    struct wall_numbers numbers = { .known = false };
    char text[24];
    panel_number_text(text, HEADLINE_OPEN, &numbers);
    assert_string_equal(text, "—");
    numbers.known = true;
    panel_number_text(text, HEADLINE_OVERDUE, &numbers);
    assert_string_equal(text, "0");
    numbers.overdue = 3;
    panel_number_text(text, HEADLINE_OVERDUE, &numbers);
    assert_string_equal(text, "▲ 3"); /* abnormal by a sign, not by colour alone */
}

static void ages_are_told_in_the_largest_unit_that_is_exact_enough(void **state)
{
    (void)state;
    static const struct {
        int64_t age_ms;
        const char *zh, *en;
    } rows[] = {
        { -50, "0 秒前", "0 s ago" },        { 2999, "2 秒前", "2 s ago" },      { 119999, "119 秒前", "119 s ago" },
        { 120000, "2 分钟前", "2 min ago" }, { 7200000, "2 小时前", "2 h ago" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[48];
        wall_age(text, sizeof text, false, rows[i].age_ms);
        assert_string_equal(text, rows[i].zh);
        wall_age(text, sizeof text, true, rows[i].age_ms);
        assert_string_equal(text, rows[i].en);
    }
}

static void an_output_that_is_not_there_is_named(void **state)
{
    (void)state;
    static const char *const good[] = { NULL, "", "none", "png:/tmp/x", "rtsp:8555", "window,rtsp:0,png:a", "kms" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(wall_check_output(good[i], NULL), 0);
    static const char *const bad[] = { "pgn:/tmp/x", "png:",     "png",   "rtsp:", "rtsp:70000",
                                       "rtsp:x",     "window:1", "kms:1", "," };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fault fault = { "" };
        assert_int_equal(wall_check_output(bad[i], &fault), -EINVAL);
        if (!strstr(fault.text, "expected"))
            fail_msg("'%s': '%s'", bad[i], fault.text);
    }
}

static void a_window_without_a_display_is_refused(void **state)
{
    (void)state;
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    struct output_options options = { .png_keep = 1 };
    struct output *output;
    struct fault fault = { "" };
    assert_int_equal(media_init(&fault), 0);
    assert_int_equal(output_open("window", &options, &output, &fault), -ENODEV);
    assert_non_null(strstr(fault.text, "png:FOLDER")); /* what to do instead */
}

static void a_machine_without_a_screen_says_what_kms_wants(void **state)
{
    (void)state;
    struct output_options options = { .png_keep = 1 };
    struct output *output;
    struct fault fault = { "" };
    assert_int_equal(media_init(&fault), 0);
    if (access("/dev/dri", F_OK) == 0)
        skip(); /* it would take this machine's screen */
    assert_int_equal(output_open("kms", &options, &output, &fault), -ENODEV);
    assert_non_null(strstr(fault.text, "/dev/dri"));
}

/* ---- the map ---- */

static int64_t redness(const struct canvas *canvas)
{
    int64_t sum = 0;
    for (int i = 0; i < canvas->height / 2 * canvas->uv_stride; i++)
        sum += canvas->v[i];
    return sum;
}

static void a_dead_cameras_picture_is_as_old_as_it_is(void **state)
{
    (void)state;
    enum { TOLD = 1000, DECODED = 600000 }; /* its tile was opened ten minutes later */
    assert_int_equal(tile_picture_mono_ms(CAMERA_LOST, DECODED, TOLD), TOLD);
    assert_int_equal(tile_picture_mono_ms(CAMERA_FROZEN, DECODED, TOLD), TOLD);
    assert_int_equal(tile_picture_mono_ms(CAMERA_LOST, DECODED, -TOLD), -TOLD); /* older than the machine is up */
    assert_int_equal(tile_picture_mono_ms(CAMERA_LIVE, DECODED, TOLD), DECODED);
    assert_int_equal(tile_picture_mono_ms(CAMERA_LOST, DECODED, 0), DECODED);
    assert_int_equal(tile_picture_mono_ms(CAMERA_LOST, TOLD, DECODED), TOLD); /* what is shown is an earlier one */
    assert_int_equal(tile_picture_mono_ms(CAMERA_LOST, 0, TOLD), 0);
}

static void the_map_is_drawn_anew_only_when_it_says_something_else(void **state)
{
    (void)state;
    char folder[600];
    struct book *book;
    struct fault fault = { "" };
    struct wall_numbers numbers = { .known = true };
    snprintf(folder, sizeof folder, "%s/examples/gulou", source_root());
    if (book_load(folder, &book, NULL, NULL, &fault) < 0)
        fail_msg("%s", fault.text);
    struct canvas stage = canvas_create(960, 640);
    struct map *map = map_create(book, 960, 640, true);
    assert_true(map_draw(map, &stage, 0, 0, &numbers));
    assert_false(map_draw(map, &stage, 0, 0, &numbers));
    int64_t calm = redness(&stage);
    numbers.areas[0] = (struct wall_area){ .area = book_locate(book, 39.94545, 116.37972), .open = 3 };
    numbers.area_count = 1;
    assert_non_null(numbers.areas[0].area);
    assert_true(map_draw(map, &stage, 0, 0, &numbers));
    int64_t open = redness(&stage);
    numbers.areas[0].overdue = 1;
    assert_true(map_draw(map, &stage, 0, 0, &numbers));
    assert_false(map_draw(map, &stage, 0, 0, &numbers));
    int64_t overdue = redness(&stage);
    assert_true(overdue > open + 10000 && overdue > calm + 10000); /* one of forty areas has become red */
    numbers.pins[0] = (struct wall_pin){ 39.94, 116.39, 1 };
    numbers.pin_count = 1;
    assert_true(map_draw(map, &stage, 0, 0, &numbers));
    assert_false(map_draw(map, &stage, 0, 0, &numbers));
    int64_t pinned = redness(&stage);
    assert_true(pinned > overdue); /* the case itself is a red point */
    numbers.known = false;
    assert_true(map_draw(map, &stage, 0, 0, &numbers)); /* and says so */
    map_destroy(map);
    canvas_destroy(&stage);
    book_destroy(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_on_the_wall_overlaps_or_sticks_out),
        cmocka_unit_test(the_first_tile_may_be_larger_than_the_others),
        cmocka_unit_test(a_pop_up_is_a_picture_with_its_tiles_below_the_banner),
        cmocka_unit_test(a_picture_keeps_its_shape_in_a_tile),
        cmocka_unit_test(a_label_is_drawn_only_when_it_changes),
        cmocka_unit_test(a_label_without_ground_leaves_the_picture_beside_its_letters),
        cmocka_unit_test(an_old_picture_loses_its_colour),
        cmocka_unit_test(what_is_not_known_is_not_zero),
        cmocka_unit_test(ages_are_told_in_the_largest_unit_that_is_exact_enough),
        cmocka_unit_test(a_dead_cameras_picture_is_as_old_as_it_is),
        cmocka_unit_test(the_map_is_drawn_anew_only_when_it_says_something_else),
        cmocka_unit_test(an_output_that_is_not_there_is_named),
        cmocka_unit_test(a_window_without_a_display_is_refused),
        cmocka_unit_test(a_machine_without_a_screen_says_what_kms_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
