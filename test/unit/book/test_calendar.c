#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "support.h"

/* One story: a limit that counts from a moment ends at another. Times are the zone's own wall clock. */
struct story {
    const char *from;
    const char *limit;
    const char *ends;
};

static struct calendar *make(struct arena *arena, const struct zone *zone, struct calendar_rules rules)
{
    return calendar_make(arena, "test", zone, &rules);
}

static void tell(const struct calendar *calendar, const struct story *stories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        long long amount;
        char word[32], got[40];
        assert_int_equal(sscanf(stories[i].limit, "%lld %31s", &amount, word), 2);
        int unit = enum_value(&limit_unit_desc, word);
        assert_true(unit > UNIT_NONE);
        int64_t from = moment(calendar_zone(calendar), stories[i].from);
        int64_t deadline = calendar_deadline(calendar, from, (enum limit_unit)unit, amount);
        int64_t expected = moment(calendar_zone(calendar), stories[i].ends);
        if (deadline != expected)
            fail_msg("%s from %s: expected %s, got %s", stories[i].limit, stories[i].from, stories[i].ends,
                     clock_text(calendar_zone(calendar), deadline, got));
    }
}

#define TELL(calendar, ...) \
    do { \
        static const struct story stories[] = { __VA_ARGS__ }; \
        tell(calendar, stories, sizeof stories / sizeof *stories); \
    } while (0)

/* 2026-01-05 is a Monday. */

static void in_shanghai(void **state, struct calendar_rules rules,
                        void (*story)(const struct calendar *calendar, struct arena *arena))
{
    (void)state;
    struct arena arena = { 0 };
    struct zone *zone = zone_of("Asia/Shanghai");
    story(make(&arena, zone, rules), &arena);
    zone_destroy(zone);
    arena_finish(&arena);
}

static void clock_hours_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL(calendar, { "2026-01-05 10:00", "2 clock_hour", "2026-01-05 12:00" },
         { "2026-01-05 23:30", "2 clock_hour", "2026-01-06 01:30" },    /* across midnight */
         { "2026-01-10 11:00", "24 clock_hour", "2026-01-11 11:00" },   /* a week-end */
         { "2026-02-14 20:00", "48 clock_hour", "2026-02-16 20:00" },   /* the Spring Festival */
         { "2026-12-31 23:59", "15 clock_minute", "2027-01-01 00:14" }, /* a year's end */
         { "2026-01-05 10:00", "0 clock_hour", "2026-01-05 10:00" });
}

static void clock_hours_count_nights_weekends_and_holidays(void **state)
{
    in_shanghai(state, china_rules(), clock_hours_story);
}

static void working_hours_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL(calendar, { "2026-01-05 08:00", "4 working_hour", "2026-01-05 12:00" }, /* from opening to the lunch break */
         { "2026-01-05 08:00", "5 working_hour", "2026-01-05 15:00" },           /* over the lunch break */
         { "2026-01-05 11:59:59.999", "1 working_hour", "2026-01-05 14:59:59.999" },
         { "2026-01-05 12:00", "1 working_hour", "2026-01-05 15:00" }, /* at the break's begin */
         { "2026-01-05 13:00", "1 working_hour", "2026-01-05 15:00" }, /* inside the break */
         { "2026-01-05 14:00", "1 working_hour", "2026-01-05 15:00" }, /* at the break's end */
         { "2026-01-05 17:00", "1 working_hour", "2026-01-05 18:00" }, /* to the close, not to the next opening */
         { "2026-01-05 17:00", "2 working_hour", "2026-01-06 09:00" }, /* over the night */
         { "2026-01-05 18:00", "1 working_hour", "2026-01-06 09:00" }, /* at closing time */
         { "2026-01-05 23:59", "1 working_hour", "2026-01-06 09:00" },
         { "2026-01-06 00:00", "1 working_hour", "2026-01-06 09:00" },   /* at midnight itself */
         { "2026-01-09 17:30", "4 working_hour", "2026-01-12 11:30" },   /* over the week-end */
         { "2026-01-10 10:00", "4 working_hour", "2026-01-12 12:00" },   /* from a Saturday */
         { "2026-04-30 16:00", "4 working_hour", "2026-05-06 10:00" },   /* over Labour Day */
         { "2026-05-08 16:00", "4 working_hour", "2026-05-09 10:00" },   /* a Saturday that is made up */
         { "2026-01-03 10:00", "8 working_hour", "2026-01-04 18:00" },   /* a Sunday that is made up */
         { "2026-02-13 17:00", "9 working_hour", "2026-02-14 18:00" },   /* the made-up day before the festival … */
         { "2026-02-13 17:00", "10 working_hour", "2026-02-24 09:00" },  /* … and the day after it */
         { "2025-12-31 17:00", "2 working_hour", "2026-01-04 09:00" },   /* a year's end that is a holiday */
         { "2026-01-05 07:00", "0 working_hour", "2026-01-05 07:00" },   /* nothing to wait for: at once */
         { "2026-01-05 08:00", "80 working_hour", "2026-01-16 18:00" }); /* two weeks of eight hours a day */
}

