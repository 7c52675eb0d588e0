/* Recurrence rules against a second reading of RFC 5545 that knows nothing of iterators: it looks at every day and asks whether it is
 * meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buffer.h"
#include "proto/base/timestamp.h"
#include "support.h"

enum { RULES = 200, LIST_MAX = 3 };

enum frequency { DAILY, WEEKLY, MONTHLY, YEARLY };
static const char *const frequency_names[] = { "DAILY", "WEEKLY", "MONTHLY", "YEARLY" };
static const char *const weekday_names[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

struct by_day {
    int place, weekday; /* 0: every one */
};

struct rule {
    int64_t start;
    enum frequency frequency;
    int interval, count; /* 0: no end */
    int months[LIST_MAX], month_count;
    int month_days[LIST_MAX], month_day_count;
    struct by_day days[LIST_MAX];
    int day_count;
    int position; /* BYSETPOS, 0: none */
};

/* xorshift: the same rules on every machine */
static uint64_t drawn = 0x2545f4914f6cdd1d;
static int draw(int below)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return (int)(drawn % (uint64_t)below);
}

static int64_t day_of(int year, int month, int day)
{
    return civil_to_days((struct civil_date){ year, month, day });
}

static int month_length(struct civil_date date)
{
    return (int)(day_of(date.year + date.month / 12, date.month % 12 + 1, 1) - day_of(date.year, date.month, 1));
}

/* ---- the second reading ---- */

static bool is_listed(const int *list, int count, int value, int from_end)
{
    for (int i = 0; i < count; i++)
        if (list[i] == value || list[i] == from_end)
            return true;
    return count == 0;
}

/* The nth of its weekday in the month or year of the date, from the front and from the back. */
static bool place_fits(const struct rule *rule, const struct by_day *entry, int64_t day, struct civil_date date)
{
    bool in_month = rule->frequency == MONTHLY || rule->month_count;
    int64_t first = in_month ? day_of(date.year, date.month, 1) : day_of(date.year, 1, 1);
    int64_t last = in_month ? first + month_length(date) - 1 : day_of(date.year, 12, 31);
    int nth = 0, of = 0;
    for (int64_t other = first; other <= last; other++)
        if (civil_weekday(other) == entry->weekday) {
            of++;
            nth += other <= day;
        }
    return !entry->place || entry->place == nth || entry->place == nth - of - 1;
}

static bool is_meant(const struct rule *rule, int64_t day)
{
    const struct civil_date date = civil_from_days(day), start = civil_from_days(rule->start);
    bool day_named = rule->month_day_count || rule->day_count;
    if (!is_listed(rule->months, rule->month_count, date.month, 0))
        return false;
    if (!is_listed(rule->month_days, rule->month_day_count, date.day, date.day - month_length(date) - 1))
        return false;
    bool fits = !rule->day_count;
    for (int i = 0; i < rule->day_count; i++)
        fits = fits || (rule->days[i].weekday == civil_weekday(day) && place_fits(rule, &rule->days[i], day, date));
    if (!fits || day_named || rule->frequency == DAILY)
        return fits;
    /* what no part names is as DTSTART has it */
    if (rule->frequency == WEEKLY)
        return civil_weekday(day) == civil_weekday(rule->start);
    return date.day == start.day && (rule->frequency == MONTHLY || rule->month_count || date.month == start.month);
}

/* Which of the rule's periods a day is in, counted from DTSTART's; weeks begin on Monday. */
static int64_t period_of(const struct rule *rule, int64_t day)
{
    const struct civil_date date = civil_from_days(day), start = civil_from_days(rule->start);
    switch (rule->frequency) {
    case DAILY:
        return day - rule->start;
    case WEEKLY:
        return (day - civil_weekday(day) - (rule->start - civil_weekday(rule->start))) / 7;
    case MONTHLY:
        return (date.year - start.year) * 12 + date.month - start.month;
    default:
        return date.year - start.year;
    }
}

/* The day's place among those of its month or year that are meant. */
static bool position_fits(const struct rule *rule, int64_t day)
{
    const struct civil_date date = civil_from_days(day);
    int64_t first = rule->frequency == MONTHLY ? day_of(date.year, date.month, 1) : day_of(date.year, 1, 1);
    int64_t last = rule->frequency == MONTHLY ? first + month_length(date) - 1 : day_of(date.year, 12, 31);
    int nth = 0, of = 0;
    for (int64_t other = first; rule->position && other <= last; other++) {
        of += is_meant(rule, other);
        nth += other <= day && is_meant(rule, other);
    }
    return !rule->position || rule->position == nth || rule->position == nth - of - 1;
}

static bool holds_on(const struct rule *rule, int64_t day)
{
    return day >= rule->start && period_of(rule, day) % rule->interval == 0 && is_meant(rule, day) &&
           position_fits(rule, day);
}

/* ---- rules that their start follows ---- */

