#include <stdio.h>

#include "support.h"

#include "proto/base/timestamp.h"

static void local_time_follows_the_offset_of_its_day(void **state)
{
    (void)state;
    struct zone *new_york = zone_of("America/New_York");
    assert_string_equal(zone_name(new_york), "America/New_York");
    assert_int_equal(zone_offset_minutes(new_york, moment(NULL, "2026-01-15T12:00:00Z")), -300);
    assert_int_equal(zone_offset_minutes(new_york, moment(NULL, "2026-07-15T12:00:00Z")), -240);
    assert_int_equal(moment(new_york, "2026-07-15 08:00"), moment(NULL, "2026-07-15T12:00:00Z"));
    assert_int_equal(zone_to_local_ms(new_york, -1), -5 * MS_PER_HOUR - 1); /* before 1970, and not on a second */
    zone_destroy(new_york);
    struct zone *kolkata = zone_of("Asia/Kolkata");
    assert_int_equal(zone_offset_minutes(kolkata, moment(NULL, "2026-01-15T12:00:00Z")), 330);
    zone_destroy(kolkata);
}

static void summer_time_goes_on_beyond_the_written_table(void **state)
{
    (void)state;
    struct zone *new_york = zone_of("America/New_York");
    assert_int_equal(zone_offset_minutes(new_york, moment(NULL, "2060-01-15T12:00:00Z")), -300);
    assert_int_equal(zone_offset_minutes(new_york, moment(NULL, "2060-07-15T12:00:00Z")), -240);
    zone_destroy(new_york);
}

static void a_time_that_does_not_exist_becomes_the_first_after_the_gap(void **state)
{
    (void)state;
    struct zone *new_york = zone_of("America/New_York"); /* 2026-03-08: 02:00 EST becomes 03:00 EDT */
    int64_t after_gap = moment(NULL, "2026-03-08T07:00:00Z");
    assert_int_equal(moment(new_york, "2026-03-08 02:00"), after_gap);
    assert_int_equal(moment(new_york, "2026-03-08 02:59:59"), after_gap);
    assert_int_equal(moment(new_york, "2026-03-08 03:00"), after_gap);
    assert_int_equal(moment(new_york, "2026-03-08 01:59:59"), after_gap - MS_PER_SECOND);
    zone_destroy(new_york);
}

static void of_two_equal_times_the_earlier_is_meant(void **state)
{
    (void)state;
    struct zone *new_york = zone_of("America/New_York"); /* 2026-11-01: 02:00 EDT becomes 01:00 EST */
    assert_int_equal(moment(new_york, "2026-11-01 01:30"), moment(NULL, "2026-11-01T01:30:00-04:00"));
    assert_int_equal(moment(new_york, "2026-11-01 02:00"), moment(NULL, "2026-11-01T02:00:00-05:00"));
    zone_destroy(new_york);
}

static void every_hour_of_a_year_comes_back(void **state)
{
    (void)state;
    static const char *const names[] = { "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Europe/London",
                                         "America/St_Johns", "Pacific/Apia",  "Asia/Kathmandu" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *zone = zone_of(names[i]);
        int64_t begin = moment(NULL, "2026-01-01T00:00:00Z");
        for (int64_t at = begin; at < begin + 366 * (int64_t)MS_PER_DAY; at += MS_PER_HOUR / 2) {
            int64_t back = zone_from_local_ms(zone, zone_to_local_ms(zone, at));
            /* the second of two equal times comes back as the first: half an hour or an hour before */
            if (back != at && back != at - MS_PER_HOUR && back != at - MS_PER_HOUR / 2)
                fail_msg("%s: %lld came back as %lld", names[i], (long long)at, (long long)back);
            assert_int_equal(zone_to_local_ms(zone, back), zone_to_local_ms(zone, at));
        }
        zone_destroy(zone);
    }
}

static void an_unknown_zone_is_named_with_what_was_expected(void **state)
{
    (void)state;
    static const char *const names[] = { "Asia/Shangai", "", "Mars/Olympus" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *zone;
        struct fault fault = { "" };
        char expected[200];
        snprintf(expected, sizeof expected,
                 "no time zone '%s' on this machine; expected a name of the tz database, such as Asia/Shanghai",
                 names[i]);
        assert_int_equal(zone_open(names[i], &zone, &fault), -EINVAL);
        assert_string_equal(fault.text, expected);
    }
    zone_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_time_follows_the_offset_of_its_day),
        cmocka_unit_test(summer_time_goes_on_beyond_the_written_table),
        cmocka_unit_test(a_time_that_does_not_exist_becomes_the_first_after_the_gap),
        cmocka_unit_test(of_two_equal_times_the_earlier_is_meant),
        cmocka_unit_test(every_hour_of_a_year_comes_back),
        cmocka_unit_test(an_unknown_zone_is_named_with_what_was_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
