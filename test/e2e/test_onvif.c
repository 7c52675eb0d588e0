/* ONVIF devices (camsim) and who reads and moves them, in one process: they are asked, looked at, turned, and misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/readers.h"
#include "proto/base/clock.h"
#include "proto/record/camera.h"
#include "test/unit/bus/bus_harness.h"
#include "tools/citysim/camsim/camsim.h"

static struct harness *harness;
static const char *const ids[] = { "cam-01", "cam-02" };

/* A camera that is looked at. */
struct reading {
    void *source;
    int units, wanted, code; /* code: 0 while it goes on */
    char reason[400];
    struct source_unit last;
    int64_t heard_mono_ms;
};

struct stage {
    struct camsim *camsim;
    struct readers *readers;
    struct reading readings[2]; /* of cam-01, cam-02 */
    const char *move_wanted;
    int64_t asked_wanted;
};
static struct stage stage;

static void begin(struct stage *on)
{
    struct fault fault = { "" };
    *on = (struct stage){ .camsim = NULL };
    struct camsim_options options = {
        .ids = ids, .id_count = 2, .user = "admin", .password = "p@ss:w/rd", .onvif = true
    };
    if (camsim_start(&options, &on->camsim, &fault) < 0 || readers_open(harness->loop, &on->readers, &fault) < 0)
        fail_msg("%s", fault.text);
}

static void order(struct stage *on, const char *line)
{
    struct fault fault = { "" };
    if (camsim_order(on->camsim, line, &fault) < 1)
        fail_msg("%s: %s", line, fault.text);
}

static void leave(struct reading *reading)
{
    if (reading->source)
        readers_ops.stop(reading->source);
    *reading = (struct reading){ .units = 0 };
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        leave(&stage.readings[i]);
    readers_close(stage.readers);
    camsim_stop(stage.camsim);
    stage = (struct stage){ .camsim = NULL };
    return 0;
}

/* ---- looking ---- */

static void unit_came(void *context, const struct source_unit *unit)
{
    struct reading *reading = context;
    reading->units++;
    reading->last = *unit;
    reading->heard_mono_ms = clock_mono_ms();
}

static void ended(void *context, int code, const char *reason)
{
    struct reading *reading = context;
    assert_int_equal(reading->code, 0);
    reading->code = code;
    snprintf(reading->reason, sizeof reading->reason, "%s", reason);
}

static const char *url_of(const struct stage *on, int camera, const char *identity, const char *more)
{
    static char url[300];
    snprintf(url, sizeof url, "onvif://%s127.0.0.1:%d/%s/device_service%s", identity,
             (int)camsim_onvif_port(on->camsim), ids[camera], more);
    return url;
}

#define IDENTITY "admin:p%40ss%3aw%2frd@"

static int try_to_look(struct stage *on, int camera, const char *identity, const char *more)
{
    struct reading *reading = &on->readings[camera];
    struct fault fault = { "" };
    leave(reading);
    struct source_sink sink = { .unit = unit_came, .ended = ended, .context = reading };
    int result = readers_ops.start(on->readers, url_of(on, camera, identity, more), &sink, &reading->source, &fault);
    if (result < 0)
        ended(reading, result, fault.text);
    return result;
}

static void look_at(struct stage *on, int camera, const char *more)
{
    if (try_to_look(on, camera, IDENTITY, more) < 0)
        fail_msg("%s", on->readings[camera].reason);
}

static bool has_units(void *context)
{
    const struct reading *reading = context;
    return reading->code || reading->units >= reading->wanted;
}

static bool has_ended(void *context)
{
    return ((struct reading *)context)->code != 0;
}

/* A busy machine takes its time, the more where a programme is encoded first: what is waited for comes, or the story is wrong. */
static void wait_for(bool (*there)(void *context), void *context, const char *what)
{
    bool came = false;
    for (int tries = 0; !came && tries < 4; tries++)
        came = harness_run(harness, there, NULL, context);
    if (!came)
        fail_msg("it did not happen: %s", what);
}

static void wait_units(struct reading *reading, int more)
{
    reading->wanted = reading->units + more;
    wait_for(has_units, reading, "pictures");
    if (reading->code)
        fail_msg("the stream ended: %s", reading->reason);
}

static void expect_end(struct reading *reading, int code, const char *words)
{
    wait_for(has_ended, reading, words);
    if (reading->code != code || !strstr(reading->reason, words))
        fail_msg("%d: '%s', expected %d: '%s'", reading->code, reading->reason, code, words);
}

static int64_t asked(const struct stage *on)
{
    return camsim_counts(on->camsim).asked;
}

/* ---- stories ---- */

static void main_and_sub_stream_are_found(void **state)
{
    (void)state;
    begin(&stage);
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 5);
    assert_int_equal(stage.readings[0].last.width, 640);
    look_at(&stage, 0, "");
    wait_units(&stage.readings[0], 5);
    assert_int_equal(stage.readings[0].last.width, 1920);
    look_at(&stage, 0, "?profile=sub");
    wait_units(&stage.readings[0], 5);
    assert_int_equal(stage.readings[0].last.width, 640);
    look_at(&stage, 0, "?profile=none");
    expect_end(&stage.readings[0], -ENOENT, "the device has 3 profiles, but none with the token 'none'");
}