static void working_hours_count_inside_working_periods_only(void **state)
{
    in_shanghai(state, china_rules(), working_hours_story);
}

static void working_days_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL(calendar, { "2026-01-05 10:20", "2 working_day", "2026-01-07 10:20" },
         { "2026-01-08 10:20", "2 working_day", "2026-01-12 10:20" }, /* over a week-end */
         { "2026-01-05 23:30", "1 working_day", "2026-01-06 23:30" }, /* no cut-off: the time of day is kept */
         { "2026-01-10 10:20", "1 working_day", "2026-01-13 10:20" }, /* Saturday counts from Monday, same time */
         { "2026-01-11 00:00", "1 working_day", "2026-01-13 00:00" },
         { "2026-04-30 10:00", "1 working_day", "2026-05-06 10:00" }, /* over Labour Day */
         { "2026-05-08 10:00", "1 working_day", "2026-05-09 10:00" }, /* to the Saturday that is made up */
         { "2026-05-09 10:00", "1 working_day", "2026-05-11 10:00" }, /* from it */
         { "2026-02-13 10:00", "2 working_day", "2026-02-24 10:00" }, /* made-up 14th, then the festival */
         { "2026-02-20 10:00", "1 working_day", "2026-02-25 10:00" }, /* inside it: counts from the 24th */
         { "2026-02-27 10:00", "1 working_day", "2026-02-28 10:00" },
         { "2025-12-31 10:00", "1 working_day", "2026-01-04 10:00" }, /* over the New Year to its made-up Sunday */
         { "2026-01-05 10:20", "0 working_day", "2026-01-05 10:20" },
         { "2026-01-10 10:20", "0 working_day", "2026-01-12 10:20" }); /* the start alone is moved */
}

static void working_days_skip_holidays_and_take_make_up_days(void **state)
{
    in_shanghai(state, china_rules(), working_days_story);
}

static void calendar_days_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL(calendar, { "2026-02-14 20:15", "3 calendar_day", "2026-02-17 20:15" },
         { "2026-12-30 08:00", "7 calendar_day", "2027-01-06 08:00" },
         { "2028-02-28 08:00", "1 calendar_day", "2028-02-29 08:00" }, /* a leap year */
         { "2027-02-28 08:00", "1 calendar_day", "2027-03-01 08:00" },
         { "2026-01-05 08:00", "365 calendar_day", "2027-01-05 08:00" },
         { "2026-01-05 08:00", "0 calendar_day", "2026-01-05 08:00" });
}

static void calendar_days_count_every_day(void **state)
{
    in_shanghai(state, china_rules(), calendar_days_story);
}

