/* The health round on cameras, pictures and a clock that the test plays; and what one small picture says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/health.h"
#include "ingest/sources/camera_round.h"
#include "test/unit/book/support.h"

/* ---- pictures ---- */

static uint8_t luma[LOOK_HEIGHT][LOOK_WIDTH];

/* A ground with stripes of 6 pixels, as far apart in brightness as `contrast`, each ramp `soft` pixels wide. */
static void draw(int ground, int contrast, int soft)
{
    for (int y = 0; y < LOOK_HEIGHT; y++)
        for (int x = 0; x < LOOK_WIDTH; x++) {
            int place = x % 24, ramp = place < 12 ? place : 24 - place, shade;
            shade = soft ? contrast * (ramp < soft ? ramp : soft) / soft : place < 12 ? contrast : 0;
            luma[y][x] = (uint8_t)(ground + shade);
        }
}

/* A clock as cameras write it: white on black, in a corner. */
static void write_clock(int digit)
{
    for (int y = 156; y < 180; y++)
        for (int x = 260; x < 320; x++)
            luma[y][x] = (x / 4 + y / 6 + digit) % 7 < 3 ? 16 : 235;
}

static struct look looked(void)
{
    struct look look;
    look_at(&luma[0][0], LOOK_WIDTH, &look);
    return look;
}

static enum camera_condition condition_of(int ground, int contrast, int soft)
{
    draw(ground, contrast, soft);
    write_clock(1);
    struct look look = looked();
    return look_condition(&look);
}

static void a_picture_says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(condition_of(60, 100, 0), CAMERA_IS_WELL);
    assert_int_equal(condition_of(17, 40, 0), CAMERA_IS_WELL); /* night, with lights */
    assert_int_equal(condition_of(17, 3, 0), CAMERA_IS_BLACK);
    assert_int_equal(condition_of(120, 4, 0), CAMERA_IS_COVERED);
    assert_int_equal(condition_of(60, 100, 12), CAMERA_IS_BLURRED);
}

static void the_clock_in_a_picture_tells_it_from_the_last_one(void **state)
{
    (void)state;
    draw(60, 100, 0);
    write_clock(1);
    struct look first = looked();
    luma[20][20] ^= 1; /* what encoding makes of it */
    struct look again = looked();
    assert_true(look_same(&first.print, &again.print));
    write_clock(2);
    struct look later = looked();
    assert_false(look_same(&first.print, &later.print));
}

/* ---- a round ---- */

enum { CAMERAS = 4 };
static int64_t mono_ms;

static int64_t test_mono_ms(void)
{
    return mono_ms;
}

static int64_t test_now_ms(void)
{
    return INT64_C(1767573000000) + mono_ms;
}

/* What a camera does when it is visited. */
struct acting {
    const char *lost; /* NULL: a picture comes */
    bool silent, refuse, undecodable;
    int ground, contrast;
    int64_t clock_ahead_ms;
    bool stands; /* its clock */
};

struct stage {
    struct book_folder folder;
    struct book *book;
    struct health *health;
    struct acting acting[CAMERAS];
    struct source_sink sinks[CAMERAS];
    int starts[CAMERAS], open, most_open, clock;
    bool full; /* nothing can be told */
    char told[400];
};
static struct stage stage;

static int start(void *reader, const char *url, const struct source_sink *sink, void **source, struct fault *fault)
{
    (void)reader;
    int camera = atoi(url + strlen("rtsp://cam-")) - 1;
    stage.starts[camera]++;
    if (stage.acting[camera].refuse)
        return fault_set(fault, -EINVAL, "no such address");
    stage.sinks[camera] = *sink;
    stage.open++;
    stage.most_open = stage.open > stage.most_open ? stage.open : stage.most_open;
    *source = &stage.sinks[camera];
    return 0;
}

static void stop(void *source)
{
    ((struct source_sink *)source)->unit = NULL;
    stage.open--;
}

