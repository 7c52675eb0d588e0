/* The filter by stories: readings and ticks with their seconds in, what came of them out. Each story is a line:
 *   "0 1.2"   a reading at second 0       "5 sos"   a word        "30 ."   time has passed, no reading       "60 ~30"  heard nothing for 30 s
 */
#include <stdio.h>

#include "fixture.h"
#include "ingest/sources/mqtt/filter.h"

enum { SECOND = 1000 };
static const int64_t START_MS = 1767571200000; /* 2026-01-05T00:00:00Z */

static const char *const outcomes[] = { [FILTER_RAISED] = "raised", [FILTER_ENDED] = "ended" };

/* Runs one step of a story. `lag_s`: how far the sensor's clock is behind ours. */
static enum filter_outcome step(struct filter *filter, int64_t second, const char *what, int64_t lag_s)
{
    int64_t at_ms = START_MS + second * SECOND, now_ms = at_ms + lag_s * SECOND;
    if (strcmp(what, ".") == 0)
        return filter_tick(filter, now_ms, 0);
    if (*what == '~')
        return filter_tick(filter, now_ms, strtol(what + 1, NULL, 10) * SECOND);
    char *end;
    struct filter_reading reading = { .value = strtod(what, &end), .word = what, .at_ms = at_ms };
    reading.is_number = !*end;
    return filter_read(filter, &reading, now_ms);
}

static void tell_lagging(struct filter *filter, const char *story, const char *expected, int64_t lag_s)
{
    char got[1000] = "", what[32];
    long second;
    int used;
    for (const char *at = story; sscanf(at, " %ld %31[^,]%n", &second, what, &used) == 2; at += *at == ',') {
        at += used;
        enum filter_outcome outcome = step(filter, second, what, lag_s);
        if (outcome != FILTER_NOTHING)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%ld %s", *got ? ", " : "", second,
                     outcomes[outcome]);
    }
    if (strcmp(got, expected) != 0)
        fail_msg("%s\nexpected: %s\ngot:      %s", story, expected, got);
}

static void tell(const struct book_sensor_rule *rule, const char *story, const char *expected)
{
    struct filter filter = { .rule = rule };
    tell_lagging(&filter, story, expected, 0);
}

static void one_alarm_until_the_value_has_come_back(void **state)
{
    (void)state;
    struct book_sensor_rule above = { .test = SENSOR_ABOVE, .level = 2, .hysteresis = 0.5 };
    tell(&above, "0 1, 10 2, 20 2.1, 30 3, 40 1.9, 50 2.1, 60 1.5, 70 1.6, 80 2.5", "20 raised, 60 ended, 80 raised");
    struct book_sensor_rule below = { .test = SENSOR_BELOW, .level = 20, .hysteresis = 10 };
    tell(&below, "0 50, 10 19, 20 21, 30 19, 40 29.9, 50 30, 60 19", "10 raised, 50 ended, 60 raised");
    struct book_sensor_rule plain = { .test = SENSOR_ABOVE, .level = 2 };
    tell(&plain, "0 2, 10 2.01, 20 2, 30 2.01", "10 raised, 20 ended, 30 raised");
}

static void a_spike_is_none_where_the_test_has_to_hold(void **state)
{
    (void)state;
    struct book_sensor_rule rule = { .test = SENSOR_ABOVE, .level = 2, .hysteresis = 0.5, .delay_ms = 60 * SECOND };
    tell(&rule, "0 3, 10 1, 20 3, 79 3, 80 3, 90 3", "80 raised");
    tell(&rule, "0 3, 30 1.8, 31 3, 90 3, 91 3", "91 raised"); /* within the hysteresis it does not hold */
}

static void time_alone_raises_what_no_reading_takes_back(void **state)
{
    (void)state;
    struct book_sensor_rule door = { .test = SENSOR_EQUALS, .word = "open", .delay_ms = 600 * SECOND };
    tell(&door, "0 open, 599 ., 600 ., 601 ., 900 closed", "600 raised, 900 ended");
    tell(&door, "0 open, 300 closed, 600 ., 1200 .", "");
    tell(&door, "0 closed, 5000 .", "");
}

