#include "test/sim/oracle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/base/timestamp.h"

enum { QUARTER = 15, DAY = 24 * 60, DAYS_BEFORE = 30, WALK_DAYS_MAX = 1100, BACK_MAX = 3 * 60 };

void oracle_begin(struct oracle *oracle, int64_t first_day)
{
    memset(oracle, 0, sizeof *oracle);
    oracle->first_day = first_day - DAYS_BEFORE;
}

/* ---- local time ---- */

static struct oracle_zone *zone_of(struct oracle *oracle, const char *name)
{
    size_t i = 0;
    while (oracle->zones[i].name && strcmp(oracle->zones[i].name, name) != 0)
        i++;
    assert(i < ORACLE_ZONES);
    oracle->zones[i].name = name;
    return &oracle->zones[i];
}

static int16_t libc_offset(int64_t minute)
{
    time_t at = (time_t)(minute * 60);
    struct tm local;
    localtime_r(&at, &local);
    return (int16_t)(local.tm_gmtoff / 60);
}

static void ask_libc(struct oracle_zone *zone, int64_t first_day, int64_t day)
{
    setenv("TZ", zone->name, 1);
    tzset();
    int64_t begins = (first_day + day) * DAY;
    int16_t before = libc_offset(begins - DAY);
    for (int quarter = 0; quarter < DAY / QUARTER; quarter++) {
        zone->offsets[day][quarter] = libc_offset(begins + quarter * QUARTER);
        zone->changes[day] |= zone->offsets[day][quarter] != before;
    }
    zone->known[day] = true;
}

static int64_t day_in(const struct oracle *oracle, struct oracle_zone *zone, int64_t minute)
{
    int64_t since = minute - oracle->first_day * DAY, day = since / DAY;
    assert(since >= 0 && day < ORACLE_DAYS);
    if (!zone->known[day])
        ask_libc(zone, oracle->first_day, day);
    return day;
}

/* A minute of UTC, and what the clocks on the wall show in it: minutes since 1970-01-01. */
static int64_t on_the_wall(const struct oracle *oracle, struct oracle_zone *zone, int64_t minute)
{
    return minute + zone->offsets[day_in(oracle, zone, minute)][minute % DAY / QUARTER];
}

static int64_t day_of(int64_t wall)
{
    return wall / DAY;
}

static int minute_of(int64_t wall)
{
    return (int)(wall % DAY);
}

/* ---- working time ---- */

static bool works_on(const struct timetable *table, int64_t day)
{
    for (int i = 0; i < table->make_up_count; i++)
        if (table->make_up[i] == day)
            return true;
    for (int i = 0; i < table->holiday_count; i++)
        if (day >= table->holidays[i].from && day <= table->holidays[i].to)
            return false;
    return !(table->weekend >> civil_weekday(day) & 1);
}

/* A walk through the minutes; whether a day works is looked up when it begins. */
struct walk {
    struct oracle *oracle;
    struct oracle_zone *zone;
    const struct timetable *table;
    int64_t minute, wall, day;
    int64_t
        peak; /* where the clocks on the wall had come before they went back to this minute; the minute itself where they did not */
    bool day_works;
};

static void look(struct walk *walk)
{
    walk->wall = walk->peak = on_the_wall(walk->oracle, walk->zone, walk->minute);
    if (walk->zone->changes[day_in(walk->oracle, walk->zone, walk->minute)])
        for (int64_t back = 1; back < BACK_MAX; back++) {
            int64_t before = on_the_wall(walk->oracle, walk->zone, walk->minute - back) + 1;
            walk->peak = before > walk->peak ? before : walk->peak;
        }
    if (walk->day == day_of(walk->wall))
        return;
    walk->day = day_of(walk->wall);
    walk->day_works = works_on(walk->table, walk->day);
}

static struct walk walk_from(struct oracle *oracle, const struct timetable *table, int64_t at_ms)
{
    struct walk walk = { .oracle = oracle, .zone = zone_of(oracle, table->zone), .table = table, .day = -1 };
    walk.minute = at_ms / MS_PER_MINUTE;
    look(&walk);
    return walk;
}

/* Inside a quarter of an hour the clocks on the wall go on with the minutes. */
static void step(struct walk *walk)
{
    bool goes_on = ++walk->minute % QUARTER && walk->peak == walk->wall;
    if (!goes_on) {
        look(walk);
        return;
    }
    walk->wall++;
    walk->peak++;
}

