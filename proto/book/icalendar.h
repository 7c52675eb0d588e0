/* Whole days out of an iCalendar file (RFC 5545): the holidays or make-up days that a publisher or an office tool gives as VEVENTs.
 * Inside proto/book only; libical itself only in icalendar*.c.
 *
 * Read are VEVENTs of whole days (VALUE=DATE): DTSTART with DTEND (its day is not included) or DURATION, RRULE, RDATE, EXDATE, single
 * instances that a RECURRENCE-ID moves or, with STATUS:CANCELLED, removes. Everything else in the file is passed over. What would
 * be understood in part only is an error: an event with a time of day, a rule by hours, week numbers or another calendar system (RSCALE),
 * a rule that its own DTSTART does not follow. libical's iterator runs for minutes, or for good, on rules that no day follows
 * (FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30): none such reaches it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/book/calendar.h"
#include "proto/book/loader.h"

/* The limits of one file. */
enum {
    ICALENDAR_BYTES_MAX = 1 << 20,
    ICALENDAR_EVENTS_MAX = 2000,
    ICALENDAR_DAYS_MAX = 20000,   /* that its events and their rules give */
    ICALENDAR_STEPS_MAX = 300000, /* of their rules: over a century 150 by year, or 8 by day; about a second */
    ICALENDAR_PROBLEMS_MAX = 10,  /* told; then the file is left */
    ICALENDAR_YEAR_FIRST = 1900,
    ICALENDAR_YEAR_LAST = 2199,
};

/* Which events count, and where their rules begin and end: no clock decides that, so that a book means the same on every day. */
struct icalendar_pick {
    char *const *categories; /* one of the event's CATEGORIES is one of these; none: all events */
    size_t category_count;
    const char *summary; /* a part of the event's SUMMARY; NULL: all events */
    struct calendar_days window;
};

struct icalendar_span {
    struct calendar_days days;
    size_t line; /* where its event begins in the file, from 1 */
};

struct icalendar {
    struct icalendar_span *spans; /* in the book's arena, as the file has them */
    size_t count;
};

/* Problems are told by loader->report with the file's line; then *out is empty. A file in which no event counts is a problem too. */
void icalendar_read(struct loader *loader, const char *name, struct bytes file, const struct icalendar_pick *pick,
                    struct icalendar *out);