static void two_alarms_keep_their_distance(void **state)
{
    (void)state;
    struct book_sensor_rule rule = { .test = SENSOR_ABOVE, .level = 2, .hold_off_ms = 100 * SECOND };
    tell(&rule, "0 3, 10 1, 20 3, 30 1, 90 3, 99 3, 100 3", "0 raised, 10 ended, 100 raised");
    tell(&rule, "0 3, 10 1, 90 3, 100 .", "0 raised, 10 ended, 100 raised");
    tell(&rule, "0 3, 10 1, 90 3, 95 1, 100 ., 200 .", "0 raised, 10 ended");
}

static void an_emergency_call_is_one_until_it_has_been_quiet(void **state)
{
    (void)state;
    struct book_sensor_rule sos = { .test = SENSOR_EQUALS, .word = "sos", .rearm_ms = 300 * SECOND };
    tell(&sos, "0 sos, 5 sos, 200 sos, 400 ., 499 ., 500 ., 501 sos", "0 raised, 500 ended, 501 raised");
    tell(&sos, "0 sos, 5 ok, 6 sos", "0 raised, 5 ended, 6 raised");
}

static void each_message_can_be_an_event(void **state)
{
    (void)state;
    struct book_sensor_rule truck = { .test = SENSOR_EQUALS, .word = "in", .each = true };
    tell(&truck, "0 in, 1 in, 2 out, 3 in", "0 raised, 1 raised, 3 raised");
    truck.hold_off_ms = 60 * SECOND;
    tell(&truck, "0 in, 30 in, 60 ., 90 in", "0 raised, 90 raised");
}

static void a_change_is_measured_over_its_span(void **state)
{
    (void)state;
    struct book_sensor_rule rises = { .test = SENSOR_RISES, .level = 0.5, .over_ms = 60 * SECOND };
    tell(&rises, "0 1, 30 1.1, 60 1.2, 90 1.3, 120 1.4", "");
    tell(&rises, "0 1, 30 1.4, 60 1.6, 90 1.7, 120 1.8, 150 1.8, 180 1.8", "60 raised, 90 ended");
    tell(&rises, "0 1, 1 9, 2 1, 61 1", ""); /* one wild reading within the span is none */
    tell(&rises, "0 1, 60 0.2, 120 0", "");  /* nor is it a rise to fall */
    struct book_sensor_rule falls = { .test = SENSOR_FALLS, .level = 0.5, .over_ms = 60 * SECOND };
    tell(&falls, "0 1, 60 0.4, 120 0.4, 180 0.4", "60 raised, 120 ended");
    tell(&rises, "0 1, 30 1, 1000 9, 1060 9", ""); /* it was silent: measured anew */
}

static void silence_counts_while_somebody_listens(void **state)
{
    (void)state;
    struct book_sensor_rule lost = { .test = SENSOR_SILENT_MINUTES, .silent_ms = 120 * SECOND };
    tell(&lost, "0 1, 60 ~60, 119 ~59, 120 ~1, 180 ~60, 200 1, 320 ~119, 321 ~1", "120 raised, 200 ended, 321 raised");
    tell(&lost, "0 1, 3600 ~0, 7200 ~0, 7300 ~100", ""); /* the broker was away, not the sensor */
    tell(&lost, "60 ~60, 120 ~60", "120 raised");        /* never heard of */
}

static void delays_count_on_the_sensors_clock(void **state)
{
    (void)state;
    struct book_sensor_rule rule = { .test = SENSOR_EQUALS, .word = "open", .delay_ms = 600 * SECOND };
    struct filter filter = { .rule = &rule };
    /* an hour in the broker's queue: what happened then is over then */
    tell_lagging(&filter, "0 open, 599 closed, 700 open, 1300 open", "1300 raised", 3600);
    filter = (struct filter){ .rule = &rule };
    /* and a sensor whose clock is an hour slow does not open too early */
    tell_lagging(&filter, "0 open, 599 ., 600 .", "600 raised", 3600);
}

