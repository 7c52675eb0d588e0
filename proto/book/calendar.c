#include "proto/book/calendar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/arena.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

ENUM_DEFINE(calendar_non_working_day, CALENDAR_NON_WORKING_DAYS)
ENUM_DEFINE(calendar_before_open, CALENDAR_BEFORE_OPENS)
ENUM_DEFINE(calendar_day_end, CALENDAR_DAY_ENDS)
ENUM_DEFINE(calendar_day, CALENDAR_DAYS)

struct calendar {
    const char *code; /* first, as in everything that the book looks up by code */
    const struct zone *zone;
    struct calendar_rules rules; /* holidays and make-up days in order, holidays apart from each other */
};

static int order_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int compare_days(const void *a, const void *b)
{
    return order_of(*(const int64_t *)a, *(const int64_t *)b);
}

static int compare_holidays(const void *a, const void *b)
{
    return order_of(((const struct calendar_days *)a)->from, ((const struct calendar_days *)b)->from);
}

/* In order, and joined where they touch or overlap; returns how many are left. */
static size_t join_holidays(struct calendar_days *holidays, size_t count)
{
    size_t last = 0;
    qsort(holidays, count, sizeof *holidays, compare_holidays);
    for (size_t i = 1; i < count; i++)
        if (holidays[i].from > holidays[last].to + 1)
            holidays[++last] = holidays[i];
        else if (holidays[i].to > holidays[last].to)
            holidays[last].to = holidays[i].to;
    return count ? last + 1 : 0;
}

static void *copy(struct arena *arena, const void *items, size_t count, size_t size)
{
    void *out = arena_array(arena, count ? count : 1, size);
    if (count)
        memcpy(out, items, count * size);
    return out;
}

struct calendar *calendar_make(struct arena *arena, const char *code, const struct zone *zone,
                               const struct calendar_rules *rules)
{
    assert(rules->period_count >= 1 && rules->period_count <= CALENDAR_PERIODS_MAX);
    struct calendar *calendar = arena_alloc(arena, sizeof *calendar);
    *calendar = (struct calendar){ arena_text(arena, code, strlen(code)), zone, *rules };
    calendar->rules.periods = copy(arena, rules->periods, rules->period_count, sizeof *rules->periods);
    struct calendar_days *holidays = copy(arena, rules->holidays, rules->holiday_count, sizeof *holidays);
    calendar->rules.holiday_count = join_holidays(holidays, rules->holiday_count);
    calendar->rules.holidays = holidays;
    int64_t *make_up = copy(arena, rules->make_up, rules->make_up_count, sizeof *make_up);
    qsort(make_up, rules->make_up_count, sizeof *make_up, compare_days);
    calendar->rules.make_up = make_up;
    return calendar;
}

const char *calendar_code(const struct calendar *calendar)
{
    return calendar->code;
}

const struct zone *calendar_zone(const struct calendar *calendar)
{
    return calendar->zone;
}

/* ---- days ---- */

static int64_t day_of(int64_t local_ms)
{
    return local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0);
}

static int64_t local_of(int64_t day, int64_t minute)
{
    return day * MS_PER_DAY + minute * MS_PER_MINUTE;
}

/* For bsearch: the day is before, inside or behind the holiday. */
static int compare_day_to_holiday(const void *day, const void *holiday)
{
    const struct calendar_days *days = holiday;
    int64_t at = *(const int64_t *)day;
    return at < days->from ? -1 : at > days->to;
}

static bool is_holiday(const struct calendar_rules *rules, int64_t day)
{
    return bsearch(&day, rules->holidays, rules->holiday_count, sizeof *rules->holidays, compare_day_to_holiday);
}

enum calendar_day calendar_day_of(const struct calendar *calendar, int64_t day)
{
    const struct calendar_rules *rules = &calendar->rules;
    if (bsearch(&day, rules->make_up, rules->make_up_count, sizeof *rules->make_up, compare_days))
        return CALENDAR_DAY_MAKE_UP;
    if (rules->weekend >> civil_weekday(day) & 1)
        return CALENDAR_DAY_WEEK_END;
    return is_holiday(rules, day) ? CALENDAR_DAY_HOLIDAY : CALENDAR_DAY_WORKING;
}

bool calendar_is_working_day(const struct calendar *calendar, int64_t day)
{
    return calendar_day_of(calendar, day) <= CALENDAR_DAY_MAKE_UP;
}

int64_t calendar_last_named_day(const struct calendar *calendar)
{
    const struct calendar_rules *rules = &calendar->rules;
    int64_t holiday = rules->holiday_count ? rules->holidays[rules->holiday_count - 1].to : INT64_MIN;
    int64_t make_up = rules->make_up_count ? rules->make_up[rules->make_up_count - 1] : INT64_MIN;
    return holiday > make_up ? holiday : make_up;
}

