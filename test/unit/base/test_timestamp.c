#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "proto/base/timestamp.h"

static void civil_days_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 200000; day += 37) {
        time_t seconds = day * 86400;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        struct civil_date date = civil_from_days(day);
        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
        assert_int_equal(civil_weekday(day), (tm.tm_wday + 6) % 7);
        assert_int_equal(civil_to_days(date), day);
    }
}

static void timestamps_are_read_with_and_without_a_zone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int default_offset;
        int64_t at_ms;
    } rows[] = {
        { "1970-01-01T00:00:00Z", 0, 0 },
        { "1970-01-01T08:00:00+08:00", 0, 0 },
        { "1970-01-01 08:00:00", 480, 0 },
        { "1970-01-01T00:00:01.25Z", 0, 1250 },
        { "1969-12-31T19:00:00-05:00", 0, 0 },
        { "1970-01-02", 0, 86400000 },
        { "2011-07-01 01:32:33", -240, INT64_C(1309498353000) },
        { "1970-01-01T00:00Z", 0, 0 },
        { "1970-01-01T08:00:00+0800", 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t at = -1;
        assert_int_equal(timestamp_parse(rows[i].text, rows[i].default_offset, &at), 0);
        assert_int_equal(at, rows[i].at_ms);
    }
}

static void what_is_not_a_timestamp_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = { "",
                                        "2026",
                                        "2026-13-01",
                                        "2026-02-29",
                                        "2026-01-32",
                                        "2026-01-01T24:00:00",
                                        "2026-01-01T10:60:00",
                                        "2026-01-01T10:00:00x",
                                        "2026-01-01T10:00:00.Z",
                                        "2026-1-1",
                                        "2026-01-01T10:00:00+25:00",
                                        "yesterday" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t at;
        if (timestamp_parse(rows[i], 0, &at) == 0)
            fail_msg("'%s' was taken", rows[i]);
    }
}

static void formatting_and_reading_are_inverse(void **state)
{
    (void)state;
    for (int64_t at = INT64_C(-4000000000000); at < INT64_C(4000000000000); at += INT64_C(12345678901)) {
        char text[TIMESTAMP_TEXT];
        int64_t back;
        for (int offset = -720; offset <= 840; offset += 210) {
            assert_int_equal(timestamp_parse(timestamp_format(text, at, offset), 0, &back), 0);
            assert_int_equal(back, at);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_days_agree_with_the_c_library),
        cmocka_unit_test(timestamps_are_read_with_and_without_a_zone),
        cmocka_unit_test(what_is_not_a_timestamp_is_refused),
        cmocka_unit_test(formatting_and_reading_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