static void what_decides_is_kept_and_little_else(void **state)
{
    (void)state;
    struct book_sensor_rule above = { .test = SENSOR_ABOVE, .level = 2, .hysteresis = 0.5, .delay_ms = 60 * SECOND };
    struct filter filter = { .rule = &above };
    assert_int_equal(step(&filter, 0, "1", 0), FILTER_NOTHING);
    assert_false(filter_must_keep(&filter));
    step(&filter, 1, "3", 0);
    assert_true(filter_must_keep(&filter)); /* the delay runs */
    filter.kept = filter.state;
    step(&filter, 2, "4", 0);
    assert_false(filter_must_keep(&filter));
    assert_int_equal(step(&filter, 61, "4", 0), FILTER_RAISED);
    assert_true(filter_must_keep(&filter));
    filter.kept = filter.state;
    assert_int_equal(step(&filter, 62, "1", 0), FILTER_ENDED);
    assert_true(filter_must_keep(&filter));

    struct book_sensor_rule lost = { .test = SENSOR_SILENT_MINUTES, .silent_ms = 120 * SECOND };
    filter = (struct filter){ .rule = &lost };
    step(&filter, 0, "1", 0);
    step(&filter, 29, "~29", 0);
    assert_false(filter_must_keep(&filter));
    step(&filter, 30, "~1", 0);
    assert_true(filter_must_keep(&filter));
}

static void a_restart_goes_on_where_the_memory_was_kept(void **state)
{
    (void)state;
    struct book_sensor_rule rule = {
        .test = SENSOR_ABOVE, .level = 2, .hysteresis = 0.5, .delay_ms = 60 * SECOND, .hold_off_ms = 300 * SECOND
    };
    struct filter before = { .rule = &rule };
    step(&before, 0, "3", 0);
    struct filter after = { .rule = &rule, .state = before.state };
    tell_lagging(&after, "59 3, 60 3, 70 1, 80 3", "60 raised, 70 ended", 0);
    struct filter again = { .rule = &rule, .state = after.state };
    tell_lagging(&again, "200 3, 359 3, 360 3", "360 raised", 0);
}

/* 100,000 readings of a day with noise, spikes and three real floods. */
static void a_hundred_thousand_readings_make_the_three_events_that_matter(void **state)
{
    (void)state;
    struct book_sensor_rule rule = {
        .test = SENSOR_ABOVE, .level = 0.2, .hysteresis = 0.05, .delay_ms = 10 * SECOND, .hold_off_ms = 600 * SECOND
    };
    struct filter filter = { .rule = &rule };
    unsigned dice = 7;
    int raised = 0;
    for (int i = 0; i < 100000; i++) {
        dice = dice * 1664525 + 1013904223;
        double noise = (double)(dice >> 16) / 65536 * 0.06 - 0.03;
        bool flood = (i >= 20000 && i < 22000) || (i >= 50000 && i < 50100) || (i >= 90000 && i < 95000);
        bool spike = i % 997 == 0;
        struct filter_reading reading = { .value = (flood   ? 0.21
                                                    : spike ? 5
                                                            : 0.1) +
                                                   noise + (flood ? 0.03 : 0),
                                          .is_number = true,
                                          .word = "",
                                          .at_ms = START_MS + i * SECOND };
        raised += filter_read(&filter, &reading, reading.at_ms) == FILTER_RAISED;
    }
    assert_int_equal(raised, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alarm_until_the_value_has_come_back),
        cmocka_unit_test(a_spike_is_none_where_the_test_has_to_hold),
        cmocka_unit_test(time_alone_raises_what_no_reading_takes_back),
        cmocka_unit_test(two_alarms_keep_their_distance),
        cmocka_unit_test(an_emergency_call_is_one_until_it_has_been_quiet),
        cmocka_unit_test(each_message_can_be_an_event),
        cmocka_unit_test(a_change_is_measured_over_its_span),
        cmocka_unit_test(silence_counts_while_somebody_listens),
        cmocka_unit_test(delays_count_on_the_sensors_clock),
        cmocka_unit_test(what_decides_is_kept_and_little_else),
        cmocka_unit_test(a_restart_goes_on_where_the_memory_was_kept),
        cmocka_unit_test(a_hundred_thousand_readings_make_the_three_events_that_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
