#include "proto/base/timestamp.h"
#include "proto/book/icalendar_event.h"

bool icalendar_day_of(struct icalendar_problems *problems, size_t line, const char *name, struct icaltimetype time,
                      int64_t *day)
{
    const struct civil_date date = { time.year, time.month, time.day };
    if (!time.is_date) {
        ICALENDAR_PROBLEM(problems, line, "%s has a time of day; expected a whole day, such as VALUE=DATE:20260101",
                          name);
        return false;
    }
    *day = civil_to_days(date);
    const struct civil_date back = civil_from_days(*day);
    if (back.month == date.month && back.day == date.day && date.year >= ICALENDAR_YEAR_FIRST &&
        date.year <= ICALENDAR_YEAR_LAST)
        return true;
    ICALENDAR_PROBLEM(problems, line, "%s: %04d-%02d-%02d is not a day of the years %d to %d", name, date.year,
                      date.month, date.day, ICALENDAR_YEAR_FIRST, ICALENDAR_YEAR_LAST);
    return false;
}

static bool given(const short *values)
{
    return *values != ICAL_RECURRENCE_ARRAY_MAX;
}

/* The value, or its place counted from the end of `size` of them. */
static bool holds(const short *values, int64_t value, int64_t size)
{
    for (; *values != ICAL_RECURRENCE_ARRAY_MAX; values++)
        if (*values == value || *values == value - size - 1)
            return true;
    return false;
}

static bool by_day_has_places(const struct icalrecurrencetype *recur)
{
    for (const short *entry = recur->by_day; *entry != ICAL_RECURRENCE_ARRAY_MAX; entry++)
        if (icalrecurrencetype_day_position(*entry))
            return true;
    return false;
}

static bool names_twice(const short *values)
{
    for (; *values != ICAL_RECURRENCE_ARRAY_MAX; values++)
        for (const short *other = values + 1; *other != ICAL_RECURRENCE_ARRAY_MAX; other++)
            if (*other == *values)
                return true;
    return false;
}

/* libical compares with these as they are where the period is a day. */
static bool counts_from_end(const short *values)
{
    for (; *values != ICAL_RECURRENCE_ARRAY_MAX; values++)
        if (*values < 0)
            return true;
    return false;
}

static bool months_ok(const struct icalrecurrencetype *recur)
{
    for (const short *month = recur->by_month; *month != ICAL_RECURRENCE_ARRAY_MAX; month++)
        if (*month < 1 || *month > 12)
            return false;
    return true;
}

const char *icalendar_rule_problem(const struct icalrecurrencetype *recur)
{
    bool by_period = recur->freq == ICAL_MONTHLY_RECURRENCE || recur->freq == ICAL_YEARLY_RECURRENCE;
    if (recur->rscale || recur->skip != ICAL_SKIP_OMIT)
        return "RSCALE and SKIP are not taken; expected the days themselves, as RDATE or as events";
    if (recur->freq < ICAL_DAILY_RECURRENCE || recur->freq > ICAL_YEARLY_RECURRENCE || given(recur->by_hour) ||
        given(recur->by_minute) || given(recur->by_second))
        return "a rule by hours, minutes or seconds; expected whole days: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY";
    if (given(recur->by_week_no))
        return "BYWEEKNO is not taken; expected BYMONTH, BYMONTHDAY, BYYEARDAY or BYDAY";
    if (!months_ok(recur))
        return "BYMONTH names no month; expected 1 to 12";
    if (!by_period && (given(recur->by_set_pos) || by_day_has_places(recur)))
        return "a place in the month or year (BYSETPOS, BYDAY=1MO); expected FREQ=MONTHLY or YEARLY with it";
    if (names_twice(recur->by_day)) /* COUNT would count it twice */
        return "BYDAY names a day twice; expected it once";
    if (!by_period && counts_from_end(recur->by_month_day))
        return "BYMONTHDAY counted from the month's end; expected FREQ=MONTHLY or YEARLY with it";
    if (recur->freq == ICAL_YEARLY_RECURRENCE && given(recur->by_month_day) && !given(recur->by_month))
        return "BYMONTHDAY without BYMONTH is read in two ways; expected FREQ=MONTHLY, or BYMONTH beside it";
    if (given(recur->by_set_pos) && !given(recur->by_day) && !given(recur->by_month_day) && !given(recur->by_year_day))
        return "BYSETPOS alone; expected BYDAY, BYMONTHDAY or BYYEARDAY beside it";
    return NULL;
}

/* ---- does the event's own day follow its rule? ---- */

struct period {
    int64_t from, days;
};

static struct period month_of(struct civil_date date)
{
    const struct civil_date next = { date.year + date.month / 12, date.month % 12 + 1, 1 };
    int64_t from = civil_to_days((struct civil_date){ date.year, date.month, 1 });
    return (struct period){ from, civil_to_days(next) - from };
}

static struct period year_of(struct civil_date date)
{
    int64_t from = civil_to_days((struct civil_date){ date.year, 1, 1 });
    return (struct period){ from, civil_to_days((struct civil_date){ date.year + 1, 1, 1 }) - from };
}

