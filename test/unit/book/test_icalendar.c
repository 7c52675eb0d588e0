/* Holidays and make-up days from iCalendar files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buffer.h"
#include "proto/base/timestamp.h"
#include "support.h"

/* The days of 2026 and 2027 that are not as the week has them: "2026-01-01 …". */
static void list_days(const struct calendar *calendar, struct buffer *out)
{
    int64_t last = civil_to_days((struct civil_date){ 2027, 12, 31 });
    buffer_clear(out);
    for (int64_t day = civil_to_days((struct civil_date){ 2026, 1, 1 }); day <= last; day++) {
        const struct civil_date date = civil_from_days(day);
        if (calendar_is_working_day(calendar, day) == (civil_weekday(day) == 6))
            buffer_format(out, "%s%04d-%02d-%02d", out->size ? " " : "", date.year, date.month, date.day);
    }
}

static void expect_days(const struct book_folder *folder, const char *story, const char *days)
{
    struct errors errors;
    struct buffer got = { 0 };
    struct book *book = book_of(folder, &errors);
    if (!book)
        fail_msg("%s:\n%s", story, errors.text);
    list_days(book->calendars[0], &got);
    if (strcmp(buffer_string(&got), days) != 0)
        fail_msg("%s:\nexpected %s\ngot      %s", story, days, buffer_string(&got));
    buffer_finish(&got);
    book_destroy(book);
}

/* ---- what events give ---- */

struct row {
    const char *event; /* the lines of one VEVENT, or several with what is between them */
    const char *days;
};

#define NEXT "END:VEVENT\r\nBEGIN:VEVENT\r\n"

static const struct row rows[] = {
    /* 2026-01-01 is a Thursday */
    { "DTSTART;VALUE=DATE:20260101\r\n", "2026-01-01" },
    { "DTSTART:20260101\r\n", "2026-01-01" }, /* as many programs write it */
    { "dtstart;value=date:20260101\r\n", "2026-01-01" },
    { "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20260104\r\n", "2026-01-01 2026-01-02 2026-01-03" },
    { "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20260101\r\n", "2026-01-01" }, /* a slip of many programs */
    { "DURATION:P2D\r\nDTSTART;VALUE=DATE:20260101\r\n", "2026-01-01 2026-01-02" },
    { "DTSTART;VALUE=DATE:20251229\r\nDURATION:P1W\r\n", "2026-01-01 2026-01-02 2026-01-03" },
    { "DTSTART;VALU\r\n E=DATE:2026\r\n\t0101\r\n", "2026-01-01" }, /* folded */
    { "DTSTART;VALUE=DATE:20260101\nSUMMARY:x\n", "2026-01-01" },   /* bare line feeds */
    { "BEGIN:VALARM\r\nDTSTART:20260102T080000\r\nEND:VALARM\r\nDTSTART;VALUE=DATE:20260101\r\n", "2026-01-01" },
    { "DTSTART;VALUE=DATE:20260101\r\n" NEXT "DTSTART;VALUE=DATE:20260106\r\n", "2026-01-01 2026-01-06" },
    { "DTSTART;VALUE=DATE:20260101\r\nSTATUS:CANCELLED\r\n" NEXT "DTSTART;VALUE=DATE:20260106\r\n", "2026-01-06" },
    /* rules */
    { "DTSTART;VALUE=DATE:20200501\r\nDTEND;VALUE=DATE:20200503\r\nRRULE:FREQ=YEARLY\r\n",
      "2026-05-01 2026-05-02 2027-05-01" }, /* the second of 2027 is a Sunday */
    { "DTSTART;VALUE=DATE:20160101\r\nRRULE:FREQ=YEARLY;UNTIL=20261231\r\n", "2026-01-01" },
    { "DTSTART;VALUE=DATE:20250101\r\nRRULE:FREQ=YEARLY;COUNT=2\r\n", "2026-01-01" },
    { "DTSTART;VALUE=DATE:20260103\r\nRRULE:FREQ=DAILY;INTERVAL=3;COUNT=3\r\n", "2026-01-03 2026-01-06 2026-01-09" },
    { "DTSTART;VALUE=DATE:20251225\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n", "2026-01-01 2026-01-08 2026-01-15" },
    { "DTSTART;VALUE=DATE:20001123\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n", "2026-11-26 2027-11-25" },
    { "DTSTART;VALUE=DATE:20001127\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=MO;BYSETPOS=-1\r\n", "2026-11-30 2027-11-29" },
    { "DTSTART;VALUE=DATE:20260131\r\nRRULE:FREQ=MONTHLY;COUNT=3\r\n",
      "2026-01-31 2026-03-31" }, /* May's is a Sunday */
    { "DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=-1;BYMONTH=2\r\n", "2026-02-28" },
    { "DTSTART;VALUE=DATE:19701231\r\nRRULE:FREQ=YEARLY;BYYEARDAY=-1\r\n", "2026-12-31 2027-12-31" },
    /* exceptions and additions */
    { "DTSTART;VALUE=DATE:20200501\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20260501\r\n", "2027-05-01" },
    { "DTSTART;VALUE=DATE:20200501\r\nDURATION:P2D\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20260501,20270501\r\n"
      "RDATE;VALUE=DATE:20260504\r\n",
      "2026-05-04 2026-05-05" },
    { "DTSTART;VALUE=DATE:20260101\r\nRDATE;VALUE=DATE:20260302,20260303\r\nRDATE;VALUE=DATE:20260305\r\n", "2026-01-"
                                                                                                            "01 "
                                                                                                            "2026-03-"
                                                                                                            "02 "
                                                                                                            "2026-03-"
                                                                                                            "03 "
                                                                                                            "2026-03-"
                                                                                                            "05" },
    { "UID:a\r\nDTSTART;VALUE=DATE:20200501\r\nRRULE:FREQ=YEARLY\r\n" NEXT "UID:a\r\nRECURRENCE-ID;VALUE=DATE:"
      "20260501\r\nDTSTART;VALUE=DATE:"
      "20260504\r\n",
      "2026-05-04 2027-05-01" }, /* moved */
    { "UID:a\r\nRECURRENCE-ID;VALUE=DATE:20260501\r\nSTATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20260501\r\n" NEXT
      "UID:a\r\nDTSTART;VALUE=DATE:20200501\r\nRRULE:FREQ=YEARLY\r\n",
      "2027-05-01" }, /* cancelled, and told before its series */
};