static const struct source_ops ops = { .start = start, .stop = stop };

static void *visits[CAMERAS];
static size_t visit_count;

static void look(void *context, const struct source_unit *unit, void *visit)
{
    (void)context;
    assert_true(unit->key);
    visits[visit_count++] = visit;
}

static bool tell(void *context, const struct health_news *news)
{
    (void)context;
    if (stage.full)
        return false;
    size_t used = strlen(stage.told);
    snprintf(stage.told + used, sizeof stage.told - used, "%s %s%s; ", news->camera->id,
             enum_name(&camera_condition_desc, news->rule->condition), news->health->told ? "" : " over");
    return true;
}

/* What is open delivers, and what it delivered is looked at. */
static void act(void)
{
    for (int i = 0; i < CAMERAS; i++) {
        const struct acting *acting = &stage.acting[i];
        struct source_sink sink = stage.sinks[i];
        struct source_unit delta = { .codec = FRAME_H264 }, key = { .key = true, .codec = FRAME_H264 };
        if (!sink.unit || acting->silent)
            continue;
        if (acting->lost) {
            sink.ended(sink.context, -ECONNRESET, acting->lost);
            continue;
        }
        sink.unit(sink.context, &delta);
        key.clock_ahead_ms = acting->clock_ahead_ms;
        sink.unit(sink.context, &key);
        assert_null(stage.sinks[i].unit); /* it has left */
        draw(acting->ground, acting->contrast, 0);
        write_clock(acting->stands ? 0 : ++stage.clock);
        struct look seen = looked();
        assert_int_equal(visit_count, 1);
        visit_count = 0;
        const struct book_camera *camera = health_seen(stage.health, visits[0], acting->undecodable ? NULL : &seen);
        assert_ptr_equal(camera, &stage.book->cameras[i]);
    }
}

static void pass(int64_t ms)
{
    for (int64_t end = mono_ms + ms; mono_ms < end; mono_ms += HEALTH_TICK_MS) {
        health_tick(stage.health);
        act();
    }
}

static void make_health(void)
{
    struct health_options options = {
        .book = stage.book, .source = &ops, .look = look, .tell = tell, .mono_ms = test_mono_ms, .now_ms = test_now_ms
    };
    stage.health = health_create(&options);
}

#define CAMERA(number) \
    "  - {id: cam-" number ", name: 路口" number ", url: \"rtsp://cam-" number "/\", lat: 39.94, lon: 116.39}\n"

static int set_up(void **state)
{
    (void)state;
    struct fault fault = { "" };
    stage = (struct stage){ .clock = 0 };
    mono_ms = 1000;
    book_folder_make(&stage.folder);
    book_folder_write(&stage.folder, "cameras.yaml",
                      "cameras:\n" CAMERA("1") CAMERA("2") CAMERA("3")
                          CAMERA("4") "health:\n  minutes: 1\n  visit_seconds: 5\n  at_once: 2\n  troubles:\n"
                                      "    - {trouble: lost, service: P0101}\n    - {trouble: covered, service: "
                                      "P0101, visits: 1}\n"
                                      "    - {trouble: frozen, service: P0101, visits: 1}\n"
                                      "    - {trouble: wrong_time, service: P0101, visits: 1}\n");
    if (book_load(stage.folder.path, &stage.book, NULL, NULL, &fault) < 0)
        fail_msg("%s", fault.text);
    for (int i = 0; i < CAMERAS; i++)
        stage.acting[i] = (struct acting){ .ground = 60, .contrast = 100, .clock_ahead_ms = SOURCE_CLOCK_UNKNOWN };
    make_health();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    health_destroy(stage.health);
    book_destroy(stage.book);
    book_folder_remove(&stage.folder);
    return 0;
}

static enum camera_condition now(int camera)
{
    return health_of(stage.health, (size_t)camera).condition;
}