/* Who has closed does not open again because the clocks go back; who has opened is there for the hour that comes twice. */
static bool works_now(const struct walk *walk)
{
    int64_t wall = minute_of(walk->wall), peak = wall + (walk->peak - walk->wall);
    bool again = peak > wall;
    for (int i = 0; walk->day_works && i < walk->table->period_count; i++) {
        const struct span *period = &walk->table->periods[i];
        if (again ? period->from < peak && period->to >= peak : wall >= period->from && wall < period->to)
            return true;
    }
    return false;
}

static int64_t end_of(const struct walk *walk)
{
    return (walk->minute + 1) * MS_PER_MINUTE;
}

/* The first moment by which so much working time has passed. */
static int64_t after_work(struct oracle *oracle, const struct timetable *table, int64_t from_ms, int64_t work_ms)
{
    struct walk walk = walk_from(oracle, table, from_ms);
    for (int64_t at_ms = from_ms, last = walk.day + WALK_DAYS_MAX; walk.day < last; step(&walk)) {
        int64_t here_ms = works_now(&walk) ? end_of(&walk) - at_ms : 0;
        if (here_ms >= work_ms)
            return at_ms + work_ms;
        work_ms -= here_ms;
        at_ms = end_of(&walk);
    }
    return INT64_MAX;
}

static int64_t work_between(struct oracle *oracle, const struct timetable *table, int64_t from_ms, int64_t to_ms)
{
    struct walk walk = walk_from(oracle, table, from_ms);
    int64_t work_ms = 0;
    for (int64_t at_ms = from_ms; at_ms < to_ms; step(&walk)) {
        int64_t until_ms = end_of(&walk) < to_ms ? end_of(&walk) : to_ms;
        work_ms += works_now(&walk) ? until_ms - at_ms : 0;
        at_ms = until_ms;
    }
    return work_ms;
}

/* ---- days ---- */

/* The first moment, not before from_ms, at which the clocks on the wall show that or more. */
static int64_t when_shown(struct oracle *oracle, const struct timetable *table, int64_t from_ms, int64_t day,
                          int64_t of_day_ms)
{
    int64_t wanted = day * DAY + of_day_ms / MS_PER_MINUTE;
    struct walk walk = walk_from(oracle, table, from_ms);
    if (walk.wall > wanted ||
        (walk.wall == wanted && from_ms % MS_PER_MINUTE >= of_day_ms % MS_PER_MINUTE)) /* it has been shown */
        return from_ms;
    while (walk.wall < wanted)
        step(&walk);
    return walk.minute * MS_PER_MINUTE + (walk.wall == wanted ? of_day_ms % MS_PER_MINUTE : 0);
}

static int64_t next_working_day(const struct timetable *table, int64_t day)
{
    for (int64_t last = day + WALK_DAYS_MAX; day < last;)
        if (works_on(table, ++day))
            return day;
    return INT64_MAX;
}

static int64_t after_working_days(struct oracle *oracle, const struct timetable *table, int64_t from_ms, int64_t count)
{
    struct walk walk = walk_from(oracle, table, from_ms);
    int64_t day = walk.day, of_day_ms = minute_of(walk.wall) * MS_PER_MINUTE + from_ms % MS_PER_MINUTE;
    int64_t opening_ms = table->periods[0].from * MS_PER_MINUTE;
    if (!works_on(table, day)) {
        day = next_working_day(table, day);
        of_day_ms = table->next_open ? opening_ms : of_day_ms;
    }
    if (table->cut_off >= 0 && of_day_ms >= table->cut_off * MS_PER_MINUTE) {
        day = next_working_day(table, day);
        of_day_ms = table->cut_off_becomes * MS_PER_MINUTE;
    }
    if (table->opens_first && of_day_ms < opening_ms)
        of_day_ms = opening_ms;
    for (; count > 0 && day != INT64_MAX; count--)
        day = next_working_day(table, day);
    if (table->until_close)
        of_day_ms = table->periods[table->period_count - 1].to * (int64_t)MS_PER_MINUTE;
    return day == INT64_MAX ? INT64_MAX : when_shown(oracle, table, from_ms, day, of_day_ms);
}

static int64_t after_days(struct oracle *oracle, const struct timetable *table, int64_t from_ms, int64_t count)
{
    struct walk walk = walk_from(oracle, table, from_ms);
    return when_shown(oracle, table, from_ms, walk.day + count,
                      minute_of(walk.wall) * MS_PER_MINUTE + from_ms % MS_PER_MINUTE);
}