static void each_event_gives_its_days(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    ics_calendar(&folder, "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char events[1000];
        snprintf(events, sizeof events, "BEGIN:VEVENT\r\n%sEND:VEVENT\r\n", rows[i].event);
        ics_events(&folder, events);
        expect_days(&folder, rows[i].event, rows[i].days);
    }
    book_folder_remove(&folder);
}

static void other_components_and_a_mark_are_passed_over(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    ics_calendar(&folder, "");
    book_folder_write(&folder, "days.ics",
                      "\xef\xbb\xbf\n"
                      "begin:vcalendar\nBEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
                      "RRULE:FREQ=YEARLY\nEND:STANDARD\nEND:VTIMEZONE\n"
                      "BEGIN:VTODO\nDTSTART;VALUE=DATE:20260105\nEND:VTODO\n"
                      "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nEND:VEVENT\nend:vcalendar\n");
    expect_days(&folder, "a file of an office tool", "2026-01-01");
    book_folder_remove(&folder);
}

static void categories_and_summaries_choose_the_events(void **state)
{
    (void)state;
    static const char events[] =
        "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nSUMMARY:元旦 假期\nCATEGORIES:放假\\,休,假\nEND:VEVENT\n"
        "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260104\nSUMMARY:元旦 补班\nCATEGORIES:班\nEND:VEVENT\n"
        "BEGIN:VEVENT\nDTSTART:20260105T090000\nSUMMARY:周会\nRECURRENCE-ID:20260105T090000\nEND:VEVENT\n";
    struct book_folder folder;
    book_folder_make(&folder);
    ics_events(&folder, events);
    ics_calendar(&folder, ", categories: [假]");
    expect_days(&folder, "holidays by category", "2026-01-01");
    ics_calendar(&folder, ", categories: [\"放假,休\"], summary: 假期");
    expect_days(&folder, "holidays by both", "2026-01-01");
    ics_calendar(&folder, ", summary: 补班, as: make_up");
    expect_days(&folder, "make-up days by summary", "2026-01-04"); /* a Sunday */
    ics_calendar(&folder, ", summary: 假期}, {file: days.ics, categories: [班], as: make_up");
    expect_days(&folder, "both uses of one file", "2026-01-01 2026-01-04");
    book_folder_remove(&folder);
}

