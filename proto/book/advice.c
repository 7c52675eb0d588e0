#include "proto/book/advice.h"

#include <stdarg.h>
#include <stdio.h>

#include "proto/book/calendar.h"
#include "proto/book/loader.h"
#include "proto/book/zone.h"

void advise(struct adviser *adviser, const char *at, const char *format, ...)
{
    char text[1000];
    va_list args;
    int used = snprintf(text, sizeof text, "%s: warning: ", at);
    va_start(args, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, args);
    va_end(args);
    adviser->count++;
    adviser->report(adviser->context, text);
}

const char *advice_time(const struct adviser *adviser, char out[TIMESTAMP_TEXT], int64_t at_ms)
{
    timestamp_format(out, at_ms, zone_offset_minutes(adviser->book->zone, at_ms));
    out[10] = ' ';
    out[16] = '\0'; /* "2026-03-02 19:00" */
    return out;
}

static void advise_on_calendars(struct adviser *adviser)
{
    const struct loaded *loaded = (const struct loaded *)adviser->book;
    for (size_t i = 0; i < adviser->book->calendar_count; i++) {
        const struct calendar *calendar = adviser->book->calendars[i];
        const struct calendar_entry *entry = lookup_find(&loaded->calendars, calendar_code(calendar));
        int64_t last = calendar_last_named_day(calendar);
        int64_t local_ms = zone_to_local_ms(calendar_zone(calendar), adviser->now_ms);
        const struct civil_date date = civil_from_days(last == INT64_MIN ? 0 : last);
        if (last != INT64_MIN && last < local_ms / MS_PER_DAY + BOOK_DAYS_AHEAD)
            advise(adviser, entry->at,
                   "calendar %s names no holiday or make-up day after %04d-%02d-%02d: enter those of the time that "
                   "limits reach into",
                   calendar_code(calendar), date.year, date.month, date.day);
    }
}

size_t book_advise(const struct book *book, int64_t now_ms, void (*report)(void *context, const char *advice),
                   void *context)
{
    struct adviser adviser = { .book = book, .now_ms = now_ms, .report = report, .context = context };
    int64_t local_ms = zone_to_local_ms(book->zone, now_ms);
    adviser.midnight_ms = zone_from_local_ms(book->zone, local_ms - local_ms % MS_PER_DAY);
    advise_on_calendars(&adviser);
    advise_on_departments(&adviser);
    advise_on_escalations(&adviser);
    advise_on_duty(&adviser);
    advise_on_services(&adviser);
    return adviser.count;
}
