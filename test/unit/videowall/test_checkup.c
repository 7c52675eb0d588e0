/* The copy of the cameras' health over a real bus, where the test is ingest; and what is found and counted in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/book/support.h"
#include "test/unit/bus/bus_harness.h"
#include "videowall/health/camera_find.h"

enum { CAMERAS = 5, TOLD_AT_ONCE = 2 };

static struct harness *harness;
static struct book_folder folder;
static struct book *book;
static struct checkup *checkup;
static struct bus_server *server;

/* What ingest says: each camera's condition and the number of its change. */
static struct {
    int64_t run, change, asks;
    struct {
        enum camera_condition condition;
        int64_t change, since_ms;
    } cameras[CAMERAS];
} ingest = { .run = 70 };

static void becomes(size_t camera, enum camera_condition condition)
{
    ingest.cameras[camera].condition = condition;
    ingest.cameras[camera].change = ++ingest.change;
    ingest.cameras[camera].since_ms = ingest.change;
}

static int asked(void *context, struct bus_ticket *ticket, struct bytes request)
{
    (void)context;
    struct arena arena = { 0 };
    struct health_ask ask;
    struct camera_health told[TOLD_AT_ONCE];
    struct health_report report = { .run = ingest.run, .change = ingest.change, .cameras.items = told };
    assert_int_equal(record_decode(&health_ask_desc, request, &arena, &ask, NULL), 0);
    int64_t since = ask.run == ingest.run ? ask.since : 0;
    for (size_t i = ask.run == ingest.run ? (size_t)ask.from : 0; ingest.run && i < CAMERAS; i++) {
        if (ingest.cameras[i].change <= since)
            continue;
        if (report.cameras.count == TOLD_AT_ONCE) {
            report.next = (int64_t)i;
            break;
        }
        told[report.cameras.count++] = (struct camera_health){ .camera = book->cameras[i].id,
                                                               .condition = ingest.cameras[i].condition,
                                                               .since_ms = ingest.cameras[i].since_ms,
                                                               .reason = "so it is" };
    }
    ingest.asks++;
    struct buffer answer = { 0 };
    record_encode(&health_report_desc, &report, &answer);
    bus_answer(ticket, buffer_view(&answer));
    buffer_finish(&answer);
    arena_finish(&arena);
    return 0;
}

/* "lw..." : lost, well, and . for what is not known */
static const char *known(void)
{
    static char text[CAMERAS + 1];
    for (size_t i = 0; i < CAMERAS; i++) {
        enum camera_condition condition = checkup_of(checkup, i)->condition;
        text[i] = condition == CAMERA_IS_UNKNOWN ? '.' : *enum_name(&camera_condition_desc, (int)condition);
    }
    return text;
}

static bool is_known(void *wanted)
{
    return strcmp(known(), wanted) == 0;
}

static void wait_known(const char *wanted)
{
    if (!harness_run(harness, is_known, NULL, (void *)wanted))
        fail_msg("'%s', expected '%s'", known(), wanted);
}

static bool is_word(void *wanted)
{
    return checkup_word(checkup) == *(enum checkup_word *)wanted;
}

static void the_copy_follows_what_ingest_says(void **state)
{
    (void)state;
    assert_int_equal(checkup_word(checkup), CHECKUP_AWAY); /* nothing was heard yet */
    for (size_t i = 0; i < CAMERAS; i++)
        becomes(i, CAMERA_IS_WELL);
    wait_known("wwwww"); /* in three reports */
    assert_int_equal(checkup_word(checkup), CHECKUP_CURRENT);
    assert_string_equal(checkup_of(checkup, 4)->reason, "so it is");
    becomes(3, CAMERA_IS_LOST);
    wait_known("wwwlw");
    becomes(0, CAMERA_IS_BLACK);
    becomes(1, CAMERA_IS_LOST);
    becomes(2, CAMERA_IS_LOST);
    wait_known("blllw");
}