static void years_bound_what_is_looked_at(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    ics_events(&folder, "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n");
    ics_calendar(&folder, ", from_year: 2020, to_year: 2026");
    expect_days(&folder, "to 2026", "2026-01-01");
    ics_calendar(&folder, ", from_year: 2027");
    expect_days(&folder, "from 2027", "2027-01-01");
    ics_calendar(&folder, "");
    struct errors errors;
    struct book *book = book_of(&folder, &errors);
    assert_int_equal(calendar_last_named_day(book->calendars[0]), civil_to_days((struct civil_date){ 2099, 1, 1 }));
    book_destroy(book);
    book_folder_remove(&folder);
}

static void the_file_is_part_of_the_books_version(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors;
    book_folder_make(&folder);
    ics_calendar(&folder, "");
    ics_events(&folder, "BEGIN:VEVENT\nDTSTART:20260101\nSUMMARY:a\nEND:VEVENT\n");
    struct book *book = book_of(&folder, &errors);
    struct hash before = book->hash;
    book_destroy(book);
    ics_events(&folder, "BEGIN:VEVENT\nDTSTART:20260101\nSUMMARY:b\nEND:VEVENT\n");
    book = book_of(&folder, &errors);
    assert_false(hash_equal(&before, &book->hash));
    book_destroy(book);
    book_folder_remove(&folder);
}

/* ---- the example ---- */

static struct book *load_gulou_by_ics(struct book_folder *folder)
{
    char yaml[1200];
    struct errors errors;
    book_folder_make(folder);
    snprintf(yaml, sizeof yaml,
             "calendars:\n  - code: china\n    weekend: [saturday, sunday]\n    periods: [{from: \"08:00\", to: "
             "\"12:00\"}]\n"
             "    ics:\n"
             "      - {file: %s/examples/gulou/holidays.ics, categories: [放假]}\n"
             "      - {file: %s/examples/gulou/holidays.ics, categories: [调休], as: make_up}\n",
             source_root(), source_root());
    book_folder_write(folder, "calendars.yaml", yaml);
    struct book *book = book_of(folder, &errors);
    if (!book)
        fail_msg("%s", errors.text);
    return book;
}

static void gulous_file_says_the_days_of_its_list(void **state)
{
    (void)state;
    char gulou[600];
    struct fault fault = { "" };
    struct book *listed;
    struct book_folder folder;
    struct book *book = load_gulou_by_ics(&folder);
    snprintf(gulou, sizeof gulou, "%s/examples/gulou", source_root());
    assert_int_equal(book_load(gulou, &listed, NULL, NULL, &fault), 0);
    int64_t last = civil_to_days((struct civil_date){ 2027, 12, 31 });
    for (int64_t day = civil_to_days((struct civil_date){ 2026, 1, 1 }); day <= last; day++)
        assert_int_equal(calendar_is_working_day(book_calendar(book, "china"), day),
                         calendar_is_working_day(book_calendar(listed, "china"), day));
    book_destroy(listed);
    book_destroy(book);
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_gives_its_days),
        cmocka_unit_test(other_components_and_a_mark_are_passed_over),
        cmocka_unit_test(categories_and_summaries_choose_the_events),
        cmocka_unit_test(years_bound_what_is_looked_at),
        cmocka_unit_test(the_file_is_part_of_the_books_version),
        cmocka_unit_test(gulous_file_says_the_days_of_its_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