static void cut_off_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL(calendar, { "2026-01-05 16:59:59.999", "1 working_day", "2026-01-06 16:59:59.999" },
         { "2026-01-05 17:00", "1 working_day", "2026-01-07 08:30" }, /* at the cut-off: from Tuesday 08:30 */
         { "2026-01-05 23:59", "1 working_day", "2026-01-07 08:30" },
         { "2026-01-06 00:00", "1 working_day", "2026-01-07 00:00" }, /* before opening: kept */
         { "2026-01-06 06:10", "1 working_day", "2026-01-07 06:10" },
         { "2026-01-09 17:00", "1 working_day", "2026-01-13 08:30" }, /* Friday's evening counts from Monday */
         { "2026-01-10 10:20", "1 working_day", "2026-01-13 10:20" }, /* Saturday from Monday, same time */
         { "2026-01-11 17:00", "1 working_day", "2026-01-14 08:30" }, /* … where the cut-off holds as well */
         { "2026-01-05 17:00", "0 working_day", "2026-01-06 08:30" });
}

static void a_cut_off_moves_the_start_to_the_next_working_day(void **state)
{
    in_shanghai(state, city_rules(), cut_off_story);
}

static void office_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL(calendar,
         { "2026-01-10 10:20", "1 working_day", "2026-01-13 18:00" }, /* Saturday: Monday's opening, Tuesday's close */
         { "2026-01-05 06:10", "1 working_day", "2026-01-06 18:00" },
         { "2026-01-05 10:00", "0 working_day", "2026-01-05 18:00" },
         { "2026-02-20 12:00", "2 working_day", "2026-02-26 18:00" });
}

static void a_calendar_may_count_from_opening_to_close(void **state)
{
    struct calendar_rules rules = china_rules();
    rules.non_working_day = NON_WORKING_DAY_NEXT_OPEN;
    rules.before_open = BEFORE_OPEN_OPEN;
    rules.day_end = DAY_END_CLOSE;
    in_shanghai(state, rules, office_story);
}

static void opening_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL(calendar, { "2026-01-05 06:10", "1 working_day", "2026-01-06 08:00" },
         { "2026-01-10 10:20", "1 working_day", "2026-01-13 08:00" },
         { "2026-01-05 20:00", "1 working_day", "2026-01-06 20:00" });
}

static void an_early_report_may_count_from_opening(void **state)
{
    struct calendar_rules rules = china_rules();
    rules.non_working_day = NON_WORKING_DAY_NEXT_OPEN;
    rules.before_open = BEFORE_OPEN_OPEN;
    in_shanghai(state, rules, opening_story);
}

/* New York in 2026: 8 March 02:00 becomes 03:00, 1 November 02:00 becomes 01:00. Both are Sundays. */
static void summer_time_changes_elapsed_time_but_not_the_wall_clock(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct zone *zone = zone_of("America/New_York");
    struct calendar *calendar = make(&arena, zone, city_rules());
    TELL(calendar, { "2026-03-07 12:00", "24 clock_hour", "2026-03-08 13:00" }, /* a day of 23 hours */
         { "2026-10-31 12:00", "24 clock_hour", "2026-11-01 11:00" },           /* a day of 25 hours */
         { "2026-03-07 12:00", "1 calendar_day", "2026-03-08 12:00" },
         { "2026-10-31 12:00", "1 calendar_day", "2026-11-01 12:00" },
         { "2026-03-07 02:30", "1 calendar_day", "2026-03-08 03:00" },                   /* 02:30 does not exist */
         { "2026-10-31 01:30", "1 calendar_day", "2026-11-01T01:30:00-04:00" },          /* of two the earlier */
         { "2026-11-01T01:30:00-05:00", "1 calendar_day", "2026-11-02 01:30" },          /* from the later of them */
         { "2026-11-01T01:30:00-05:00", "0 calendar_day", "2026-11-01T01:30:00-05:00" }, /* never before its start */
         { "2026-03-06 16:00", "2 working_hour", "2026-03-09 09:30" },
         { "2026-03-06 16:30", "1 working_day", "2026-03-09 16:30" },
         { "2026-10-30 16:30", "2 working_day", "2026-11-03 16:30" },
         { "2026-03-08T06:59:59Z", "1 working_day", "2026-03-10 01:59:59" });
    zone_destroy(zone);
    arena_finish(&arena);
}

