/* Working calendars: from a moment and a limit to a deadline. Pure: no clock, no state; see DOMAIN 4.
 *
 * A calendar's YAML (calendars.yaml):
 *   - code: china
 *     time_zone: Asia/Shanghai         # where it is not the district's
 *     weekend: [saturday, sunday]
 *     periods: [{from: "08:00", to: "12:00"}, {from: "14:00", to: "18:00"}]   # working periods of a working day
 *     holidays: [{from: 2026-01-01, to: 2026-01-03, name: 元旦}]   # both days included; without `to` one day
 *     make_up: [2026-01-04]            # 调休: working days although it is the week-end
 *     ics:                             # more of both, from iCalendar files (see icalendar.h)
 *       - file: holidays.ics           # in the book's folder; its bytes are part of the book's version
 *         as: holidays | make_up       # left out: holidays
 *         categories: [调休]            # only events with one of these CATEGORIES; left out: all
 *         summary: 补班                 # only events with this in their SUMMARY; left out: all
 *         from_year: 2000              # what lies outside of these years is not looked at; rules without an end
 *         to_year: 2099                # run as far (these are the defaults)
 *     start:                           # what a moment becomes from which working days are counted
 *       non_working_day: next_same_time | next_open      # Saturday 10:20 → Monday 10:20, or Monday 08:00
 *       cut_off: "17:00"                                  # at or after it …
 *       cut_off_becomes: "08:30"                          # … the next weekday's / working day's 08:30
 *       before_open: keep | open
 *       day_end: same_time | close                        # the deadline's time of day, or the close of that day
 * Left out, these rules are: next_same_time, no cut-off, keep, same_time.
 * Working days: the start is moved by these rules in this order (a day that does not work, cut-off, before opening), then N
 * working days are added.
 * A working period lasts from the first moment of its day at which the clocks show its beginning to the first at which they show its end: an
 * office that has closed does not open again because they go back.
 * Working hours: only time inside working periods counts, to the millisecond: the first moment by which so much of it has
 * passed. So 1 hour from 17:00 ends at 18:00 where the office closes, not at the next opening; 0 hours end at once.
 * A deadline is never before the moment it counts from.
 * Calendar days: N days later at the same local time of day, also across a change of summer time (a time that does not exist
 * becomes the first one after the gap; of two equal ones the earlier).
 * Clock hours and minutes: elapsed time, nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/record/case.h"

struct arena;
struct calendar;
struct zone;

#define CALENDAR_NON_WORKING_DAYS(X) \
    X(NON_WORKING_DAY, NEXT_SAME_TIME, "next_same_time") \
    X(NON_WORKING_DAY, NEXT_OPEN, "next_open")
ENUM_DECLARE(calendar_non_working_day, CALENDAR_NON_WORKING_DAYS)

#define CALENDAR_BEFORE_OPENS(X) \
    X(BEFORE_OPEN, KEEP, "keep") \
    X(BEFORE_OPEN, OPEN, "open")
ENUM_DECLARE(calendar_before_open, CALENDAR_BEFORE_OPENS)

#define CALENDAR_DAY_ENDS(X) \
    X(DAY_END, SAME_TIME, "same_time") \
    X(DAY_END, CLOSE, "close")
ENUM_DECLARE(calendar_day_end, CALENDAR_DAY_ENDS)

#define CALENDAR_DAYS(X) \
    X(CALENDAR_DAY, WORKING, "working day") \
    X(CALENDAR_DAY, MAKE_UP, "make-up working day") \
    X(CALENDAR_DAY, WEEK_END, "week-end") \
    X(CALENDAR_DAY, HOLIDAY, "holiday")
ENUM_DECLARE(calendar_day, CALENDAR_DAYS)

enum { CALENDAR_PERIODS_MAX = 8, CALENDAR_NO_CUT_OFF = -1, CALENDAR_SEARCH_DAYS = 3 * 366 };
enum { CALENDAR_ICS_FROM_YEAR = 2000, CALENDAR_ICS_TO_YEAR = 2099 };

/* [from, to) in minutes of the local day, 0 ≤ from < to ≤ 1440. */
struct calendar_period {
    int64_t from_minute, to_minute;
};

/* Days since 1970-01-01, both included. */
struct calendar_days {
    int64_t from, to;
};

/* What the YAML says, checked. Periods are in order, do not overlap, and are at least one and at most CALENDAR_PERIODS_MAX. */
struct calendar_rules {
    unsigned weekend; /* bit 0 = Monday */
    const struct calendar_period *periods;
    size_t period_count;
    const struct calendar_days *holidays; /* in any order */
    size_t holiday_count;
    const int64_t *make_up; /* days, in any order; they beat holidays and week-ends */
    size_t make_up_count;
    enum calendar_non_working_day non_working_day;
    int64_t cut_off_minute; /* CALENDAR_NO_CUT_OFF: none */
    int64_t cut_off_becomes_minute;
    enum calendar_before_open before_open;
    enum calendar_day_end day_end;
};

/* Copies the rules and the code into the arena; the zone must outlive the calendar. */
struct calendar *calendar_make(struct arena *arena, const char *code, const struct zone *zone,
                               const struct calendar_rules *rules);

const char *calendar_code(const struct calendar *calendar);
const struct zone *calendar_zone(const struct calendar *calendar);

/* The deadline of a limit that counts from `from_ms`. amount ≥ 0. UNIT_NONE gives 0; past the end of time INT64_MAX.
 * A calendar with no working time within 3 years of the start gives INT64_MAX (the book's check refuses such a calendar). */
int64_t calendar_deadline(const struct calendar *calendar, int64_t from_ms, enum limit_unit unit, int64_t amount);

/* Where a deadline moves to when its clock stood still from `from_ms` to `to_ms`, before the deadline. What was left is kept: of clock hours and
 * minutes in time, of working hours in working time. A deadline of days keeps its time of day and moves by the days that the pause took on the
 * wall clock (of working days: of such days only), a begun one being a whole one.
 * A clock that had time when it was stopped has time when it goes on: where another calendar is read since, in which all that was left is not
 * working time, what was left on the wall clock is given as time of the unit (a begun day as a whole one) from the end of the pause. */
int64_t calendar_after_pause(const struct calendar *calendar, int64_t deadline_ms, enum limit_unit unit,
                             int64_t from_ms, int64_t to_ms);

/* The first working day on or after `day`; INT64_MAX where there is none within CALENDAR_SEARCH_DAYS. */
int64_t calendar_working_day_from(const struct calendar *calendar, int64_t day);
/* day: local, since 1970-01-01 */
enum calendar_day calendar_day_of(const struct calendar *calendar, int64_t day);
bool calendar_is_working_day(const struct calendar *calendar, int64_t day);
bool calendar_is_working_time(const struct calendar *calendar, int64_t at_ms);
/* The last day of which the calendar says by its date whether it works; INT64_MIN where it knows week-ends only. */
int64_t calendar_last_named_day(const struct calendar *calendar);
/* Working time between two moments, negative if to < from: what the pages show as "left". */
int64_t calendar_working_ms(const struct calendar *calendar, int64_t from_ms, int64_t to_ms);