int64_t oracle_deadline(struct oracle *oracle, const struct timetable *table, int64_t from_ms, enum limit_unit unit,
                        int64_t amount)
{
    switch (unit) {
    case UNIT_CLOCK_MINUTE:
        return from_ms + amount * MS_PER_MINUTE;
    case UNIT_CLOCK_HOUR:
        return from_ms + amount * MS_PER_HOUR;
    case UNIT_WORKING_HOUR:
        return after_work(oracle, table, from_ms, amount * MS_PER_HOUR);
    case UNIT_WORKING_DAY:
        return after_working_days(oracle, table, from_ms, amount);
    case UNIT_CALENDAR_DAY:
        return after_days(oracle, table, from_ms, amount);
    case UNIT_NONE:
        break;
    }
    return 0;
}

/* ---- pauses ---- */

/* How long the clocks on the wall went on in the pause, on days that work or on all. */
static int64_t wall_ms_of_pause(struct oracle *oracle, const struct timetable *table, bool working, int64_t from_ms,
                                int64_t to_ms)
{
    struct walk from = walk_from(oracle, table, from_ms), to = walk_from(oracle, table, to_ms);
    int64_t begins_ms = minute_of(from.wall) * MS_PER_MINUTE + from_ms % MS_PER_MINUTE;
    int64_t ends_ms = minute_of(to.wall) * MS_PER_MINUTE + to_ms % MS_PER_MINUTE, sum_ms = 0;
    for (int64_t day = from.day; day <= to.day; day++)
        if (!working || works_on(table, day))
            sum_ms += (day == to.day ? ends_ms : MS_PER_DAY) - (day == from.day ? begins_ms : 0);
    return sum_ms;
}

/* By every begun day of that time one day (working day) later, at the same time of day. */
static int64_t days_later(struct oracle *oracle, const struct timetable *table, int64_t at_ms, bool working,
                          int64_t left_ms)
{
    struct walk walk = walk_from(oracle, table, at_ms);
    int64_t day = walk.day;
    for (; left_ms > 0 && day != INT64_MAX; left_ms -= MS_PER_DAY)
        day = working ? next_working_day(table, day) : day + 1;
    return day == INT64_MAX
               ? INT64_MAX
               : when_shown(oracle, table, at_ms, day, minute_of(walk.wall) * MS_PER_MINUTE + at_ms % MS_PER_MINUTE);
}

int64_t oracle_after_pause(struct oracle *oracle, const struct timetable *table, int64_t deadline_ms,
                           enum limit_unit unit, int64_t from_ms, int64_t to_ms)
{
    bool hours = unit == UNIT_WORKING_HOUR, working = unit == UNIT_WORKING_DAY;
    int64_t wall_ms = deadline_ms - from_ms; /* what was left, where the table knows nothing of it any more */
    if (!hours && !working && unit != UNIT_CALENDAR_DAY)
        return deadline_ms + (to_ms - from_ms);
    int64_t ends_ms = hours ? after_work(oracle, table, deadline_ms, work_between(oracle, table, from_ms, to_ms))
                            : days_later(oracle, table, deadline_ms, working,
                                         wall_ms_of_pause(oracle, table, working, from_ms, to_ms));
    if (ends_ms > to_ms || wall_ms <= 0)
        return ends_ms;
    return hours ? after_work(oracle, table, to_ms, wall_ms) : days_later(oracle, table, to_ms, working, wall_ms);
}

/* ---- shifts ---- */

static bool begins_on(const struct district *district, const struct shift_plan *shift, int64_t day)
{
    return shift->table < 0 || works_on(&district->tables[shift->table], day);
}

bool oracle_on_duty(struct oracle *oracle, const struct district *district, int person, int64_t at_ms)
{
    if (district->people[person].shift < 0)
        return true;
    const struct shift_plan *shift = &district->shifts[district->people[person].shift];
    int64_t wall = on_the_wall(oracle, zone_of(oracle, district->zone), at_ms / MS_PER_MINUTE);
    int minute = minute_of(wall);
    bool over_midnight = shift->to < shift->from;
    if (minute >= shift->from && (over_midnight || minute < shift->to) && begins_on(district, shift, day_of(wall)))
        return true;
    return over_midnight && minute < shift->to && begins_on(district, shift, day_of(wall) - 1);
}