static void a_night_shift_is_shorter_in_spring_and_longer_in_autumn(void **state)
{
    (void)state;
    static const struct calendar_period night = { 0, 6 * 60 };
    struct arena arena = { 0 };
    struct zone *zone = zone_of("America/New_York");
    struct calendar *calendar =
        make(&arena, zone,
             (struct calendar_rules){ .periods = &night, .period_count = 1, .cut_off_minute = CALENDAR_NO_CUT_OFF });
    TELL(calendar, { "2026-03-07 12:00", "5 working_hour", "2026-03-08 06:00" },
         { "2026-03-07 12:00", "6 working_hour", "2026-03-09 01:00" },
         { "2026-10-31 12:00", "6 working_hour", "2026-11-01 05:00" },
         { "2026-10-31 12:00", "7 working_hour", "2026-11-01 06:00" });
    int64_t spring = moment(zone, "2026-03-08 00:00"), autumn = moment(zone, "2026-11-01 00:00");
    assert_int_equal(calendar_working_ms(calendar, spring, spring + 12 * MS_PER_HOUR), 5 * MS_PER_HOUR);
    assert_int_equal(calendar_working_ms(calendar, autumn, autumn + 12 * MS_PER_HOUR), 7 * MS_PER_HOUR);
    zone_destroy(zone);
    arena_finish(&arena);
}

static void time_left_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    const struct zone *zone = calendar_zone(calendar);
    int64_t friday = moment(zone, "2026-01-09 17:30"), monday = moment(zone, "2026-01-12 09:00");
    assert_int_equal(calendar_working_ms(calendar, friday, monday), 90 * MS_PER_MINUTE);
    assert_int_equal(calendar_working_ms(calendar, monday, friday), -90 * MS_PER_MINUTE);
    assert_int_equal(calendar_working_ms(calendar, friday, friday), 0);
    assert_int_equal(calendar_working_ms(calendar, moment(zone, "2026-01-10 00:00"), moment(zone, "2026-01-11 23:59")),
                     0);
    assert_int_equal(calendar_working_ms(calendar, moment(zone, "2026-01-01 00:00"), moment(zone, "2027-01-01 00:00")),
                     (365 - 104 - 2 - 6 - 3 + 4) * 8 * (int64_t)MS_PER_HOUR);
    assert_true(calendar_is_working_time(calendar, moment(zone, "2026-01-05 08:00")));
    assert_false(calendar_is_working_time(calendar, moment(zone, "2026-01-05 12:00")));
    assert_true(calendar_is_working_time(calendar, moment(zone, "2026-01-05 17:59:59.999")));
    assert_false(calendar_is_working_time(calendar, moment(zone, "2026-01-05 18:00")));
    assert_true(calendar_is_working_time(calendar, moment(zone, "2026-05-09 09:00")));  /* made up */
    assert_false(calendar_is_working_time(calendar, moment(zone, "2026-05-04 09:00"))); /* holiday */
}

static void time_left_is_counted_in_working_time(void **state)
{
    in_shanghai(state, china_rules(), time_left_story);
}

/* Property: a deadline of n working hours is the first moment with n hours of working time behind it. */
static void hours_and_time_left_agree_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    int64_t begin = moment(calendar_zone(calendar), "2026-01-01 00:00");
    for (int64_t i = 0; i < 3000; i++) {
        int64_t from = begin + i * 97 * MS_PER_MINUTE + i * 7, amount = 1 + i % 40;
        int64_t deadline = calendar_deadline(calendar, from, UNIT_WORKING_HOUR, amount);
        assert_int_equal(calendar_working_ms(calendar, from, deadline), amount * MS_PER_HOUR);
        assert_int_equal(calendar_working_ms(calendar, from, deadline - 1), amount * MS_PER_HOUR - 1);
    }
}