static void a_restart_of_ingest_makes_what_was_known_void(void **state)
{
    (void)state;
    memset(ingest.cameras, 0, sizeof ingest.cameras);
    ingest.run = 71;
    ingest.change = 0;
    becomes(1, CAMERA_IS_WELL);
    wait_known(".w...");
    ingest.run = 0;
    enum checkup_word none = CHECKUP_NO_ROUND;
    assert_true(harness_run(harness, is_word, NULL, &none));
    assert_string_equal(known(), ".....");
    ingest.run = 72;
    ingest.change = 0;
    becomes(1, CAMERA_IS_LOST);
    becomes(4, CAMERA_IS_WELL);
    becomes(2, CAMERA_IS_WELL);
    wait_known(".lw.w");
}

/* What a question finds, as the last letters of ids. */
static const char *found(struct camera_question question)
{
    static char text[CAMERAS + 1];
    struct arena arena = { 0 };
    struct camera_found cameras;
    camera_find(book, checkup, &question, &arena, &cameras);
    for (size_t i = 0; i < cameras.count; i++)
        text[i] = book->cameras[cameras.cameras[i]].id[4];
    text[cameras.count] = '\0';
    arena_finish(&arena);
    return text;
}

static void cameras_are_found_by_state_area_and_words(void **state)
{
    (void)state;
    const struct book_area *street = book_area(book, "s");
    assert_string_equal(found((struct camera_question){ .text = "" }), "35214"); /* the newest change first */
    assert_string_equal(found((struct camera_question){ .text = "", .conditions = 1u << CAMERA_IS_LOST }), "2");
    assert_string_equal(found((struct camera_question){ .text = "Crossing 4" }), "4");
    assert_string_equal(found((struct camera_question){ .text = "cAM-5" }), "5");
    assert_string_equal(found((struct camera_question){ .text = "路口3" }), "3");
    assert_string_equal(found((struct camera_question){ .text = "", .area = street }),
                        "3214"); /* the fifth is not in it */
    assert_string_equal(found((struct camera_question){ .text = "nowhere" }), "");
}

static void rates_are_counted_for_each_tier_above_the_grids(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct camera_counts counts;
    camera_count(book, checkup, &arena, &counts);
    assert_int_equal(counts.conditions[CAMERA_IS_LOST], 1);
    assert_int_equal(counts.conditions[CAMERA_IS_WELL], 2);
    assert_int_equal(counts.conditions[CAMERA_IS_UNKNOWN], 2);
    assert_int_equal(counts.area_count, 2);
    assert_string_equal(counts.areas[0].area->code, "d");
    assert_int_equal(counts.areas[0].cameras, 5);
    assert_int_equal(counts.areas[0].visited, 3);
    assert_int_equal(counts.areas[0].online, 2);
    assert_string_equal(counts.areas[1].area->code, "s");
    assert_int_equal(counts.areas[1].cameras, 4);
    assert_int_equal(counts.areas[1].visited, 2);
    assert_int_equal(counts.areas[1].online, 1);
    arena_finish(&arena);
}

static int set_up(void **state)
{
    (void)state;
    struct fault fault = { "" };
    char text[1500] = "cameras:\n";
    book_folder_make(&folder);
    for (int i = 1; i <= CAMERAS; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "  - {id: cam-%d, name: 路口%d, name_en: Crossing %d, url: \"rtsp://127.0.0.1:1/%d\", lat: 39.94, "
                 "lon: 116.39, area: %s}\n",
                 i, i, i, i, i == CAMERAS ? "g2" : "g1");
    book_folder_write(&folder, "cameras.yaml", text);
    harness = harness_create();
    int64_t port = harness_port_base();
    if (book_load(folder.path, &book, NULL, NULL, &fault) < 0 ||
        checkup_open(harness->loop, book, port, &checkup, &fault) < 0 ||
        bus_server_open(harness->loop, port, BUS_HEALTH, 4, asked, NULL, &server, &fault) < 0)
        fail_msg("%s", fault.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    checkup_close(checkup);
    book_destroy(book);
    book_folder_remove(&folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_copy_follows_what_ingest_says),
        cmocka_unit_test(a_restart_of_ingest_makes_what_was_known_void),
        cmocka_unit_test(cameras_are_found_by_state_area_and_words),
        cmocka_unit_test(rates_are_counted_for_each_tier_above_the_grids),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
