/* The native wall on real cameras: RTSP, hub, bus, decoders, mosaic, PNG files. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/cameras/readers.h"
#include "proto/book/book.h"
#include "test/e2e/wall_stage.h"
#include "videowall/wall/broadcast.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/mosaic.h"
#include "videowall/wall/panel.h"
#include "videowall/wall/tile.h"
#include "videowall/wall/wall.h"

static struct video_stage stage;
static struct shown healthy = { .stage = &stage,
                                .cameras = { "cam-01", "cam-02", "cam-03", "cam-04" },
                                .language = "zh" };
static struct shown crippled = { .stage = &stage,
                                 .cameras = { "cam-01", "cam-dead", "cam-03", "cam-04" },
                                 .language = "en" };

static void four_cameras_move_and_differ(void **state)
{
    (void)state;
    wait_live(&healthy, SIMULATED);
    cairo_surface_t *first = next_picture(&healthy), *second = next_picture(&healthy);
    const struct rect *tiles = healthy.layout.pictures;
    for (int i = 0; i < SIMULATED; i++) {
        assert_true(colourful(first, tiles[i]) > 0.5);
        double moved = difference(first, tiles[i], second, tiles[i]);
        if (moved < 0.1)
            fail_msg("tile %d stands still: %f", i, moved);
        for (int j = 0; j < i; j++)
            if (difference(first, tiles[i], first, tiles[j]) < 10)
                fail_msg("tiles %d and %d show the same", i, j);
    }
    cairo_surface_destroy(first);
    cairo_surface_destroy(second);
}

static void the_open_count_is_on_the_wall(void **state)
{
    (void)state;
    cairo_surface_t *picture = next_picture(&healthy);
    int best = -1;
    double least = 1e9;
    for (int open = 0; open < 120; open++) {
        struct wall_numbers guess = { .known = true, .open = open };
        struct label_style style = panel_number_style(&healthy.layout, HEADLINE_OPEN, &guess);
        char text[24];
        panel_number_text(text, HEADLINE_OPEN, &guess);
        double unlike = unlike_label(picture, healthy.layout.numbers[HEADLINE_OPEN], &style, text);
        if (unlike < least) {
            least = unlike;
            best = open;
        }
    }
    assert_int_equal(best, OPEN_COUNT);
    if (least > LABEL_UNLIKE)
        fail_msg("the best number is unlike by %f", least);
    cairo_surface_destroy(picture);
}

static double unlike_caption(cairo_surface_t *picture, int tile, const char *camera, enum wall_word word, bool english)
{
    struct rect place = crippled.layout.captions[tile];
    struct label_style style = tile_caption_style(place, word);
    char text[256];
    tile_caption_text(text, book_camera(stage.book, camera), word, english);
    return unlike_label(picture, place, &style, text);
}

static void a_dead_camera_is_labelled_and_harms_no_other(void **state)
{
    (void)state;
    wait_live(&crippled, SIMULATED - 1);
    cairo_surface_t *first = next_picture(&crippled), *second = next_picture(&crippled);
    const struct rect *tiles = crippled.layout.pictures;
    assert_true(unlike_caption(first, 1, "cam-dead", WORD_LOST, true) < LABEL_UNLIKE);
    assert_true(unlike_caption(first, 1, "cam-dead", WORD_LIVE, true) > LABEL_UNLIKE);
    assert_true(unlike_caption(first, 0, "cam-01", WORD_LIVE, true) < LABEL_UNLIKE);
    assert_true(unlike_caption(first, 0, "cam-01", WORD_LIVE, false) > LABEL_UNLIKE); /* this wall speaks English */
    assert_true(colourful(first, tiles[1]) < 0.01);
    for (int i = 0; i < SIMULATED; i++)
        if (i != 1)
            assert_true(difference(first, tiles[i], second, tiles[i]) >= 0.1);
    cairo_surface_destroy(first);
    cairo_surface_destroy(second);
}