static void hours_and_time_left_agree_all_year(void **state)
{
    in_shanghai(state, china_rules(), hours_and_time_left_agree_story);
}

static void endless_story(const struct calendar *calendar, struct arena *arena)
{
    int64_t now = moment(calendar_zone(calendar), "2026-01-05 10:00");
    assert_int_equal(calendar_deadline(calendar, now, UNIT_NONE, 5), 0);
    assert_int_equal(calendar_deadline(calendar, now, UNIT_CLOCK_HOUR, INT64_MAX), INT64_MAX);
    assert_int_equal(calendar_deadline(calendar, now, UNIT_CALENDAR_DAY, INT64_MAX / MS_PER_DAY), INT64_MAX);
    struct calendar_rules never = china_rules();
    never.weekend = 0x7f;
    never.make_up_count = 0;
    struct calendar *idle = calendar_make(arena, "idle", calendar_zone(calendar), &never);
    assert_int_equal(calendar_deadline(idle, now, UNIT_WORKING_DAY, 1), INT64_MAX);
    assert_int_equal(calendar_deadline(idle, now, UNIT_WORKING_HOUR, 1), INT64_MAX);
    assert_string_equal(calendar_code(idle), "idle");
}

static void a_limit_without_an_end_says_so(void **state)
{
    in_shanghai(state, china_rules(), endless_story);
}

/* ---- pauses ---- */

struct pause_story {
    const char *deadline, *unit;
    const char *from, *to; /* the clock stood still */
    const char *ends;
};

static void tell_pauses(const struct calendar *calendar, const struct pause_story *stories, size_t count)
{
    const struct zone *zone = calendar_zone(calendar);
    for (size_t i = 0; i < count; i++) {
        char got[40];
        int unit = enum_value(&limit_unit_desc, stories[i].unit);
        assert_true(unit > UNIT_NONE);
        int64_t deadline = calendar_after_pause(calendar, moment(zone, stories[i].deadline), (enum limit_unit)unit,
                                                moment(zone, stories[i].from), moment(zone, stories[i].to));
        if (deadline != moment(zone, stories[i].ends))
            fail_msg("%s %s, paused from %s to %s: expected %s, got %s", stories[i].unit, stories[i].deadline,
                     stories[i].from, stories[i].to, stories[i].ends, clock_text(zone, deadline, got));
    }
}

#define TELL_PAUSES(calendar, ...) \
    do { \
        static const struct pause_story stories[] = { __VA_ARGS__ }; \
        tell_pauses(calendar, stories, sizeof stories / sizeof *stories); \
    } while (0)

static void paused_time_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL_PAUSES(calendar,
                { "2026-01-05 12:00", "clock_hour", "2026-01-05 11:00", "2026-01-07 11:30", "2026-01-07 12:30" },
                { "2026-01-05 12:00", "clock_minute", "2026-01-05 12:00", "2026-01-05 12:01", "2026-01-05 12:01" },
                { "2026-02-14 12:00", "clock_hour", "2026-02-14 11:00", "2026-02-24 11:00", "2026-02-24 12:00" },
                { "2026-01-05 12:00", "clock_hour", "2026-01-05 11:00", "2026-01-05 11:00", "2026-01-05 12:00" });
}

static void paused_clock_hours_move_by_the_pause(void **state)
{
    in_shanghai(state, china_rules(), paused_time_story);
}