static void devices_with_ways_of_their_own_are_understood(void **state)
{
    (void)state;
    /* their clock is off by a year, HTTP's Digest is wanted, they know their inner address only, they take their time, they
     * do not know GetServices or its names, they have Media 2 alone, or one that does not work */
    static const char *const orders[] = { "cam-01 clock 31536000",
                                          "cam-01 clock -31536000",
                                          "cam-01 digest",
                                          "cam-01 via",
                                          "cam-01 late 300",
                                          "cam-01 old",
                                          "cam-01 odd",
                                          "cam-01 media2",
                                          "cam-01 half profiles",
                                          "cam-01 half streams",
                                          "cam-01 half gone" };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        begin(&stage);
        order(&stage, orders[i]);
        look_at(&stage, 0, "?stream=sub");
        wait_units(&stage.readings[0], 5);
        tear_down(NULL);
    }
}

static void a_stream_of_h265_is_found_by_media_2(void **state)
{
    (void)state;
    begin(&stage);
    order(&stage, "cam-01 media2");
    order(&stage, "cam-01 codec h265");
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 5);
    assert_int_equal(stage.readings[0].last.codec, FRAME_H265);
}

static void a_known_address_is_not_asked_for_again(void **state)
{
    (void)state;
    begin(&stage);
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 2);
    int64_t before = asked(&stage);
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 2);
    assert_int_equal(asked(&stage), before);
}

static void a_device_that_started_anew_is_found_at_its_new_address(void **state)
{
    (void)state;
    begin(&stage);
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 2);
    order(&stage, "cam-01 restart");
    wait_for(has_ended, &stage.readings[0], "the end");
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 5);
}

static bool has_asked(void *context)
{
    struct stage *on = context;
    return asked(on) >= on->asked_wanted;
}

static bool is_silent(void *context)
{
    const struct reading *reading = context;
    return clock_mono_ms() - reading->heard_mono_ms >= CAMERA_SILENCE_MS;
}

static void a_stream_that_was_silent_is_asked_for_anew(void **state)
{
    (void)state;
    begin(&stage);
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 2);
    order(&stage, "cam-01 freeze");
    wait_for(is_silent, &stage.readings[0], "silence");
    stage.asked_wanted = asked(&stage) + 1;
    look_at(&stage, 0, "?stream=sub");
    wait_for(has_asked, &stage, "an inquiry");
}

static void a_wrong_password_is_told_and_not_tried_again_at_once(void **state)
{
    (void)state;
    static const char *const orders[] = { "cam-01 well", "cam-01 digest" };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        begin(&stage);
        order(&stage, orders[i]);
        try_to_look(&stage, 0, "admin:wrong@", "");
        expect_end(&stage.readings[0], -EACCES, "GetServices: the device refuses the user 'admin' or the password");
        int64_t before = asked(&stage);
        assert_int_equal(try_to_look(&stage, 0, "admin:wrong@", ""), -EACCES);
        expect_end(&stage.readings[0], -EACCES,
                   "not asked again for 5 minutes: GetServices: the device refuses the user 'admin'");
        assert_null(strstr(stage.readings[0].reason, "wrong"));
        try_to_look(&stage, 1, "", "");
        expect_end(&stage.readings[1], -EACCES, "the device asks for a user and a password, the book has none");
        assert_true(asked(&stage) > before);
        look_at(&stage, 0, "?stream=sub"); /* the right one is another address of the book */
        wait_units(&stage.readings[0], 2);
        tear_down(NULL);
    }
}

static void what_a_broken_device_says_is_told_and_harms_nobody(void **state)
{
    (void)state;
    static const struct {
        const char *order;
        int code;
        const char *words;
    } troubles[] = {
        { "cam-01 garbage", -EINVAL, "GetSystemDateAndTime: the answer is no SOAP: " },
        { "cam-01 huge", -EHOSTUNREACH, "the answer is larger than 1048576 bytes" },
        { "cam-01 fault", -EREMOTEIO,
          "GetCapabilities: the device says: Something <went> wrong (ter:Action) (before: GetServices: the device "
          "says: " },
        { "cam-01 die", -EHOSTUNREACH, "GetSystemDateAndTime: no answer: " },
        { "cam-01 mute", -EHOSTUNREACH, "GetSystemDateAndTime: no answer: " },
    };
    begin(&stage);
    look_at(&stage, 1, "?stream=sub");
    wait_units(&stage.readings[1], 2);
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
        order(&stage, "cam-01 well");
        order(&stage, troubles[i].order);
        look_at(&stage, 0, "");
        expect_end(&stage.readings[0], troubles[i].code, troubles[i].words);
        wait_units(&stage.readings[1], 2);
    }
    order(&stage, "cam-01 well");
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 2);
}

