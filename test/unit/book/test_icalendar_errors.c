/* What is wrong with an iCalendar file is told with its line; what is hostile in one costs an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buffer.h"
#include "support.h"

static void expect_errors(const struct book_folder *folder, const char *text, const char *expected)
{
    struct errors errors;
    book_destroy(book_of(folder, &errors));
    if (strcmp(errors.text, expected) != 0)
        fail_msg("%.400s\nexpected:\n%s\ngot:\n%s", text, expected, errors.text);
}

/* ---- the lines of one event, which begin at line 5; all its errors ---- */

struct row {
    const char *event, *errors;
};

static const struct row rows[] = {
    { "SUMMARY:x\n", "days.ics:4: an event without DTSTART\n" },
    { "DTSTART:20260101T090000\n", "days.ics:5: DTSTART has a time of day; expected a whole day, such as "
                                   "VALUE=DATE:20260101\n" },
    { "DTSTART;TZID=Asia/Shanghai:20260101T000000\nDTEND;TZID=Asia/Shanghai:20260102T000000\n",
      "days.ics:5: DTSTART has a time of day; expected a whole day, such as VALUE=DATE:20260101\n"
      "days.ics:6: DTEND has a time of day; expected a whole day, such as VALUE=DATE:20260101\n" },
    { "DTSTART;VALUE=DATE:20260230\n", "days.ics:5: DTSTART: 2026-02-30 is not a day of the years 1900 to 2199\n" },
    { "DTSTART;VALUE=DATE:18991231\n", "days.ics:5: DTSTART: 1899-12-31 is not a day of the years 1900 to 2199\n" },
    { "DTSTART;VALUE=DATE:tomorrow\n", "days.ics:5: Can't parse as DATE value in DTSTART property. Removing entire "
                                       "property: tomorrow\n" },
    { "DTSTART;VALUE=TEXT:20260101\n", "days.ics:5: Invalid VALUE type for property DTSTART: VALUE=TEXT\n" },
    { "DTSTART:20260101\nDTSTART:20260102\n", "days.ics:6: a second DTSTART in the event\n" },
    { "DTSTART:20260102\nDTEND:20260101\n", "days.ics:6: the event lasts -1 days; expected 1 to 366\n" },
    { "DTSTART:20260102\nDTEND:20290101\n", "days.ics:6: the event lasts 1095 days; expected 1 to 366\n" },
    { "DTSTART:20260102\nDURATION:PT24H\n", "days.ics:6: DURATION is not a number of days; expected one such as "
                                            "P3D\n" },
    { "DTSTART:20260102\nDURATION:P0D\n", "days.ics:6: the event lasts 0 days; expected 1 to 366\n" },
    { "DTSTART:20260102\nDTEND:20260103\nDURATION:P1D\n", "days.ics:6: DTEND and DURATION in one event; expected one "
                                                          "of them\n" },
    { "DTSTART:20260102\nRDATE:20260103T080000\n", "days.ics:6: RDATE has a time of day; expected a whole day, such as "
                                                   "VALUE=DATE:20260101\n" },
    { "DTSTART:20260102\nRDATE;VALUE=PERIOD:20260103T080000Z/PT1H\n", "days.ics:6: RDATE has a time of day; expected a "
                                                                      "whole day, such as VALUE=DATE:20260101\n" },
    { "DTSTART:20260102\nEXRULE:FREQ=YEARLY\n", "days.ics:6: EXRULE is not taken; expected EXDATE with the days "
                                                "themselves\n" },
    { "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260101\nDTSTART:20260102\n", "days.ics:6: RECURRENCE-ID "
                                                                                          "with a RANGE; expected one "
                                                                                          "instance, or a series of "
                                                                                          "its own from there on\n" },
    /* rules */
    { "DTSTART:20260102\nRRULE:FREQ=SOMETIMES\n", "days.ics:6: Can't parse as RECUR value in RRULE property. Removing "
                                                  "entire property: FREQ=SOMETIMES\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;INTERVAL=65537\n", "days.ics:6: COUNT or INTERVAL is more than 30000\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;Count=4294967297\n", "days.ics:6: COUNT or INTERVAL is more than 30000\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY\nRRULE:FREQ=DAILY\n", "days.ics:7: a second RRULE in the event\n" },
    { "DTSTART:20260102\nRRULE:FREQ=HOURLY\n", "days.ics:6: a rule by hours, minutes or seconds; expected whole days: "
                                               "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;BYHOUR=8\n", "days.ics:6: a rule by hours, minutes or seconds; expected "
                                                        "whole days: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;BYWEEKNO=-53\n", "days.ics:6: BYWEEKNO is not taken; expected BYMONTH, "
                                                            "BYMONTHDAY, BYYEARDAY or BYDAY\n" },
    { "DTSTART:20260205\nRRULE:RSCALE=CHINESE;FREQ=YEARLY\n", "days.ics:6: RSCALE and SKIP are not taken; expected the "
                                                              "days themselves, as RDATE or as events\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;BYMONTH=13\n", "days.ics:6: BYMONTH names no month; expected 1 to 12\n" },
    { "DTSTART:20260102\nRRULE:FREQ=DAILY;BYDAY=1FR\n", "days.ics:6: a place in the month or year (BYSETPOS, "
                                                        "BYDAY=1MO); expected FREQ=MONTHLY or YEARLY with it\n" },
    { "DTSTART:20260131\nRRULE:FREQ=DAILY;BYMONTHDAY=-1\n", "days.ics:6: BYMONTHDAY counted from the month's end; "
                                                            "expected FREQ=MONTHLY or YEARLY with it\n" },
    { "DTSTART:20260102\nRRULE:FREQ=WEEKLY;BYDAY=FR,SA,FR\n", "days.ics:6: BYDAY names a day twice; expected it "
                                                              "once\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;BYMONTHDAY=2\n", "days.ics:6: BYMONTHDAY without BYMONTH is read in two "
                                                            "ways; expected FREQ=MONTHLY, or BYMONTH beside it\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;BYSETPOS=1\n", "days.ics:6: BYSETPOS alone; expected BYDAY, BYMONTHDAY or "
                                                          "BYYEARDAY beside it\n" },
    { "DTSTART:20260102\nRRULE:FREQ=YEARLY;UNTIL=20271231T160000Z\n", "days.ics:6: UNTIL has a time of day; expected a "
                                                                      "whole day, such as VALUE=DATE:20260101\n" },
    { "DTSTART:20260102\nRRULE:FREQ=WEEKLY;BYDAY=TH\n", "days.ics:6: DTSTART does not follow its RRULE; expected the "
                                                        "first day of the series\n" },
};