int64_t calendar_working_day_from(const struct calendar *calendar, int64_t day)
{
    for (int i = 0; i < CALENDAR_SEARCH_DAYS; i++, day++)
        if (calendar_is_working_day(calendar, day))
            return day;
    return INT64_MAX;
}

/* ---- working time ---- */

struct span {
    int64_t from_ms, to_ms;
};

/* The moments of one working period of a day: shorter or longer than its minutes on a day that changes the clocks. */
static struct span span_of(const struct calendar *calendar, int64_t day, size_t period)
{
    const struct calendar_period *minutes = &calendar->rules.periods[period];
    return (struct span){ zone_from_local_ms(calendar->zone, local_of(day, minutes->from_minute)),
                          zone_from_local_ms(calendar->zone, local_of(day, minutes->to_minute)) };
}

static int64_t local_day(const struct calendar *calendar, int64_t at_ms)
{
    return day_of(zone_to_local_ms(calendar->zone, at_ms));
}

bool calendar_is_working_time(const struct calendar *calendar, int64_t at_ms)
{
    int64_t day = local_day(calendar, at_ms);
    if (!calendar_is_working_day(calendar, day))
        return false;
    for (size_t i = 0; i < calendar->rules.period_count; i++) {
        struct span span = span_of(calendar, day, i);
        if (at_ms >= span.from_ms && at_ms < span.to_ms)
            return true;
    }
    return false;
}

int64_t calendar_working_ms(const struct calendar *calendar, int64_t from_ms, int64_t to_ms)
{
    if (to_ms < from_ms)
        return -calendar_working_ms(calendar, to_ms, from_ms);
    int64_t sum = 0, last = local_day(calendar, to_ms);
    for (int64_t day = local_day(calendar, from_ms); day <= last; day++) {
        if (!calendar_is_working_day(calendar, day))
            continue;
        for (size_t i = 0; i < calendar->rules.period_count; i++) {
            struct span span = span_of(calendar, day, i);
            sum += most(0, least(span.to_ms, to_ms) - most(span.from_ms, from_ms));
        }
    }
    return sum;
}

/* ---- deadlines ---- */

/* a + b × c, or INT64_MAX beyond. */
static int64_t plus(int64_t a, int64_t b, int64_t c)
{
    int64_t product, sum;
    if (__builtin_mul_overflow(b, c, &product) || __builtin_add_overflow(a, product, &sum))
        return INT64_MAX;
    return sum;
}

static int64_t after_working_ms(const struct calendar *calendar, int64_t from_ms, int64_t left)
{
    if (left == 0)
        return from_ms;
    for (int64_t day = local_day(calendar, from_ms);; day++) {
        day = calendar_working_day_from(calendar, day);
        if (day == INT64_MAX)
            return INT64_MAX;
        for (size_t i = 0; i < calendar->rules.period_count; i++) {
            struct span span = span_of(calendar, day, i);
            int64_t begin = most(span.from_ms, from_ms);
            if (span.to_ms - begin >= left)
                return begin + left;
            left -= most(0, span.to_ms - begin);
        }
    }
}

/* From where working days are counted (local time), by the calendar's `start` rules; INT64_MAX where no day works. */
static int64_t counted_from(const struct calendar *calendar, int64_t local_ms)
{
    const struct calendar_rules *rules = &calendar->rules;
    int64_t day = day_of(local_ms), in_day = local_ms - day * MS_PER_DAY;
    int64_t open = rules->periods[0].from_minute * MS_PER_MINUTE;
    int64_t working = calendar_working_day_from(calendar, day);
    if (working == INT64_MAX)
        return INT64_MAX;
    if (working != day && rules->non_working_day == NON_WORKING_DAY_NEXT_OPEN)
        in_day = open;
    if (rules->cut_off_minute != CALENDAR_NO_CUT_OFF && in_day >= rules->cut_off_minute * MS_PER_MINUTE) {
        working = calendar_working_day_from(calendar, working + 1);
        if (working == INT64_MAX)
            return INT64_MAX;
        in_day = rules->cut_off_becomes_minute * MS_PER_MINUTE;
    }
    if (rules->before_open == BEFORE_OPEN_OPEN && in_day < open)
        in_day = open;
    return working * MS_PER_DAY + in_day;
}

static int64_t working_day_after(const struct calendar *calendar, int64_t day, int64_t amount)
{
    for (; amount > 0 && day != INT64_MAX; amount--)
        day = calendar_working_day_from(calendar, day + 1);
    return day;
}

static int64_t after_working_days(const struct calendar *calendar, int64_t from_ms, int64_t amount)
{
    int64_t start = counted_from(calendar, zone_to_local_ms(calendar->zone, from_ms));
    if (start == INT64_MAX)
        return INT64_MAX;
    int64_t in_day = start - day_of(start) * MS_PER_DAY, day = working_day_after(calendar, day_of(start), amount);
    if (day == INT64_MAX)
        return INT64_MAX;
    if (calendar->rules.day_end == DAY_END_CLOSE)
        in_day = calendar->rules.periods[calendar->rules.period_count - 1].to_minute * MS_PER_MINUTE;
    return zone_from_local_ms(calendar->zone, day * MS_PER_DAY + in_day);
}

