/* What the tests of the book share: moments as text, the calendars of the stories, books in a folder of their own. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/base/arena.h"
#include "proto/book/book.h"
#include "proto/book/calendar.h"
#include "proto/book/zone.h"

struct zone *zone_of(const char *name);
/* "2026-01-05 08:30" on the zone's clocks, or a moment with its offset: "2026-11-01T01:30:00-05:00". */
int64_t moment(const struct zone *zone, const char *text);
/* "2026-01-05 08:30", with seconds where there are some. */
const char *clock_text(const struct zone *zone, int64_t at_ms, char out[40]);

/* 08:00-12:00 and 14:00-18:00, Saturdays and Sundays off; the New Year of 2026 (1 to 3 January, made up for on Sunday the 4th),
 * the Spring Festival (15 to 23 February, made up for on the 14th and 28th) and Labour Day (1 to 5 May, made up for on the 9th). */
struct calendar_rules china_rules(void);
/* 08:30-17:00, Saturdays and Sundays off, no holidays, cut-off at 17:00: Boston's. */
struct calendar_rules city_rules(void);

/* A small book in a folder of its own. A file not replaced has a default that loads; NULL leaves the file out. */
struct book_folder {
    char path[64];
};
void book_folder_make(struct book_folder *folder);
void book_folder_write(const struct book_folder *folder, const char *file, const char *text);
const char *book_folder_default(const char *file);
void book_folder_remove(const struct book_folder *folder);

/* All errors of a load, one a line. */
struct errors {
    char text[8000];
    size_t count;
};
void errors_take(void *context, const char *error);

/* Loads a book; NULL with its errors, of which the fault holds the first. */
struct book *book_of(const struct book_folder *folder, struct errors *errors);

/* One file of the small book replaced, and the errors that this makes. */
struct error_row {
    const char *file, *text;
    const char *errors; /* all of them, one a line; @ stands for the book's folder */
};
/* `file` is replaced by `text` for all of the rows; NULL: none. */
void expect_book_errors(const char *file, const char *text, const struct error_row *rows, size_t count);
#define EXPECT_ERRORS(file, text, ...) \
    do { \
        static const struct error_row rows[] = { __VA_ARGS__ }; \
        expect_book_errors(file, text, rows, sizeof rows / sizeof *rows); \
    } while (0)

/* calendars.yaml with one calendar, which works from Monday to Saturday and has the file days.ics; `keys` go on in the file's entry
 * (", as: make_up"). */
void ics_calendar(const struct book_folder *folder, const char *keys);
/* days.ics: the events inside of a VCALENDAR. */
void ics_events(const struct book_folder *folder, const char *events);

/* The project's own folder, and the folder of the test data (for books too, by its variable) or NULL where it is not there. */
const char *source_root(void);
const char *test_data(void);
