/* Scenes, tours and pop-ups of the native wall, on real cameras. */
#include <string.h>

#include "proto/book/book.h"
#include "test/e2e/wall_stage.h"
#include "videowall/wall/mosaic.h"

static struct video_stage stage;
static struct shown healthy = { .stage = &stage,
                                .cameras = { "cam-01", "cam-02", "cam-03", "cam-04" },
                                .language = "zh" };

struct wanted {
    const char *scene;
    size_t page;
};

static bool is_shown(void *context)
{
    const struct wanted *wanted = context;
    struct wall_shown shown = wall_shown(healthy.wall);
    return strcmp(shown.scene, wanted->scene) == 0 && shown.page == wanted->page;
}

static void wait_shown(const char *scene, size_t page)
{
    struct wanted wanted = { scene, page };
    if (!harness_run(stage.harness, is_shown, NULL, &wanted))
        fail_msg("scene '%s', page %zu; expected '%s', page %zu", wall_shown(healthy.wall).scene,
                 wall_shown(healthy.wall).page, scene, page);
}

static bool is_wide(void *context)
{
    (void)context;
    struct camera_status status = feed_status(stage.feeds, book_camera(stage.book, TWO_STREAMS));
    return status.state == CAMERA_LIVE && status.width == 1920;
}

static void a_scene_comes_when_it_has_its_pictures(void **state)
{
    (void)state;
    struct fault fault = { "" };
    struct feed_viewer wide = { .wide_px = 1920 }; /* so that its main stream is drawn and encoded already */
    assert_int_equal(feed_add_viewer(stage.feeds, TWO_STREAMS, &wide), 0);
    assert_true(harness_run(stage.harness, is_wide, NULL, NULL));
    struct wall_shape shape = { .columns = 2, .rows = 1, .large = 1 };
    struct wall_layout pair;
    assert_int_equal(wall_show_scene(healthy.wall, "pair", &fault), 0);
    assert_string_equal(wall_shown(healthy.wall).scene, ""); /* not before */
    wait_shown("pair", 1);
    assert_int_equal(wall_shown(healthy.wall).live, 2);
    assert_int_equal(feed_status(stage.feeds, book_camera(stage.book, TWO_STREAMS)).width, 1920); /* it is shown wide */
    feed_remove_viewer(&wide);
    wall_layout_make(&shape, 2, &pair);
    cairo_surface_t *picture = next_picture(&healthy);
    for (int i = 0; i < 2; i++)
        assert_true(colourful(picture, pair.pictures[i]) > 0.5);
    /* nothing is left of what stood there */
    struct rect below = { 0, pair.captions[0].y + pair.captions[0].height, WALL_WIDTH, 200 };
    assert_true(colourful(picture, below) < 0.001);
    cairo_surface_destroy(picture);
}

static void a_tour_goes_on_by_itself_past_a_dead_camera_and_stays_when_held(void **state)
{
    (void)state;
    struct fault fault = { "" };
    assert_int_equal(wall_show_scene(healthy.wall, "tour", &fault), 0);
    wait_shown("tour", 1);
    assert_int_equal(wall_shown(healthy.wall).pages, 3);
    wait_shown("tour", 2);
    assert_int_equal(wall_shown(healthy.wall).live, 0); /* the dead one is shown as what it is */
    wait_shown("tour", 3);
    wall_hold(healthy.wall, true);
    assert_true(wall_shown(healthy.wall).held);
    wall_turn(healthy.wall, 1); /* by hand it goes on, round the end */
    wait_shown("tour", 1);
    wall_turn(healthy.wall, -1);
    wait_shown("tour", 3);
}

static void a_scene_that_is_not_there_is_named_with_those_that_are(void **state)
{
    (void)state;
    struct fault fault = { "" };
    assert_int_equal(wall_show_scene(healthy.wall, "trio", &fault), -ENOENT);
    assert_string_equal(fault.text, "wall: the book has no scene 'trio'; expected pair, tour");
}

static double unlike_banner(cairo_surface_t *picture, const char *text)
{
    struct label_style style = mosaic_banner_style();
    return unlike_label(picture, (struct rect){ POPUP_X, POPUP_Y, style.width, style.height }, &style, text);
}

static void a_case_pops_up_over_what_is_shown_and_the_tour_stands(void **state)
{
    (void)state;
    struct fault fault = { "" };
    const char *title = "▲ 井盖缺失 · GL-1";
    const struct book_camera *cameras[] = { book_camera(stage.book, "cam-03"), book_camera(stage.book, "cam-dead") };
    struct wall_popup popup = {
        .number = "GL-1", .title = title, .cameras = cameras, .camera_count = 2, .dwell_s = 3600
    };
    wall_hold(healthy.wall, false);
    assert_int_equal(wall_show_scene(healthy.wall, "tour", &fault), 0);
    wait_shown("tour", 1);
    wall_pop_up(healthy.wall, &popup);
    assert_string_equal(wall_shown(healthy.wall).popup, "GL-1");
    for (int twice = 0; twice < 4; twice++) /* eight seconds; pages of the tour stay 5 s */
        cairo_surface_destroy(next_picture(&healthy));
    cairo_surface_t *picture = next_picture(&healthy);
    assert_int_equal(wall_shown(healthy.wall).page, 1);
    assert_true(unlike_banner(picture, title) < LABEL_UNLIKE);
    struct wall_place places[WALL_TILES_MAX];
    assert_int_equal(wall_places(healthy.wall, places), 0); /* it stands over them */
    struct rect left = { POPUP_X + 40, POPUP_Y + POPUP_BANNER + 80, POPUP_WIDTH / 2 - 80, 200 }, right = left;
    right.x += POPUP_WIDTH / 2;
    assert_true(colourful(picture, left) > 0.5);
    assert_true(colourful(picture, right) < 0.01); /* the dead one */
    cairo_surface_destroy(picture);
    wall_clear(healthy.wall);
    assert_string_equal(wall_shown(healthy.wall).popup, "");
    picture = next_picture(&healthy);
    assert_true(unlike_banner(picture, title) > LABEL_UNLIKE);
    cairo_surface_destroy(picture);
    wait_shown("tour", 2); /* it goes on */
}

static int set_up(void **state)
{
    (void)state;
    video_stage_open(&stage);
    open_wall(&healthy);
    wait_live(&healthy, SIMULATED); /* so that what is waited for later is drawn and encoded already */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_wall(&healthy);
    video_stage_close(&stage);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scene_comes_when_it_has_its_pictures),
        cmocka_unit_test(a_tour_goes_on_by_itself_past_a_dead_camera_and_stays_when_held),
        cmocka_unit_test(a_scene_that_is_not_there_is_named_with_those_that_are),
        cmocka_unit_test(a_case_pops_up_over_what_is_shown_and_the_tour_stands),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