static int64_t after_calendar_days(const struct calendar *calendar, int64_t from_ms, int64_t amount)
{
    int64_t local = plus(zone_to_local_ms(calendar->zone, from_ms), amount, MS_PER_DAY);
    return local > INT64_MAX - 2 * MS_PER_DAY ? INT64_MAX : zone_from_local_ms(calendar->zone, local);
}

int64_t calendar_deadline(const struct calendar *calendar, int64_t from_ms, enum limit_unit unit, int64_t amount)
{
    assert(amount >= 0);
    int64_t deadline;
    switch (unit) {
    case UNIT_NONE:
        return 0;
    case UNIT_CLOCK_MINUTE:
        return plus(from_ms, amount, MS_PER_MINUTE);
    case UNIT_CLOCK_HOUR:
        return plus(from_ms, amount, MS_PER_HOUR);
    case UNIT_WORKING_HOUR:
        deadline = after_working_ms(calendar, from_ms, plus(0, amount, MS_PER_HOUR));
        break;
    case UNIT_WORKING_DAY:
        deadline = after_working_days(calendar, from_ms, amount);
        break;
    case UNIT_CALENDAR_DAY:
        deadline = after_calendar_days(calendar, from_ms, amount);
        break;
    default:
        assert(!"a unit of the table");
        return 0;
    }
    return deadline > from_ms ? deadline
                              : from_ms; /* the earlier of two equal wall-clock times may lie before the start */
}

/* ---- pauses ---- */

/* How many days a pause takes on the zone's clocks; a begun one is a whole one, so that none that was left is lost. */
static int64_t days_of_pause(const struct calendar *calendar, int64_t from_ms, int64_t to_ms, bool working)
{
    int64_t from = zone_to_local_ms(calendar->zone, from_ms), to = zone_to_local_ms(calendar->zone, to_ms);
    int64_t sum = to - from;
    for (int64_t day = day_of(from); working && day <= day_of(to); day++)
        if (!calendar_is_working_day(calendar, day))
            sum -= least(to, (day + 1) * MS_PER_DAY) - most(from, day * MS_PER_DAY);
    return sum > 0 ? (sum + MS_PER_DAY - 1) / MS_PER_DAY : 0;
}

static int64_t later_by_days(const struct calendar *calendar, int64_t at_ms, int64_t days, bool working)
{
    int64_t local = zone_to_local_ms(calendar->zone, at_ms), day = day_of(local), in_day = local - day * MS_PER_DAY;
    if (!days)
        return at_ms; /* of two equal wall-clock times it stays the one that it is */
    day = working ? working_day_after(calendar, day, days) : day + days;
    return day == INT64_MAX ? INT64_MAX : zone_from_local_ms(calendar->zone, day * MS_PER_DAY + in_day);
}

static int64_t moved_by_pause(const struct calendar *calendar, int64_t deadline_ms, enum limit_unit unit,
                              int64_t from_ms, int64_t to_ms)
{
    bool working = unit == UNIT_WORKING_DAY;
    if (unit == UNIT_WORKING_HOUR)
        return after_working_ms(calendar, deadline_ms, calendar_working_ms(calendar, from_ms, to_ms));
    if (working || unit == UNIT_CALENDAR_DAY)
        return later_by_days(calendar, deadline_ms, days_of_pause(calendar, from_ms, to_ms, working), working);
    return plus(deadline_ms, 1, to_ms - from_ms);
}

/* The wall's time that was left, as time of the unit from the pause's end on. */
static int64_t with_wall_time(const struct calendar *calendar, int64_t to_ms, enum limit_unit unit, int64_t left_ms)
{
    if (unit == UNIT_WORKING_HOUR)
        return after_working_ms(calendar, to_ms, left_ms);
    return later_by_days(calendar, to_ms, (left_ms + MS_PER_DAY - 1) / MS_PER_DAY, unit == UNIT_WORKING_DAY);
}

int64_t calendar_after_pause(const struct calendar *calendar, int64_t deadline_ms, enum limit_unit unit,
                             int64_t from_ms, int64_t to_ms)
{
    assert(from_ms <= to_ms);
    if (deadline_ms == INT64_MAX)
        return INT64_MAX;
    int64_t moved_ms = moved_by_pause(calendar, deadline_ms, unit, from_ms, to_ms);
    bool had_time = deadline_ms > from_ms, has_time = moved_ms > to_ms;
    return had_time && !has_time ? with_wall_time(calendar, to_ms, unit, deadline_ms - from_ms) : moved_ms;
}