static void paused_hours_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL_PAUSES(
        calendar, { "2026-01-05 15:00", "working_hour", "2026-01-05 10:00", "2026-01-05 11:00", "2026-01-05 16:00" },
        { "2026-01-05 15:00", "working_hour", "2026-01-05 12:00", "2026-01-05 14:00", "2026-01-05 15:00" }, /* lunch */
        { "2026-01-05 15:00", "working_hour", "2026-01-05 11:00", "2026-01-05 13:00",
          "2026-01-05 16:00" }, /* into it */
        { "2026-01-05 11:00", "working_hour", "2026-01-05 10:00", "2026-01-05 12:30",
          "2026-01-05 15:00" }, /* over it */
        { "2026-01-05 12:00", "working_hour", "2026-01-05 10:00", "2026-01-05 11:00", "2026-01-05 15:00" },
        { "2026-01-05 15:00", "working_hour", "2026-01-05 10:00", "2026-01-06 10:00", "2026-01-06 15:00" }, /* inside */
        { "2026-01-12 09:00", "working_hour", "2026-01-09 18:00", "2026-01-12 08:00",
          "2026-01-12 09:00" }, /* a week-end */
        { "2026-01-12 09:00", "working_hour", "2026-01-09 17:00", "2026-01-12 09:00", "2026-01-12 11:00" },
        { "2026-01-12 09:00", "working_hour", "2026-01-10 10:00", "2026-01-11 10:00", "2026-01-12 09:00" },
        { "2026-02-14 10:00", "working_hour", "2026-02-14 09:00", "2026-02-24 09:00",
          "2026-02-24 10:00" }, /* the festival */
        { "2026-05-08 17:00", "working_hour", "2026-05-08 16:00", "2026-05-09 09:00",
          "2026-05-09 10:00" }, /* made up */
        { "2026-01-05 15:00", "working_hour", "2026-01-05 10:00", "2027-01-05 10:00", "2027-01-05 15:00" }, /* a year */
        { "2026-01-05 15:00", "working_hour", "2026-01-05 10:00", "2026-01-05 10:00", "2026-01-05 15:00" });
}

static void paused_working_hours_keep_what_was_left(void **state)
{
    in_shanghai(state, china_rules(), paused_hours_story);
}

static void paused_days_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL_PAUSES(
        calendar, { "2026-01-08 15:00", "working_day", "2026-01-05 10:00", "2026-01-06 10:00", "2026-01-09 15:00" },
        { "2026-01-08 15:00", "working_day", "2026-01-05 10:00", "2026-01-05 10:00", "2026-01-08 15:00" }, /* none */
        { "2026-01-08 15:00", "working_day", "2026-01-05 10:00", "2026-01-05 10:01", "2026-01-09 15:00" }, /* begun */
        { "2026-01-08 15:00", "working_day", "2026-01-05 10:00", "2026-01-06 10:01", "2026-01-12 15:00" },
        { "2026-01-08 15:00", "working_day", "2026-01-05 10:00", "2026-01-07 09:59", "2026-01-12 15:00" },
        { "2026-01-05 15:00", "working_day", "2026-01-05 10:00", "2026-01-05 16:00", "2026-01-06 15:00" }, /* inside */
        { "2026-01-05 15:00", "working_day", "2026-01-05 10:00", "2026-01-06 14:59", "2026-01-07 15:00" },
        { "2026-01-09 15:00", "working_day", "2026-01-09 10:00", "2026-01-10 12:00",
          "2026-01-12 15:00" }, /* to a Saturday */
        { "2026-01-12 15:00", "working_day", "2026-01-10 10:00", "2026-01-11 20:00",
          "2026-01-12 15:00" }, /* a week-end */
        { "2026-01-12 15:00", "working_day", "2026-01-09 10:00", "2026-01-12 10:00", "2026-01-13 15:00" }, /* over it */
        { "2026-02-24 15:00", "working_day", "2026-02-14 10:00", "2026-02-24 10:00",
          "2026-02-25 15:00" }, /* the festival */
        { "2026-02-27 15:00", "working_day", "2026-02-26 10:00", "2026-02-28 10:00",
          "2026-03-02 15:00" }, /* made up: 28th */
        { "2026-02-24 15:00", "working_day", "2026-02-16 10:00", "2026-02-20 10:00",
          "2026-02-24 15:00" }, /* inside it */
        { "2026-01-08 15:00", "calendar_day", "2026-01-05 10:00", "2026-01-10 10:00", "2026-01-13 15:00" },
        { "2026-01-08 15:00", "calendar_day", "2026-01-05 10:00", "2026-01-10 10:01", "2026-01-14 15:00" },
        { "2026-01-05 15:00", "calendar_day", "2026-01-05 10:00", "2026-01-05 16:00", "2026-01-06 15:00" },
        { "2026-01-08 15:00", "calendar_day", "2026-01-05 10:00", "2026-01-05 10:00", "2026-01-08 15:00" },
        { "2026-02-14 15:00", "calendar_day", "2026-02-14 10:00", "2027-02-14 10:00", "2027-02-14 15:00" });
}