static void only_the_last_pictures_are_kept(void **state)
{
    (void)state;
    size_t count;
    for (int i = 0; i < 2; i++)
        cairo_surface_destroy(next_picture(&healthy));
    find_newest(&healthy, healthy.newest, &count);
    assert_in_range(count, 1, 4); /* 3, and one that is just being written */
}

static void cameras_that_stop_are_greyed_and_come_back(void **state)
{
    (void)state;
    wait_live(&healthy, SIMULATED);
    camsim_stop(stage.simulated);
    wait_live(&healthy, 0);
    cairo_surface_t *picture = next_picture(&healthy);
    for (int i = 0; i < SIMULATED; i++) {
        assert_true(colourful(picture, healthy.layout.pictures[i]) < 0.01);
        for (int j = 0; j < i; j++) /* but they still show what they showed last */
            assert_true(difference(picture, healthy.layout.pictures[i], picture, healthy.layout.pictures[j]) > 0.5);
    }
    cairo_surface_destroy(picture);
    video_stage_simulate(&stage);
    wait_live(&healthy, SIMULATED);
    picture = next_picture(&healthy);
    for (int i = 0; i < SIMULATED; i++)
        assert_true(colourful(picture, healthy.layout.pictures[i]) > 0.5);
    cairo_surface_destroy(picture);
}

/* What a reader of the RTSP output has got. */
struct reader {
    int units, keys;
    uint16_t width, height;
    bool ended;
};

static void wall_unit_came(void *context, const struct source_unit *unit)
{
    struct reader *reader = context;
    reader->units++;
    reader->keys += unit->key;
    reader->width = unit->width;
    reader->height = unit->height;
}

static void wall_ended(void *context, int code, const char *reason)
{
    (void)code, (void)reason;
    ((struct reader *)context)->ended = true;
}

static bool has_three_seconds(void *context)
{
    const struct reader *reader = context;
    return reader->ended || reader->units >= 75;
}

/* A page's viewer of the wall. */
struct page_viewer {
    struct feed_viewer viewer;
    int frames, keys;
    bool begins_with_key;
};

static void page_frame_came(void *context, const struct frame *frame)
{
    struct page_viewer *page = context;
    assert_int_equal(frame->codec, FRAME_H264);
    assert_int_equal(frame->width, 1920);
    assert_int_equal(frame->height, 1080);
    if (!page->frames++)
        page->begins_with_key = frame->key;
    page->keys += frame->key;
}

static void each_camera_has_its_place(void **state)
{
    (void)state;
    struct wall_place places[WALL_TILES_MAX];
    assert_int_equal(wall_places(crippled.wall, places), SIMULATED);
    for (int i = 0; i < SIMULATED; i++) {
        const struct rect *picture = &crippled.layout.pictures[i];
        assert_string_equal(places[i].camera->id, crippled.cameras[i]);
        assert_int_equal(places[i].x, picture->x);
        assert_int_equal(places[i].y, picture->y);
        assert_int_equal(places[i].width, picture->width);
        assert_true(places[i].height > picture->height); /* with its caption */
    }
    assert_string_equal(wall_web_feed(healthy.wall), BROADCAST_FEED);
    assert_string_equal(wall_web_feed(crippled.wall), "");
}

static void look_at_wall(struct page_viewer *page)
{
    *page = (struct page_viewer){ .viewer = { .frame = page_frame_came, .context = page } };
    assert_int_equal(feed_add_viewer(stage.feeds, BROADCAST_FEED, &page->viewer), 0);
}

static bool has_two_seconds(void *context)
{
    const struct page_viewer *page = context;
    return page->frames >= 50 && page->keys >= 2;
}