static void each_slip_is_told_with_its_line(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    ics_calendar(&folder, "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char events[1000];
        snprintf(events, sizeof events, "BEGIN:VEVENT\n%sEND:VEVENT\n", rows[i].event);
        ics_events(&folder, events);
        expect_errors(&folder, rows[i].event, rows[i].errors);
    }
    book_folder_remove(&folder);
}

/* ---- whole files ---- */

static const struct row files[] = {
    { "", "days.ics: none of its 0 events counts; expected some\n" },
    { "hello\n", "days.ics:1: expected NAME:VALUE\n" },
    { "VERSION:2.0\n", "days.ics:1: not an iCalendar file; expected BEGIN:VCALENDAR first\n" },
    { "<html>:\n", "days.ics:1: not an iCalendar file; expected BEGIN:VCALENDAR first\n" },
    { "BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n", "days.ics:2: not an iCalendar file; expected BEGIN:VCALENDAR "
                                                      "first\n" },
    { "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "days.ics: none of its 0 events counts; expected some\n" },
    { "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n", "days.ics:2: a component without its END; is the file cut "
                                                           "off?\n" },
    { "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VTODO\n", "days.ics:3: the END of a component that is not open here\n" },
    { "BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n", "days.ics:3: not an iCalendar file; expected BEGIN:VCALENDAR "
                                                         "first\n" },
};

static void a_file_that_is_none_is_told_with_its_line(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    ics_calendar(&folder, "");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        book_folder_write(&folder, "days.ics", files[i].event);
        expect_errors(&folder, files[i].event, files[i].errors);
    }
    book_folder_remove(&folder);
}

static void what_the_calendar_asks_for_must_be_there(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    ics_events(&folder, "BEGIN:VEVENT\nDTSTART:20260103\nCATEGORIES:假\nEND:VEVENT\n");
    ics_calendar(&folder, ", categories: [班], as: make_up");
    expect_errors(&folder, "a category that no event has",
                  "days.ics: none of its 1 events counts; expected some of these categories or this summary\n");
    ics_calendar(&folder, ", as: make_up");
    expect_errors(&folder, "a make-up day that works anyway",
                  "days.ics:4: '2026-01-03' is a working day already; expected a holiday or a week-end day\n");
    ics_calendar(&folder, ", as: workday");
    expect_errors(&folder, "a use that is none",
                  "calendars.yaml:5:32: as: 'workday' is not one of holidays, make_up\n");
    ics_calendar(&folder, ", from_year: 2030, to_year: 2300");
    expect_errors(&folder, "years", "calendars.yaml:5:54: to_year: 2300 is not between 1900 and 2199\n");
    ics_calendar(&folder, ", from_year: 2030, to_year: 2029");
    expect_errors(&folder, "years", "calendars.yaml:5:54: 2029 is before the first year 2030\n");
    book_folder_write(&folder, "days.ics", NULL);
    char expected[200];
    snprintf(expected, sizeof expected, "calendars.yaml:5:18: cannot open %s/days.ics: No such file or directory\n",
             folder.path);
    ics_calendar(&folder, "");
    expect_errors(&folder, "no file", expected);
    book_folder_remove(&folder);
}

/* ---- hostile files: many of what is fine once, and what would run for good ---- */

static void repeat(struct buffer *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_text(out, text);
}