static void every_camera_is_visited_once_a_round_and_evenly(void **state)
{
    (void)state;
    pass(15000);
    assert_int_equal(stage.starts[0] + stage.starts[1] + stage.starts[2] + stage.starts[3], 1);
    pass(45000);
    for (int i = 0; i < CAMERAS; i++) {
        assert_int_equal(stage.starts[i], 1);
        assert_int_equal(now(i), CAMERA_IS_WELL);
    }
    pass(60000);
    for (int i = 0; i < CAMERAS; i++)
        assert_int_equal(stage.starts[i], 2);
    assert_int_equal(stage.open, 0);
    assert_string_equal(stage.told, "");
}

static void a_trouble_is_told_when_its_rule_wants_and_once_more_when_it_is_over(void **state)
{
    (void)state;
    stage.acting[1].lost = "connection reset";
    pass(60000);
    assert_int_equal(now(1), CAMERA_IS_LOST);
    assert_string_equal(health_of(stage.health, 1).reason, "connection reset");
    assert_string_equal(stage.told, ""); /* twice in a row, says the rule */
    pass(60000);
    assert_string_equal(stage.told, "cam-2 lost; ");
    pass(120000);
    assert_string_equal(stage.told, "cam-2 lost; ");
    stage.acting[1] = (struct acting){ .ground = 120, .clock_ahead_ms = SOURCE_CLOCK_UNKNOWN };
    pass(60000);
    assert_string_equal(stage.told, "cam-2 lost; cam-2 lost over; cam-2 covered; ");
    stage.acting[1].contrast = 100;
    pass(60000);
    assert_string_equal(stage.told, "cam-2 lost; cam-2 lost over; cam-2 covered; cam-2 covered over; ");
}

static void silence_refusal_and_nonsense_are_lost(void **state)
{
    (void)state;
    stage.acting[0].silent = true;
    stage.acting[1].refuse = true;
    stage.acting[2].undecodable = true;
    pass(66000);
    assert_int_equal(now(0), CAMERA_IS_LOST);
    assert_int_equal(now(1), CAMERA_IS_LOST);
    assert_int_equal(now(2), CAMERA_IS_LOST);
    assert_int_equal(now(3), CAMERA_IS_WELL);
}

/* What a reader is told that knows `known`: "cam-1 well, cam-2 lost"; *report becomes what it knows then. */
static const char *told_to(struct health_report *report)
{
    static char text[200];
    struct arena arena = { 0 };
    struct health_ask ask = { .run = report->run, .since = report->change };
    health_tell(stage.health, &ask, &arena, report);
    assert_int_equal(report->next, 0);
    *text = '\0';
    for (size_t i = 0; i < report->cameras.count; i++) {
        const struct camera_health *told = &report->cameras.items[i];
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %s", i ? ", " : "", told->camera,
                 enum_name(&camera_condition_desc, (int)told->condition));
    }
    arena_finish(&arena);
    return text;
}

static void who_holds_a_copy_is_told_what_changed_since(void **state)
{
    (void)state;
    struct health_report known = { .run = 0 };
    assert_string_equal(told_to(&known), "");
    stage.acting[1].lost = "gone";
    pass(30000);
    assert_string_equal(told_to(&known), "cam-1 well, cam-2 lost");
    assert_string_equal(told_to(&known), "");
    pass(30000);
    assert_string_equal(told_to(&known), "cam-3 well, cam-4 well");
    known.run--; /* of a round before this one */
    assert_string_equal(told_to(&known), "cam-1 well, cam-2 lost, cam-3 well, cam-4 well");
}

static void a_picture_that_stands_is_frozen_and_a_wrong_clock_is_found(void **state)
{
    (void)state;
    stage.acting[2].stands = true;
    stage.acting[3].clock_ahead_ms = -61000;
    pass(2 * 60000);
    assert_int_equal(now(2), CAMERA_IS_WELL); /* twice may be chance */
    assert_int_equal(now(3), CAMERA_IS_WRONG_TIME);
    pass(60000);
    assert_int_equal(now(2), CAMERA_IS_FROZEN);
    assert_string_equal(stage.told, "cam-4 wrong_time; cam-3 frozen; ");
}