static void whoever_looks_away_leaves_the_inquiry_to_the_next(void **state)
{
    (void)state;
    begin(&stage);
    look_at(&stage, 0, "?stream=sub");
    leave(&stage.readings[0]);
    stage.asked_wanted = 4; /* to its end, although nobody waits */
    wait_for(has_asked, &stage, "an inquiry");
    look_at(&stage, 0, "?stream=sub");
    wait_units(&stage.readings[0], 2);
    assert_int_equal(asked(&stage), 4);
    order(&stage, "cam-02 mute");
    look_at(&stage, 1, ""); /* and is closed meanwhile */
}

/* ---- moves ---- */

static int move(struct stage *on, int pan, int tilt, int zoom)
{
    struct fault fault = { "" };
    struct source_move wanted = { pan, tilt, zoom, 2 };
    int result = readers_ops.move(on->readers, url_of(on, 0, IDENTITY, ""), &wanted, &fault);
    if (result < 0)
        assert_string_equal(fault.text, "the device has no PTZ service, or no profile that uses it");
    return result;
}

static bool has_moved(void *context)
{
    struct stage *on = context;
    return strcmp(camsim_counts(on->camsim).last_move, on->move_wanted) == 0;
}

static void wait_move(struct stage *on, const char *wanted)
{
    on->move_wanted = wanted;
    wait_for(has_moved, on, wanted);
}

static void a_camera_turns_and_stops_whether_it_is_looked_at_or_not(void **state)
{
    (void)state;
    begin(&stage);
    assert_int_equal(move(&stage, 50, -100, 0), 0); /* asked first */
    wait_move(&stage, "0.50 -1.00 -");
    assert_int_equal(move(&stage, 0, 0, 7), 0);
    wait_move(&stage, "0.00 0.00 0.07");
    assert_int_equal(move(&stage, 0, 0, 0), 0);
    wait_move(&stage, "stop");
}

static void a_camera_stops_by_itself_should_we_be_gone(void **state)
{
    (void)state;
    begin(&stage);
    assert_int_equal(move(&stage, 50, 0, 0), 0);
    wait_move(&stage, "0.50 0.00 -");
    assert_string_equal(camsim_counts(stage.camsim).last_timeout, "PT5S");
    order(&stage, "cam-01 endless");
    assert_int_equal(move(&stage, 60, 0, 0), 0);
    wait_move(&stage, "0.60 0.00 -"); /* it knows no end, and turns all the same */
    assert_string_equal(camsim_counts(stage.camsim).last_timeout, "");
    assert_int_equal(move(&stage, 0, 0, 0), 0);
    wait_move(&stage, "stop");
}

static void the_last_order_counts(void **state)
{
    (void)state;
    begin(&stage);
    assert_int_equal(move(&stage, 1, 0, 0), 0);
    assert_int_equal(move(&stage, 2, 0, 0), 0);
    assert_int_equal(move(&stage, 0, 0, 0), 0);
    wait_move(&stage, "stop");
    assert_int_equal(camsim_counts(stage.camsim).moves, 1);
}

static void an_order_to_stop_reaches_a_device_whose_clock_has_jumped(void **state)
{
    (void)state;
    begin(&stage);
    assert_int_equal(move(&stage, 10, 0, 0), 0);
    wait_move(&stage, "0.10 0.00 -");
    order(&stage, "cam-01 clock 86400");
    assert_int_equal(move(&stage, 0, 0, 0), 0);
    wait_move(&stage, "stop");
}

static bool cannot_move(void *context)
{
    return move(context, 1, 0, 0) == -ENOTSUP;
}

static void a_fixed_camera_says_so(void **state)
{
    (void)state;
    begin(&stage);
    order(&stage, "cam-01 fixed");
    look_at(&stage, 0, "");
    wait_for(cannot_move, &stage, "it is known");
    assert_int_equal(camsim_counts(stage.camsim).moves, 0);
}

static int set_up(void **state)
{
    (void)state;
    harness = harness_create();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(main_and_sub_stream_are_found, tear_down),
        cmocka_unit_test_teardown(devices_with_ways_of_their_own_are_understood, tear_down),
        cmocka_unit_test_teardown(a_stream_of_h265_is_found_by_media_2, tear_down),
        cmocka_unit_test_teardown(a_known_address_is_not_asked_for_again, tear_down),
        cmocka_unit_test_teardown(a_device_that_started_anew_is_found_at_its_new_address, tear_down),
        cmocka_unit_test_teardown(a_stream_that_was_silent_is_asked_for_anew, tear_down),
        cmocka_unit_test_teardown(a_wrong_password_is_told_and_not_tried_again_at_once, tear_down),
        cmocka_unit_test_teardown(what_a_broken_device_says_is_told_and_harms_nobody, tear_down),
        cmocka_unit_test_teardown(whoever_looks_away_leaves_the_inquiry_to_the_next, tear_down),
        cmocka_unit_test_teardown(a_camera_turns_and_stops_whether_it_is_looked_at_or_not, tear_down),
        cmocka_unit_test_teardown(a_camera_stops_by_itself_should_we_be_gone, tear_down),
        cmocka_unit_test_teardown(the_last_order_counts, tear_down),
        cmocka_unit_test_teardown(an_order_to_stop_reaches_a_device_whose_clock_has_jumped, tear_down),
        cmocka_unit_test_teardown(a_fixed_camera_says_so, tear_down),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