static void draw_rule(struct rule *rule)
{
    *rule = (struct rule){ .start = day_of(1985 + draw(40), 1, 1) + draw(365),
                           .frequency = (enum frequency)draw(4),
                           .interval = 1 + draw(4),
                           .count = draw(3) ? 0 : 1 + draw(40) };
    const struct civil_date start = civil_from_days(rule->start);
    bool periods = rule->frequency >= MONTHLY;
    rule->months[0] = start.month;
    rule->months[1] = 1 + draw(12);
    rule->month_count = draw(2) ? 1 + draw(2) : 0;
    rule->month_days[0] = draw(2) || !periods ? start.day : start.day - month_length(start) - 1;
    rule->month_days[1] = 1 + draw(31);
    rule->month_day_count = rule->frequency != WEEKLY && draw(3) == 0 ? 1 + draw(2) : 0;
    if (rule->frequency == YEARLY && rule->month_day_count && !rule->month_count)
        rule->month_count = 1;
    rule->days[0] = (struct by_day){ 0, civil_weekday(rule->start) };
    rule->days[1] = (struct by_day){ periods && draw(2) ? 1 + draw(4) : 0, draw(7) };
    rule->day_count = draw(2) ? 1 + (draw(2) && rule->days[1].weekday != rule->days[0].weekday) : 0;
    for (int place = -5; periods && draw(2) && place <= 5; place++) /* the start's own place in its month or year */
        if (place && place_fits(rule, &(struct by_day){ place, rule->days[0].weekday }, rule->start, start))
            rule->days[0].place = place;
    if (periods && (rule->day_count || rule->month_day_count) && draw(3) == 0)
        for (int position = -60; position <= 60; position++) {
            struct rule with = *rule;
            with.position = position;
            if (position && position_fits(&with, rule->start))
                rule->position = position;
        }
}

static void write_list(struct buffer *out, const char *name, const int *list, int count)
{
    for (int i = 0; i < count; i++)
        buffer_format(out, "%s%s%d", i ? "," : ";", i ? "" : name, list[i]);
}

static void write_rule(const struct rule *rule, struct buffer *out)
{
    const struct civil_date start = civil_from_days(rule->start);
    buffer_format(out, "BEGIN:VEVENT\nDTSTART;VALUE=DATE:%04d%02d%02d\nRRULE:FREQ=%s;INTERVAL=%d", start.year,
                  start.month, start.day, frequency_names[rule->frequency], rule->interval);
    if (rule->count)
        buffer_format(out, ";COUNT=%d", rule->count);
    write_list(out, "BYMONTH=", rule->months, rule->month_count);
    write_list(out, "BYMONTHDAY=", rule->month_days, rule->month_day_count);
    for (int i = 0; i < rule->day_count; i++) {
        buffer_text(out, i ? "," : ";BYDAY=");
        if (rule->days[i].place)
            buffer_format(out, "%d", rule->days[i].place);
        buffer_text(out, weekday_names[rule->days[i].weekday]);
    }
    write_list(out, "BYSETPOS=", &rule->position, rule->position != 0);
    buffer_text(out, "\nEND:VEVENT\n");
}

/* All days of the rule in the years 2000 to 2035 are free, and no others. */
static void compare(const struct rule *rule, const struct calendar *calendar, const char *text)
{
    int left = rule->count;
    for (int64_t day = rule->start; day <= day_of(2035, 12, 31); day++) {
        bool free_day = holds_on(rule, day) && (!rule->count || left-- > 0);
        const struct civil_date date = civil_from_days(day);
        free_day = free_day && date.year >= CALENDAR_ICS_FROM_YEAR;
        if (calendar_is_working_day(calendar, day) == free_day)
            fail_msg("%04d-%02d-%02d is %s by\n%s", date.year, date.month, date.day, free_day ? "free" : "not free",
                     text);
    }
}

static void rules_mean_what_a_second_reading_says(void **state)
{
    (void)state;
    struct book_folder folder;
    size_t compared = 0;
    book_folder_make(&folder);
    book_folder_write(&folder, "calendars.yaml",
                      "calendars:\n  - {code: c, periods: [{from: \"09:00\", to: \"17:00\"}], ics: [{file: days.ics, "
                      "to_year: 2035}]}\n");
    for (int i = 0; i < RULES; i++) {
        struct rule rule;
        struct errors errors;
        struct buffer text = { 0 };
        draw_rule(&rule);
        write_rule(&rule, &text);
        ics_events(&folder, buffer_string(&text));
        struct book *book = book_of(&folder, &errors);
        if (book)
            compare(&rule, book->calendars[0], buffer_string(&text));
        else if (!strstr(errors.text,
                         "has no working time")) /* a rule that frees every day is refused by the calendar */
            fail_msg("%s%s", errors.text, buffer_string(&text));
        compared += book != NULL;
        book_destroy(book);
        buffer_finish(&text);
    }
    assert_in_range(compared, RULES * 9 / 10, RULES);
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rules_mean_what_a_second_reading_says) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