static void pages_share_one_encoded_wall(void **state)
{
    (void)state;
    struct page_viewer first, second;
    look_at_wall(&first);
    assert_true(harness_run(stage.harness, has_two_seconds, NULL, &first));
    assert_true(first.begins_with_key);
    assert_int_equal(feed_viewer_status(&first.viewer)->state, CAMERA_LIVE);
    look_at_wall(&second);
    assert_true(second.frames > 0); /* at once, from the last key frame on */
    assert_true(second.begins_with_key);
    feed_remove_viewer(&first.viewer);
    assert_true(harness_run(stage.harness, has_two_seconds, NULL, &second));
    feed_remove_viewer(&second.viewer);
}

static void the_wall_is_itself_a_camera(void **state)
{
    (void)state;
    struct readers *rtsp;
    struct fault fault = { "" };
    assert_int_equal(readers_open(stage.harness->loop, &rtsp, &fault), 0);
    for (int round = 0; round < 2; round++) { /* also for one who comes after the first has left */
        struct reader reader = { 0 };
        struct source_sink sink = { .unit = wall_unit_came, .ended = wall_ended, .context = &reader };
        char url[64];
        void *source;
        snprintf(url, sizeof url, "rtsp://127.0.0.1:%" PRId64 "/wall", healthy.rtsp_port);
        assert_int_equal(readers_ops.start(rtsp, url, &sink, &source, &fault), 0);
        if (!harness_run(stage.harness, has_three_seconds, NULL, &reader))
            fail_msg("viewer %d got %d pictures", round + 1, reader.units);
        readers_ops.stop(source);
        assert_false(reader.ended);
        assert_in_range(reader.keys, 1, reader.units / 10);
        assert_int_equal(reader.width, WALL_WIDTH);
        assert_int_equal(reader.height, WALL_HEIGHT);
    }
    readers_close(rtsp);
}

/* ---- codecs ---- */

static void codec_came(void *context, const struct frame *frame)
{
    *(enum frame_codec *)context = frame->codec;
}

static bool is_h265(void *context)
{
    return *(enum frame_codec *)context == FRAME_H265;
}

static void a_camera_that_changes_its_codec_is_shown(void **state)
{
    (void)state;
    struct fault fault = { "" };
    enum frame_codec codec = FRAME_H264;
    struct feed_viewer viewer = { .frame = codec_came, .context = &codec };
    wait_live(&healthy, SIMULATED);
    assert_int_equal(feed_status(stage.feeds, book_camera(stage.book, TWO_STREAMS)).width, 640);
    assert_int_equal(feed_add_viewer(stage.feeds, "cam-04", &viewer), 0);
    assert_int_equal(camsim_order(stage.simulated, "cam-04 codec h265", &fault), 1);
    assert_int_equal(camsim_order(stage.simulated, "cam-04 cut", &fault), 1);
    assert_true(harness_run(stage.harness, is_h265, NULL, &codec));
    wait_live(&healthy, SIMULATED);
    cairo_surface_t *first = next_picture(&healthy), *second = next_picture(&healthy);
    assert_true(colourful(first, healthy.layout.pictures[3]) > 0.5);
    assert_true(difference(first, healthy.layout.pictures[3], second, healthy.layout.pictures[3]) >= 0.1);
    cairo_surface_destroy(first);
    cairo_surface_destroy(second);
    feed_remove_viewer(&viewer);
}

static int set_up(void **state)
{
    (void)state;
    video_stage_open(&stage);
    healthy.rtsp_port = harness_port_base();
    open_wall(&healthy);
    open_wall(&crippled);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_wall(&healthy);
    close_wall(&crippled);
    video_stage_close(&stage);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_cameras_move_and_differ),
        cmocka_unit_test(the_open_count_is_on_the_wall),
        cmocka_unit_test(a_dead_camera_is_labelled_and_harms_no_other),
        cmocka_unit_test(only_the_last_pictures_are_kept),
        cmocka_unit_test(the_wall_is_itself_a_camera),
        cmocka_unit_test(each_camera_has_its_place),
        cmocka_unit_test(pages_share_one_encoded_wall),
        cmocka_unit_test(cameras_that_stop_are_greyed_and_come_back),
        cmocka_unit_test(a_camera_that_changes_its_codec_is_shown),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