static void paused_days_move_by_whole_days(void **state)
{
    in_shanghai(state, china_rules(), paused_days_story);
}

/* The deadlines are those of a calendar by which that Saturday was worked on; the one that is read since knows nothing of it. */
static void another_calendar_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL_PAUSES(calendar,
                { "2026-01-10 12:00", "working_hour", "2026-01-10 10:00", "2026-01-10 20:00", "2026-01-12 10:00" },
                { "2026-01-10 12:00", "working_hour", "2026-01-10 10:00", "2026-01-12 10:00", "2026-01-12 12:00" },
                { "2026-01-10 12:00", "working_day", "2026-01-10 10:00", "2026-01-11 18:00", "2026-01-12 18:00" },
                { "2026-01-11 12:00", "working_day", "2026-01-10 10:00", "2026-01-11 18:00", "2026-01-13 18:00" },
                { "2026-01-10 12:00", "working_hour", "2026-01-10 12:00", "2026-01-10 20:00",
                  "2026-01-10 12:00" }); /* it had none */
}

static void a_pause_takes_no_time_with_another_calendar(void **state)
{
    in_shanghai(state, china_rules(), another_calendar_story);
}

static void paused_office_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    TELL_PAUSES(calendar, /* the close stays the close */
                { "2026-01-06 18:00", "working_day", "2026-01-05 10:00", "2026-01-05 12:00", "2026-01-07 18:00" },
                { "2026-01-06 18:00", "working_day", "2026-01-05 10:00", "2026-01-12 10:00", "2026-01-13 18:00" });
}

static void a_pause_keeps_the_close(void **state)
{
    struct calendar_rules rules = china_rules();
    rules.day_end = DAY_END_CLOSE;
    in_shanghai(state, rules, paused_office_story);
}

static void a_pause_over_a_change_of_clocks(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct zone *zone = zone_of("America/New_York");
    struct calendar *calendar = make(&arena, zone, city_rules());
    TELL_PAUSES(calendar,
                { "2026-03-07 12:00", "clock_hour", "2026-03-07 11:00", "2026-03-08 11:00", "2026-03-08 12:00" },
                { "2026-03-07 12:00", "calendar_day", "2026-03-07 11:00", "2026-03-08 11:00",
                  "2026-03-08 12:00" }, /* 23 hours */
                { "2026-10-31 12:00", "calendar_day", "2026-10-31 11:00", "2026-11-01 11:00",
                  "2026-11-01 12:00" }, /* 25 hours */
                { "2026-10-31 12:00", "calendar_day", "2026-10-31 11:00", "2026-11-01 11:01", "2026-11-02 12:00" },
                { "2026-03-07 02:30", "calendar_day", "2026-03-07 01:00", "2026-03-08 01:00",
                  "2026-03-08 03:00" }, /* no 02:30 */
                { "2026-11-01T01:30:00-05:00", "calendar_day", "2026-10-31 11:00", "2026-10-31 11:00",
                  "2026-11-01T01:30:00-05:00" }, /* the later of two stays it */
                { "2026-11-01T01:30:00-05:00", "calendar_day", "2026-11-01T01:10:00-04:00", "2026-11-01T01:05:00-05:00",
                  "2026-11-01T01:30:00-05:00" }, /* the wall clock went back meanwhile */
                { "2026-03-06 16:00", "working_day", "2026-03-06 15:00", "2026-03-09 15:00", "2026-03-09 16:00" },
                { "2026-03-06 16:00", "working_hour", "2026-03-06 15:00", "2026-03-09 15:00", "2026-03-09 16:00" });
    zone_destroy(zone);
    arena_finish(&arena);
}

