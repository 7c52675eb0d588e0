/* The native wall on real cameras: RTSP, hub, bus, decoders, mosaic, PNG files. */
#include <cairo.h>
#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/cameras/readers.h"
#include "proto/book/book.h"
#include "test/e2e/video_stage.h"
#include "videowall/wall/broadcast.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/mosaic.h"
#include "videowall/wall/panel.h"
#include "videowall/wall/tile.h"
#include "videowall/wall/wall.h"

enum { OPEN_COUNT = 37 };

/* What GStreamer's quick conversion to RGB leaves between a label and itself, in steps of brightness (measured: 2.9); another text of the same
 * size is unlike by 8 and more. */
#define LABEL_UNLIKE 5.0

static struct video_stage stage;

/* A wall with its folder of pictures. */
struct shown {
    struct wall *wall;
    char folder[64];
    const char *cameras[SIMULATED];
    const char *language;
    struct wall_layout layout;
    char newest[64];
    size_t live_wanted;
    int64_t rtsp_port; /* 0: no RTSP output */
};
static struct shown healthy = { .cameras = { "cam-01", "cam-02", "cam-03", "cam-04" }, .language = "zh" };
static struct shown crippled = { .cameras = { "cam-01", "cam-dead", "cam-03", "cam-04" }, .language = "en" };

static const struct wall_numbers numbers = { .known = true,
                                             .counted_at_ms = INT64_MAX / 2, /* never stale */
                                             .open = OPEN_COUNT,
                                             .due_soon = 5,
                                             .overdue = 2,
                                             .closed_today = 118,
                                             .departments = { { "环卫所", 12, 1, 0 }, { "市政所", 25, 4, 2 } },
                                             .department_count = 2 };

static void open_wall(struct shown *shown)
{
    strcpy(shown->folder, "/tmp/drumtower-wall-XXXXXX");
    assert_non_null(mkdtemp(shown->folder));
    char output[120];
    snprintf(output, sizeof output, "png:%s", shown->folder);
    if (shown->rtsp_port)
        snprintf(output, sizeof output, "png:%s,rtsp:%" PRId64 ",web", shown->folder, shown->rtsp_port);
    struct wall_options options = { .loop = stage.harness->loop,
                                    .feeds = stage.feeds,
                                    .book = stage.book,
                                    .output = output,
                                    .cameras = shown->cameras,
                                    .camera_count = SIMULATED,
                                    .language = shown->language,
                                    .png_keep = 3 };
    struct fault fault = { "" };
    if (wall_open(&options, &shown->wall, &fault) < 0)
        fail_msg("%s", fault.text);
    wall_set_numbers(shown->wall, &numbers);
    struct wall_shape shape = wall_shape_of(SIMULATED);
    wall_layout_make(&shape, SIMULATED, &shown->layout);
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    rmdir(folder);
}

static void close_wall(struct shown *shown)
{
    wall_close(shown->wall);
    remove_folder(shown->folder);
}

/* ---- pictures ---- */

/* The name of the newest picture, "" if there is none; *count of all of them. */
static void find_newest(const struct shown *shown, char name[64], size_t *count)
{
    DIR *dir = opendir(shown->folder);
    assert_non_null(dir);
    *name = '\0';
    *count = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strncmp(entry->d_name, "wall-", 5) == 0) {
            ++*count;
            if (strcmp(entry->d_name, name) > 0)
                snprintf(name, 64, "%s", entry->d_name);
        }
    closedir(dir);
}

static bool has_newer(void *context)
{
    const struct shown *shown = context;
    char name[64];
    size_t count;
    find_newest(shown, name, &count);
    return strcmp(name, shown->newest) > 0;
}

/* The next picture that the wall writes; what it shows was composed after the call. */
static cairo_surface_t *next_picture(struct shown *shown)
{
    size_t count;
    for (int i = 0; i < 2; i++) { /* the first may have been under way */
        find_newest(shown, shown->newest, &count);
        assert_true(harness_run(stage.harness, has_newer, NULL, shown));
    }
    find_newest(shown, shown->newest, &count);
    char path[160];
    snprintf(path, sizeof path, "%s/%s", shown->folder, shown->newest);
    cairo_surface_t *picture = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_surface_status(picture), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(picture), WALL_WIDTH);
    assert_int_equal(cairo_image_surface_get_height(picture), WALL_HEIGHT);
    return picture;
}

static uint32_t pixel(cairo_surface_t *picture, int x, int y)
{
    const uint8_t *row = cairo_image_surface_get_data(picture) + y * cairo_image_surface_get_stride(picture);
    uint32_t argb;
    memcpy(&argb, row + 4 * x, sizeof argb);
    return argb;
}

static int channel(uint32_t argb, int which)
{
    return argb >> (8 * which) & 255;
}

/* ITU-R BT.601, studio range. */
static double luma(uint32_t argb)
{
    return 16 + (65.738 * channel(argb, 2) + 129.057 * channel(argb, 1) + 25.064 * channel(argb, 0)) / 256;
}

/* Mean difference of two equally large parts, in steps of 0 to 255 a channel. */
static double difference(cairo_surface_t *a, struct rect of_a, cairo_surface_t *b, struct rect of_b)
{
    double sum = 0;
    for (int y = 0; y < of_a.height; y++)
        for (int x = 0; x < of_a.width; x++)
            for (int i = 0; i < 3; i++)
                sum += abs(channel(pixel(a, of_a.x + x, of_a.y + y), i) - channel(pixel(b, of_b.x + x, of_b.y + y), i));
    return sum / (3.0 * of_a.width * of_a.height);
}

/* How much of the part has a colour, 0 to 1. */
static double colourful(cairo_surface_t *picture, struct rect part)
{
    int count = 0;
    for (int y = 0; y < part.height; y++)
        for (int x = 0; x < part.width; x++) {
            uint32_t argb = pixel(picture, part.x + x, part.y + y);
            count += abs(channel(argb, 0) - channel(argb, 2)) > 16 || abs(channel(argb, 1) - channel(argb, 2)) > 16;
        }
    return (double)count / (part.width * part.height);
}

/* Mean difference in brightness between a part of the picture and a label drawn here as the wall draws it. */
static double unlike_label(cairo_surface_t *picture, struct rect part, const struct label_style *style,
                           const char *text)
{
    struct label label = { 0 };
    label_set(&label, style, text);
    double sum = 0;
    for (int y = 0; y < part.height; y++)
        for (int x = 0; x < part.width; x++)
            sum += fabs(luma(pixel(picture, part.x + x, part.y + y)) - label.picture.y[y * label.picture.y_stride + x]);
    label_finish(&label);
    return sum / (part.width * part.height);
}

/* ---- what is waited for ---- */

static bool tiles_are_live(void *context)
{
    const struct shown *shown = context;
    return wall_live_tiles(shown->wall) == shown->live_wanted;
}

static void wait_live(struct shown *shown, size_t tiles)
{
    shown->live_wanted = tiles;
    if (!harness_run(stage.harness, tiles_are_live, NULL, shown))
        fail_msg("%zu tiles live, expected %zu", wall_live_tiles(shown->wall), tiles);
}

/* ---- the stories ---- */

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

/* ---- scenes ---- */

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
        cmocka_unit_test(a_scene_comes_when_it_has_its_pictures),
        cmocka_unit_test(a_tour_goes_on_by_itself_past_a_dead_camera_and_stays_when_held),
        cmocka_unit_test(a_scene_that_is_not_there_is_named_with_those_that_are),
        cmocka_unit_test(a_case_pops_up_over_what_is_shown_and_the_tour_stands),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
