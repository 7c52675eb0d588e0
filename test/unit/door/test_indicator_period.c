/* Which week, month, quarter or year a day is part of. */
#include "proto/door/indicator_period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct days always = { "0001-01-01", "9999-12-31" };

static void a_day_is_part_of_each_period(void **state)
{
    (void)state;
    static const struct {
        enum period period;
        const char *day, *name, *from, *to;
    } rows[] = {
        { PERIOD_DAY, "2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05" },
        { PERIOD_WEEK, "2026-01-05", "2026-W02", "2026-01-05", "2026-01-11" },
        { PERIOD_WEEK, "2026-01-01", "2026-W01", "2025-12-29", "2026-01-04" },
        { PERIOD_WEEK, "2024-12-30", "2025-W01", "2024-12-30", "2025-01-05" }, /* of the next year already */
        { PERIOD_WEEK, "2027-01-03", "2026-W53", "2026-12-28", "2027-01-03" }, /* of the last year still */
        { PERIOD_MONTH, "2026-12-31", "2026-12", "2026-12-01", "2026-12-31" },
        { PERIOD_MONTH, "2024-02-03", "2024-02", "2024-02-01", "2024-02-29" },
        { PERIOD_QUARTER, "2026-03-31", "2026-Q1", "2026-01-01", "2026-03-31" },
        { PERIOD_QUARTER, "2026-04-01", "2026-Q2", "2026-04-01", "2026-06-30" },
        { PERIOD_QUARTER, "2026-12-01", "2026-Q4", "2026-10-01", "2026-12-31" },
        { PERIOD_YEAR, "2026-07-01", "2026", "2026-01-01", "2026-12-31" },
        { PERIOD_WHOLE, "2026-07-01", "", "0001-01-01", "9999-12-31" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[PERIOD_TEXT];
        struct days days = period_days(rows[i].period, rows[i].day, &always);
        period_name(name, rows[i].period, rows[i].day);
        assert_string_equal(name, rows[i].name);
        assert_string_equal(days.from, rows[i].from);
        assert_string_equal(days.to, rows[i].to);
    }
}

static void a_period_goes_as_far_as_was_asked_for(void **state)
{
    (void)state;
    static const struct days asked = { "2026-01-07", "2026-02-10" };
    struct days days = period_days(PERIOD_MONTH, "2026-01-20", &asked);
    assert_string_equal(days.from, "2026-01-07");
    assert_string_equal(days.to, "2026-01-31");
    days = period_days(PERIOD_YEAR, "2026-01-20", &asked);
    assert_memory_equal(&days, &asked, sizeof days);
}

static void days_are_checked(void **state)
{
    (void)state;
    struct fault fault;
    struct days days = days_until("2026-03-01", 30);
    assert_string_equal(days.from, "2026-01-31");
    assert_string_equal(days.to, "2026-03-01");
    assert_int_equal(days_parse(NULL, "", &days, &fault), 0);
    assert_string_equal(days.from, "2026-01-31");
    assert_int_equal(days_parse("2026-03-01", NULL, &days, &fault), 0);
    assert_string_equal(days.from, "2026-03-01");
    assert_int_equal(days_parse("2026-03-02", NULL, &days, &fault), -EINVAL);
    assert_string_equal(fault.text, "to: 2026-03-01 is before from: 2026-03-02");
    assert_int_equal(days_parse("yesterday", NULL, &days, &fault), -EINVAL);
    assert_int_equal(days_parse(NULL, "2026-13-01", &days, &fault), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_part_of_each_period),
        cmocka_unit_test(a_period_goes_as_far_as_was_asked_for),
        cmocka_unit_test(days_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