/* Property: working hours keep exactly what was left; days keep it or gain less than one. */
static void what_was_left_is_kept_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    int64_t begin = moment(calendar_zone(calendar), "2026-01-01 00:00");
    for (int64_t i = 0; i < 3000; i++) {
        int64_t armed = begin + i * 97 * MS_PER_MINUTE + i * 7;
        int64_t from = armed + i * 31 % 300 * MS_PER_MINUTE, to = from + i * 53 % 20000 * MS_PER_MINUTE;
        int64_t hours = calendar_deadline(calendar, armed, UNIT_WORKING_HOUR, 6 + i % 40);
        int64_t moved = calendar_after_pause(calendar, hours, UNIT_WORKING_HOUR, from, to);
        assert_int_equal(calendar_working_ms(calendar, to, moved), calendar_working_ms(calendar, from, hours));
        int64_t days = calendar_deadline(calendar, armed, UNIT_CALENDAR_DAY, 1 + i % 10);
        int64_t left = days - from, more = calendar_after_pause(calendar, days, UNIT_CALENDAR_DAY, from, to) - to;
        assert_true(more >= left && more < left + MS_PER_DAY);
        int64_t working = calendar_deadline(calendar, armed, UNIT_WORKING_DAY, 1 + i % 10);
        assert_true(calendar_after_pause(calendar, working, UNIT_WORKING_DAY, from, to) > to);
    }
}

static void what_was_left_is_kept_all_year(void **state)
{
    in_shanghai(state, china_rules(), what_was_left_is_kept_story);
}

static void an_endless_pause_story(const struct calendar *calendar, struct arena *arena)
{
    (void)arena;
    int64_t now = moment(calendar_zone(calendar), "2026-01-05 10:00");
    for (int unit = UNIT_NONE + 1; unit < (int)limit_unit_desc.count; unit++)
        assert_int_equal(calendar_after_pause(calendar, INT64_MAX, (enum limit_unit)unit, now, now + MS_PER_DAY),
                         INT64_MAX);
}

static void a_deadline_without_an_end_stays_so(void **state)
{
    in_shanghai(state, china_rules(), an_endless_pause_story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_hours_count_nights_weekends_and_holidays),
        cmocka_unit_test(working_hours_count_inside_working_periods_only),
        cmocka_unit_test(working_days_skip_holidays_and_take_make_up_days),
        cmocka_unit_test(calendar_days_count_every_day),
        cmocka_unit_test(a_cut_off_moves_the_start_to_the_next_working_day),
        cmocka_unit_test(a_calendar_may_count_from_opening_to_close),
        cmocka_unit_test(an_early_report_may_count_from_opening),
        cmocka_unit_test(summer_time_changes_elapsed_time_but_not_the_wall_clock),
        cmocka_unit_test(a_night_shift_is_shorter_in_spring_and_longer_in_autumn),
        cmocka_unit_test(time_left_is_counted_in_working_time),
        cmocka_unit_test(hours_and_time_left_agree_all_year),
        cmocka_unit_test(a_limit_without_an_end_says_so),
        cmocka_unit_test(paused_clock_hours_move_by_the_pause),
        cmocka_unit_test(paused_working_hours_keep_what_was_left),
        cmocka_unit_test(paused_days_move_by_whole_days),
        cmocka_unit_test(a_pause_keeps_the_close),
        cmocka_unit_test(a_pause_over_a_change_of_clocks),
        cmocka_unit_test(what_was_left_is_kept_all_year),
        cmocka_unit_test(a_pause_takes_no_time_with_another_calendar),
        cmocka_unit_test(a_deadline_without_an_end_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