/* The file is `count` times the text inside of a VCALENDAR; its errors begin with `expected`. */
static void expect_refused(const char *text, size_t count, const char *expected)
{
    struct book_folder folder;
    struct errors errors;
    struct buffer events = { 0 };
    book_folder_make(&folder);
    ics_calendar(&folder, "");
    repeat(&events, text, count);
    ics_events(&folder, buffer_string(&events));
    book_destroy(book_of(&folder, &errors));
    if (strncmp(errors.text, expected, strlen(expected)) != 0)
        fail_msg("%zu times %.300s\nexpected:\n%s\ngot:\n%s", count, text, expected, errors.text);
    assert_true(errors.count <= 10);
    buffer_finish(&events);
    book_folder_remove(&folder);
}

#define EVENT(lines) "BEGIN:VEVENT\n" lines "END:VEVENT\n"

static void hostile_files_cost_an_error(void **state)
{
    (void)state;
    expect_refused("X-LONG:0123456789012345678901234567890123456789012345678901234567890123456789\n", 20000,
                   "days.ics: 1560");
    expect_refused(EVENT("DTSTART:20260101\n"), 2001, "days.ics:6004: more than 2000 events in the file\n");
    expect_refused(EVENT("DTSTART:20260101\nRRULE:FREQ=DAILY\n"), 1,
                   "days.ics:4: the events give more than 20000 days");
    expect_refused(EVENT("DTSTART:20260228\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=28\n"), 100,
                   "days.ics:50: the rules of this file take too long");
    expect_refused(EVENT("DTSTART:20200101\nRRULE:FREQ=YEARLY;COUNT=30000\n"), 300,
                   "days.ics:746: the rules of this file take too long");
    expect_refused("BEGIN:VEVENT\n", 9, "days.ics:11: components too deep inside each other");
    expect_refused("BEGIN:VEVENT\nDTSTART:2026\n 0101\nX:", 1,
                   "days.ics:4: a component without its END"); /* swallowed by a fold */
    expect_refused(EVENT("DTSTART:x\n"), 2000, "days.ics:5: Can't parse");
}

/* Rules that no day follows: libical would look for one for minutes, or for good. */
static void rules_without_a_day_are_not_run(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=11",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;BYDAY=MO,TU;BYSETPOS=200",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=YEARLY;BYMONTH=4;BYDAY=53MO",
        "FREQ=YEARLY;BYYEARDAY=366;INTERVAL=4;BYMONTH=1",
        "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=4,6,9,11",
        "FREQ=WEEKLY;BYMONTH=2;BYDAY=SU,MO",
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char event[300];
        snprintf(event, sizeof event, EVENT("DTSTART:20260130\nRRULE:%s\n"), rules[i]);
        expect_refused(event, 1, "days.ics:6: DTSTART does not follow its RRULE");
    }
}

static void lists_that_libical_would_cut_or_overrun_are_refused(void **state)
{
    (void)state;
    struct buffer text = { 0 };
    buffer_text(&text, "BEGIN:VEVENT\nDTSTART:20260101\nRDATE;VALUE=DATE:20260102");
    repeat(&text, ",20260105", 500);
    buffer_text(&text, "\nEND:VEVENT\n");
    expect_refused(buffer_string(&text), 1, "days.ics:6: RDATE: ");
    buffer_clear(&text);
    buffer_text(&text, "BEGIN:VEVENT\nDTSTART:20260101\nRRULE:FREQ=YEARLY;BYDAY=TH;BYSETPOS=1");
    repeat(&text, ",1", 385);
    buffer_text(&text, "\nEND:VEVENT\n");
    expect_refused(buffer_string(&text), 1, "days.ics:6: RRULE: ");
    buffer_finish(&text);
}

/* Whatever a hand or a disk does to a file, the answer is an error or a book. */
static void a_damaged_file_is_an_error_or_a_book(void **state)
{
    (void)state;
    static const char good[] = EVENT("UID:a\nDTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260103\n"
                                     "RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=1TH;UNTIL=20280101\nEXDATE:20270107\n")
        EVENT("UID:a\nRECURRENCE-ID;VALUE=DATE:20280106\nDTSTART:20280107\nDURATION:P2D\nRDATE:20280120,20280121\n");
    static const char marks[] = ":;=,\"\\ \t\r\n-0129AZ\x01\xff";
    struct book_folder folder;
    struct errors errors;
    size_t wrong = 0;
    book_folder_make(&folder);
    ics_calendar(&folder, "");
    for (size_t at = 0; at < sizeof good - 1; at++) {
        char damaged[sizeof good];
        memcpy(damaged, good, sizeof good);
        damaged[at] = at % 5 ? marks[at % (sizeof marks - 1)] : '\0';
        ics_events(&folder, damaged);
        struct book *book = book_of(&folder, &errors);
        wrong += !book;
        book_destroy(book);
    }
    assert_in_range(wrong, sizeof good / 10, sizeof good);
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_slip_is_told_with_its_line),
        cmocka_unit_test(a_file_that_is_none_is_told_with_its_line),
        cmocka_unit_test(what_the_calendar_asks_for_must_be_there),
        cmocka_unit_test(hostile_files_cost_an_error),
        cmocka_unit_test(rules_without_a_day_are_not_run),
        cmocka_unit_test(lists_that_libical_would_cut_or_overrun_are_refused),
        cmocka_unit_test(a_damaged_file_is_an_error_or_a_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
