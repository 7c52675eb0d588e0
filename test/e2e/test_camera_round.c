/* The health round on simulated cameras: real connections, real decoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/cameras/eye.h"
#include "ingest/cameras/readers.h"
#include "test/unit/bus/bus_harness.h"
#include "tools/citysim/camsim/camsim.h"

static struct harness *harness;

struct sight {
    struct readers *readers;
    struct eye *eye;
    struct camsim *camsim;
    void *source;
    bool asked, seen;
    enum camera_condition condition;
    struct look look;
    size_t jpeg_size;
    uint8_t jpeg_start[2];
};
static struct sight sight;

static void unit_came(void *context, const struct source_unit *unit)
{
    (void)context;
    if (!unit->key || sight.asked)
        return;
    sight.asked = true;
    eye_look(sight.eye, unit, &sight);
    readers_ops.stop(sight.source);
    sight.source = NULL;
}

static void ended(void *context, int code, const char *reason)
{
    (void)context;
    fail_msg("%d: %s", code, reason);
}

static void seen(void *context, void *tag, const struct look *look, struct bytes jpeg)
{
    assert_ptr_equal(context, tag);
    assert_non_null(look);
    sight.look = *look;
    sight.condition = look_condition(look);
    sight.jpeg_size = jpeg.size;
    memcpy(sight.jpeg_start, jpeg.data, 2);
    sight.seen = true;
}

static bool was_seen(void *context)
{
    (void)context;
    return sight.seen;
}

static void visit(const char *order)
{
    struct fault fault = { "" };
    char url[64];
    struct source_sink sink = { .unit = unit_came, .ended = ended };
    assert_int_equal(camsim_order(sight.camsim, order, &fault), 1);
    snprintf(url, sizeof url, "rtsp://127.0.0.1:%d/a", (int)camsim_port(sight.camsim));
    sight.asked = sight.seen = false;
    if (readers_ops.start(sight.readers, url, &sink, &sight.source, &fault) < 0)
        fail_msg("%s", fault.text);
    for (int tries = 0; tries < 4 && !sight.seen;
         tries++) /* a programme is made first, on a busy machine for a while */
        harness_run(harness, was_seen, NULL, NULL);
    assert_true(sight.seen);
    assert_true(sight.jpeg_size > 500);
    assert_int_equal(sight.jpeg_start[0] << 8 | sight.jpeg_start[1], 0xffd8);
}

static void the_eye_sees_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *order;
        enum camera_condition condition;
    } sights[] = {
        { "a see place-1", CAMERA_IS_WELL },
        { "a see place-4", CAMERA_IS_WELL },
        { "a see black", CAMERA_IS_BLACK },
        { "a see covered", CAMERA_IS_COVERED },
        { "a see blurred", CAMERA_IS_BLURRED },
        { "a codec h265", CAMERA_IS_BLURRED }, /* what it saw last, in the other codec */
        { "a see place-2", CAMERA_IS_WELL },
    };
    for (size_t i = 0; i < sizeof sights / sizeof *sights; i++) {
        visit(sights[i].order);
        if (sight.condition != sights[i].condition)
            fail_msg("%s: %s, dark %d flat %d soft %d", sights[i].order,
                     enum_name(&camera_condition_desc, sight.condition), sight.look.dark_percent,
                     sight.look.flat_percent, sight.look.soft_percent);
    }
}

static void a_sensor_that_stands_gives_the_same_picture_again(void **state)
{
    (void)state;
    visit("a codec h264");
    visit("a see still");
    struct look first = sight.look;
    visit("a see still");
    assert_true(look_same(&first.print, &sight.look.print));
    visit("a see place-3");
    assert_false(look_same(&first.print, &sight.look.print));
}

static int set_up(void **state)
{
    (void)state;
    static const char *const ids[] = { "a" };
    struct fault fault = { "" };
    harness = harness_create();
    if (camsim_start(&(struct camsim_options){ .ids = ids, .id_count = 1 }, &sight.camsim, &fault) < 0 ||
        readers_open(harness->loop, &sight.readers, &fault) < 0 ||
        eye_open(harness->loop, seen, &sight, &sight.eye, &fault) < 0)
        fail_msg("%s", fault.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (sight.source)
        readers_ops.stop(sight.source);
    eye_close(sight.eye);
    readers_close(sight.readers);
    camsim_stop(sight.camsim);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_eye_sees_what_is_wrong),
        cmocka_unit_test(a_sensor_that_stands_gives_the_same_picture_again),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