static void no_more_than_the_book_says_are_visited_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < CAMERAS; i++)
        stage.acting[i].silent = true;
    pass(180000);
    assert_true(stage.most_open <= 2);
    for (int i = 0; i < CAMERAS; i++)
        assert_true(stage.starts[i] >= 2);
}

static void what_cannot_be_told_is_told_at_the_next_visit(void **state)
{
    (void)state;
    stage.acting[0].lost = "gone";
    stage.full = true;
    pass(120000);
    assert_false(health_of(stage.health, 0).told);
    stage.full = false;
    pass(60000);
    assert_string_equal(stage.told, "cam-1 lost; ");
}

static void a_restart_tells_nothing_twice_and_no_end_is_forgotten(void **state)
{
    (void)state;
    stage.acting[0].lost = stage.acting[1].lost = "gone";
    pass(120000);
    assert_string_equal(stage.told, "cam-1 lost; cam-2 lost; ");
    struct camera_health kept[2] = { health_of(stage.health, 0), health_of(stage.health, 1) };
    struct health *old = stage.health;
    make_health();
    assert_int_equal(health_recall(stage.health, &kept[0]), 0);
    assert_int_equal(health_recall(stage.health, &kept[1]), 0);
    assert_int_equal(health_recall(stage.health, &(struct camera_health){ .camera = "cam-9", .reason = "" }), 1);
    health_destroy(old);
    stage.acting[1].lost = NULL;
    pass(120000);
    assert_string_equal(stage.told, "cam-1 lost; cam-2 lost; cam-2 lost over; ");
}

/* ---- events ---- */

static void a_trouble_and_its_end_are_events_of_one_thing(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct fault fault = { "" };
    struct camera_health health = { .camera = "cam-1", .told = true, .reason = "connection refused" };
    struct health_news news = { &stage.book->cameras[0], &stage.book->camera_health.troubles[0], &health,
                                1767573000000 };
    struct event *begins = camera_round_event(stage.book, &news, 1767573060000, &arena);
    health.told = false;
    struct event *ends = camera_round_event(stage.book, &news, 1767573120000, &arena);
    assert_int_equal(record_check(&event_desc, begins, &fault), 0);
    assert_int_equal(record_check(&event_desc, ends, &fault), 0);
    assert_int_equal(begins->kind, EVENT_CAMERA);
    assert_string_equal(begins->service, "P0101");
    assert_string_equal(begins->title, "路口1：无画面");
    assert_string_equal(begins->camera, "cam-1");
    assert_int_equal(begins->happened_at_ms, 1767573000000);
    assert_int_equal(ends->kind, EVENT_FOLLOW_UP);
    assert_string_equal(ends->external_id, begins->external_id);
    assert_string_not_equal(ends->id, begins->id);
    arena_finish(&arena);
}

#define ROUND_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_says_what_is_wrong),
        cmocka_unit_test(the_clock_in_a_picture_tells_it_from_the_last_one),
        ROUND_TEST(every_camera_is_visited_once_a_round_and_evenly),
        ROUND_TEST(a_trouble_is_told_when_its_rule_wants_and_once_more_when_it_is_over),
        ROUND_TEST(silence_refusal_and_nonsense_are_lost),
        ROUND_TEST(who_holds_a_copy_is_told_what_changed_since),
        ROUND_TEST(a_picture_that_stands_is_frozen_and_a_wrong_clock_is_found),
        ROUND_TEST(no_more_than_the_book_says_are_visited_at_once),
        ROUND_TEST(what_cannot_be_told_is_told_at_the_next_visit),
        ROUND_TEST(a_restart_tells_nothing_twice_and_no_end_is_forgotten),
        ROUND_TEST(a_trouble_and_its_end_are_events_of_one_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