static bool weekday_fits(const short *by_day, int64_t day, struct period period)
{
    int64_t before = (day - period.from) / 7, behind = (period.from + period.days - 1 - day) / 7;
    int weekday = (civil_weekday(day) + 1) % 7 + ICAL_SUNDAY_WEEKDAY;
    for (; *by_day != ICAL_RECURRENCE_ARRAY_MAX; by_day++) {
        int place = icalrecurrencetype_day_position(*by_day);
        if ((int)icalrecurrencetype_day_day_of_week(*by_day) == weekday &&
            (!place || place == before + 1 || place == -behind - 1))
            return true;
    }
    return false;
}

static bool day_fits(const struct icalrecurrencetype *recur, int64_t day)
{
    const struct civil_date date = civil_from_days(day);
    struct period month = month_of(date), year = year_of(date);
    bool in_month = recur->freq == ICAL_MONTHLY_RECURRENCE || given(recur->by_month);
    return (!given(recur->by_month) || holds(recur->by_month, date.month, 12)) &&
           (!given(recur->by_month_day) || holds(recur->by_month_day, date.day, month.days)) &&
           (!given(recur->by_year_day) || holds(recur->by_year_day, day - year.from + 1, year.days)) &&
           (!given(recur->by_day) || weekday_fits(recur->by_day, day, in_month ? month : year));
}

/* libical's iterator goes on for minutes, or for good, where no day follows the rule. One that the first day follows comes again: at the
 * latest when the calendar repeats. */
static bool first_follows(const struct icalrecurrencetype *recur, int64_t first)
{
    if (!day_fits(recur, first) || !given(recur->by_set_pos))
        return day_fits(recur, first);
    const struct civil_date date = civil_from_days(first);
    struct period period = recur->freq == ICAL_MONTHLY_RECURRENCE ? month_of(date) : year_of(date);
    int64_t place = 0, count = 0;
    for (int64_t day = period.from; day < period.from + period.days; day++) {
        count += day_fits(recur, day);
        place = day == first ? count : place;
    }
    return holds(recur->by_set_pos, place, count);
}

/* ---- running it ---- */

/* What libical's iterator takes: a month or a year is filled as a whole. */
static int64_t steps_of(const struct icalrecurrencetype *recur, int64_t days)
{
    static const struct {
        int64_t days, steps;
    } costs[] = {
        [ICAL_DAILY_RECURRENCE] = { 1, 1 },
        [ICAL_WEEKLY_RECURRENCE] = { 7, 7 },
        [ICAL_MONTHLY_RECURRENCE] = { 28, 10 },
        [ICAL_YEARLY_RECURRENCE] = { 365, 20 },
    };
    return (days / costs[recur->freq].days / recur->interval + 1) * costs[recur->freq].steps;
}

static struct icaltimetype time_of(int64_t day)
{
    const struct civil_date date = civil_from_days(day);
    struct icaltimetype time =
        icaltime_null_time(); /* icaltime_null_date() is at hour -1: rules then give the day before */
    time.is_date = 1;
    time.year = date.year;
    time.month = date.month;
    time.day = date.day;
    return time;
}

/* The rule between two days, both included, of which the first is the event's own where the rule counts its instances. */
static void run(const struct icalendar_event *event, int64_t from, int64_t to, struct icalendar_problems *problems,
                void (*visit)(void *context, int64_t day), void *context)
{
    struct icalrecurrencetype recur = event->rule->recur;
    recur.until = time_of(to);
    icalrecur_iterator *iterator = icalrecur_iterator_new(recur, time_of(event->first));
    if (!iterator) {
        ICALENDAR_PROBLEM(problems, event->rule->line, "the RRULE gives no day");
        return;
    }
    if (from > event->first)
        icalrecur_iterator_set_start(iterator, time_of(from));
    struct icaltimetype time = icalrecur_iterator_next(iterator);
    for (; !icaltime_is_null_time(time) && icalendar_goes_on(problems); time = icalrecur_iterator_next(iterator))
        visit(context, civil_to_days((struct civil_date){ time.year, time.month, time.day }));
    icalrecur_iterator_free(iterator);
}

void icalendar_rule_run(const struct icalendar_event *event, const struct calendar_days *window, int64_t *steps_left,
                        struct icalendar_problems *problems, void (*visit)(void *context, int64_t day), void *context)
{
    const struct icalrecurrencetype *recur = &event->rule->recur;
    int64_t until = window->to, from = window->from - event->days + 1;
    if (!icaltime_is_null_time(recur->until) &&
        !icalendar_day_of(problems, event->rule->line, "UNTIL", recur->until, &until))
        return;
    int64_t to = until < window->to ? until : window->to;
    if (recur->count || from < event->first)
        from = event->first;
    if (to < from)
        return;
    *steps_left -= steps_of(recur, to - from + 1);
    if (*steps_left < 0)
        ICALENDAR_STOP(problems, event->rule->line,
                       "the rules of this file take too long; expected ends (UNTIL, COUNT) or fewer years");
    else if (!first_follows(recur, event->first))
        ICALENDAR_PROBLEM(problems, event->rule->line,
                          "DTSTART does not follow its RRULE; expected the first day of the series");
    else
        run(event, from, to, problems, visit, context);
}
