#include "proto/door/indicator_period.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"

ENUM_DEFINE(period, PERIODS)

/* Days come from the store or have been parsed. */
static struct civil_date date_of(const char *day)
{
    struct civil_date date = { 1970, 1, 1 };
    civil_date_parse(day, &date);
    return date;
}

void day_text(char out[CASE_DAY_TEXT], int64_t day)
{
    struct civil_date date = civil_from_days(day);
    snprintf(out, CASE_DAY_TEXT, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static int64_t monday_of(int64_t day)
{
    return day - civil_weekday(day);
}

static int64_t first_of_month(int year, int month)
{
    return civil_to_days((struct civil_date){ year + (month - 1) / 12, (month - 1) % 12 + 1, 1 });
}

static int quarter_of(int month)
{
    return (month - 1) / 3;
}

void period_name(char out[PERIOD_TEXT], enum period period, const char *day)
{
    struct civil_date date = date_of(day);
    int64_t thursday = monday_of(civil_to_days(date)) + 3;
    int week_year = civil_from_days(thursday).year;
    switch (period) {
    case PERIOD_WHOLE:
        *out = 0;
        return;
    case PERIOD_DAY:
        snprintf(out, PERIOD_TEXT, "%s", day);
        return;
    case PERIOD_WEEK:
        snprintf(out, PERIOD_TEXT, "%04d-W%02d", week_year, (int)(thursday - first_of_month(week_year, 1)) / 7 + 1);
        return;
    case PERIOD_MONTH:
        snprintf(out, PERIOD_TEXT, "%04d-%02d", date.year, date.month);
        return;
    case PERIOD_QUARTER:
        snprintf(out, PERIOD_TEXT, "%04d-Q%d", date.year, quarter_of(date.month) + 1);
        return;
    case PERIOD_YEAR:
        snprintf(out, PERIOD_TEXT, "%04d", date.year);
        return;
    }
}

/* The first day of it, and of the next one. */
static void bounds(enum period period, int64_t day, int64_t *from, int64_t *next)
{
    struct civil_date date = civil_from_days(day);
    int quarter_month = quarter_of(date.month) * 3 + 1;
    *from = day;
    *next = day + 1;
    switch (period) {
    case PERIOD_WEEK:
        *from = monday_of(day);
        *next = *from + 7;
        return;
    case PERIOD_MONTH:
        *from = first_of_month(date.year, date.month);
        *next = first_of_month(date.year, date.month + 1);
        return;
    case PERIOD_QUARTER:
        *from = first_of_month(date.year, quarter_month);
        *next = first_of_month(date.year, quarter_month + 3);
        return;
    case PERIOD_YEAR:
        *from = first_of_month(date.year, 1);
        *next = first_of_month(date.year + 1, 1);
        return;
    case PERIOD_WHOLE:
    case PERIOD_DAY:
        return;
    }
}

struct days period_days(enum period period, const char *day, const struct days *asked)
{
    struct days days = *asked;
    int64_t from, next;
    if (period == PERIOD_WHOLE)
        return days;
    bounds(period, civil_to_days(date_of(day)), &from, &next);
    day_text(days.from, from);
    day_text(days.to, next - 1);
    if (strcmp(days.from, asked->from) < 0)
        strcpy(days.from, asked->from);
    if (strcmp(days.to, asked->to) > 0)
        strcpy(days.to, asked->to);
    return days;
}

struct days days_until(const char *day, int64_t number)
{
    struct days days;
    int64_t last = civil_to_days(date_of(day));
    day_text(days.from, last - number + 1);
    day_text(days.to, last);
    return days;
}

int64_t days_count(const struct days *days)
{
    return civil_to_days(date_of(days->to)) - civil_to_days(date_of(days->from)) + 1;
}

static int take_day(char out[CASE_DAY_TEXT], const char *what, const char *text, struct fault *fault)
{
    struct civil_date date;
    if (!text || !*text)
        return 0;
    if (civil_date_parse(text, &date))
        return fault_set(fault, -EINVAL, "%s: '%s' is no day; expected one such as 2026-01-05", what, text);
    day_text(out, civil_to_days(date));
    return 0;
}

int days_parse(const char *from, const char *to, struct days *days, struct fault *fault)
{
    int result = take_day(days->from, "from", from, fault);
    if (!result)
        result = take_day(days->to, "to", to, fault);
    if (!result && strcmp(days->from, days->to) > 0)
        result = fault_set(fault, -EINVAL, "to: %s is before from: %s", days->to, days->from);
    return result;
}
