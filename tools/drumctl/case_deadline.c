/* Why a clock has its deadline: the calendar's days one after the other, as the engine counts them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/book/calendar.h"
#include "proto/book/zone.h"
#include "tools/drumctl/case.h"

#define STEP "              " /* under the clock's own lines */

/* ---- days ---- */

struct counting {
    struct look_at_case *look;
    const struct calendar *calendar;
    int64_t from_ms, to_ms; /* the deadline */
    enum limit_unit unit;
    int64_t amount;
    int64_t days, working_ms; /* counted so far */
};

static int64_t local_day(const struct calendar *calendar, int64_t at_ms)
{
    int64_t local_ms = zone_to_local_ms(calendar_zone(calendar), at_ms);
    return local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0);
}

static const char *day_text(struct look_at_case *look, int64_t day)
{
    static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    struct civil_date date = civil_from_days(day);
    return arena_format(&look->arena, "%s %04d-%02d-%02d", weekdays[civil_weekday(day)], date.year, date.month,
                        date.day);
}

static const char *hours_text(struct look_at_case *look, int64_t span_ms)
{
    int64_t seconds = span_ms / 1000;
    return arena_format(&look->arena, seconds % 60 ? "%" PRId64 ":%02" PRId64 ":%02" PRId64 : "%" PRId64 ":%02" PRId64,
                        seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* Working time of these days, as far as it lies inside of the limit. */
static int64_t working_ms_of(const struct counting *counting, int64_t first, int64_t last)
{
    const struct zone *zone = calendar_zone(counting->calendar);
    int64_t from_ms = zone_from_local_ms(zone, first * MS_PER_DAY),
            to_ms = zone_from_local_ms(zone, (last + 1) * MS_PER_DAY);
    return calendar_working_ms(counting->calendar, from_ms > counting->from_ms ? from_ms : counting->from_ms,
                               to_ms < counting->to_ms ? to_ms : counting->to_ms);
}

/* Days in a row that are of one kind. */
static void tell_days(struct counting *counting, int64_t first, int64_t last)
{
    struct look_at_case *look = counting->look;
    enum calendar_day kind = calendar_day_of(counting->calendar, first);
    bool hours = counting->unit == UNIT_WORKING_HOUR, works = kind <= CALENDAR_DAY_MAKE_UP;
    printf(STEP "%s%s%s  %s%s", day_text(look, first), first < last ? " to " : "",
           first < last ? day_text(look, last) : "", enum_name(&calendar_day_desc, (int)kind), first < last ? "s" : "");
    counting->days += works ? last - first + 1 : 0;
    counting->working_ms += hours ? working_ms_of(counting, first, last) : 0;
    if (works && hours)
        printf(": %s of working time, %s of %" PRId64 ":00 by then",
               hours_text(look, working_ms_of(counting, first, last)), hours_text(look, counting->working_ms),
               counting->amount);
    else if (works)
        printf(": %" PRId64 " of %" PRId64, counting->days, counting->amount);
    putchar('\n');
}

static void tell_each_day(struct counting *counting, int64_t first, int64_t last)
{
    for (int64_t day = first, end; day <= last; day = end + 1) {
        for (end = day;
             end < last && calendar_day_of(counting->calendar, end + 1) == calendar_day_of(counting->calendar, day);)
            end++;
        tell_days(counting, day, end);
    }
}

/* ---- one limit ---- */

static void tell_working_days(struct counting *counting)
{
    const struct calendar *calendar = counting->calendar;
    int64_t from = local_day(calendar, counting->from_ms);
    int64_t start = local_day(
        calendar, calendar_deadline(calendar, counting->from_ms, UNIT_WORKING_DAY, 0)); /* by its `start` rules */
    printf(STEP "%s  counted from here%s\n", day_text(counting->look, start),
           start == from ? "" : ", by the calendar's rules for a start outside of working days and hours");
    tell_each_day(counting, start + 1, local_day(calendar, counting->to_ms));
}

static void tell_limit(struct counting *counting)
{
    const char *unit = enum_name(&limit_unit_desc, (int)counting->unit);
    printf(STEP "%" PRId64 " %s from %s\n", counting->amount, unit, case_time(counting->look, counting->from_ms));
    if (counting->unit == UNIT_WORKING_HOUR)
        tell_each_day(counting, local_day(counting->calendar, counting->from_ms),
                      local_day(counting->calendar, counting->to_ms));
    else if (counting->unit == UNIT_WORKING_DAY)
        tell_working_days(counting);
    printf(STEP "→ %s\n", case_time(counting->look, counting->to_ms));
}

/* ---- all of a clock ---- */

/* By how much a pause moves a deadline, in what its limit is counted by. */
static const char *moved_text(struct look_at_case *look, const struct calendar *calendar, enum limit_unit unit,
                              const struct pause *pause, int64_t from_ms, int64_t to_ms)
{
    int64_t days = 0;
    if (unit == UNIT_WORKING_HOUR)
        return arena_format(&look->arena, "%s of working time",
                            hours_text(look, calendar_working_ms(calendar, pause->from_ms, pause->to_ms)));
    if (unit != UNIT_WORKING_DAY && unit != UNIT_CALENDAR_DAY)
        return hours_text(look, pause->to_ms - pause->from_ms);
    for (int64_t day = local_day(calendar, from_ms) + 1; day <= local_day(calendar, to_ms); day++)
        days += unit == UNIT_CALENDAR_DAY || calendar_is_working_day(calendar, day);
    return arena_format(&look->arena, "%" PRId64 " %s", days, enum_name(&limit_unit_desc, (int)unit));
}

static int64_t tell_pauses(struct look_at_case *look, const struct clock *clock, const struct calendar *calendar,
                           int64_t deadline_ms)
{
    for (size_t i = 0; i < clock->pauses.count; i++) {
        const struct pause *pause = &clock->pauses.items[i];
        if (!pause->to_ms)
            break;
        int64_t before_ms = deadline_ms;
        deadline_ms = calendar_after_pause(calendar, before_ms, clock->unit, pause->from_ms, pause->to_ms);
        printf(STEP "paused from %s to %s: later by %s\n" STEP "→ %s\n", case_time(look, pause->from_ms),
               case_time(look, pause->to_ms), moved_text(look, calendar, clock->unit, pause, before_ms, deadline_ms),
               case_time(look, deadline_ms));
    }
    return deadline_ms;
}

/* A book that was changed changes no promise: what was told stays. */
static void tell_outcome(struct look_at_case *look, const struct clock *clock, int64_t deadline_ms)
{
    if (deadline_ms == clock->deadline_ms)
        puts("    the book gives the same deadline");
    else
        printf("    the book now gives %s: it has changed since, and what was promised stays\n",
               case_time(look, deadline_ms));
}

void case_explain_deadline(struct look_at_case *look, const struct clock *clock)
{
    const struct calendar *calendar = *clock->calendar ? book_calendar(look->book, clock->calendar) : NULL;
    bool elapsed = clock->unit == UNIT_CLOCK_HOUR || clock->unit == UNIT_CLOCK_MINUTE;
    if (!clock->unit)
        return;
    if (!calendar && !elapsed) {
        printf("    the book has no calendar '%s' any more\n", clock->calendar);
        return;
    }
    struct counting counting = { .look = look,
                                 .calendar = calendar,
                                 .from_ms = clock->armed_at_ms,
                                 .unit = clock->unit,
                                 .amount = clock->amount * (1 + clock->extensions) };
    counting.to_ms = calendar_deadline(calendar, counting.from_ms, counting.unit, counting.amount);
    puts("    why");
    tell_limit(&counting);
    tell_outcome(look, clock, tell_pauses(look, clock, calendar, counting.to_ms));
}
