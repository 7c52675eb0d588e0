#include <string.h>

#include "support.h"

static const char people[] = "shifts:\n"
                             "  - {code: day, from: \"08:00\", to: \"16:00\"}\n"
                             "  - {code: night, from: \"22:00\", to: \"06:00\", weekdays: [friday]}\n"
                             "  - {code: office, from: \"09:00\", to: \"17:00\", calendar: office}\n"
                             "  - {code: late, from: \"20:00\", to: \"02:00\", calendar: office}\n"
                             "  - {code: whole, from: \"00:00\", to: \"24:00\", weekdays: [saturday, sunday]}\n"
                             "people:\n"
                             "  - {id: day, name: 甲, role: worker, department: station, areas: [g1], shifts: [day]}\n"
                             "  - {id: night, name: 乙, role: worker, department: station, shifts: [night]}\n"
                             "  - {id: office, name: 丙, role: liaison, department: water, shifts: [office]}\n"
                             "  - {id: late, name: 丁, role: worker, department: station, shifts: [late]}\n"
                             "  - {id: weekend, name: 戊, role: worker, department: station, shifts: [whole]}\n"
                             "  - {id: two, name: 己, role: worker, department: station, shifts: [day, night]}\n"
                             "  - {id: always, name: 庚, role: operator}\n";

/* 2026-01-09 is a Friday; Monday the 12th is a holiday in this book. */
static const struct {
    const char *person, *at;
    bool on_duty;
} stories[] = {
    { "day", "2026-01-09 07:59:59.999", false },
    { "day", "2026-01-09 08:00", true },
    { "day", "2026-01-09 15:59:59.999", true },
    { "day", "2026-01-09 16:00", false },
    { "night", "2026-01-09 22:00", true }, /* Friday evening … */
    { "night", "2026-01-10 00:00", true }, /* … over midnight … */
    { "night", "2026-01-10 05:59", true }, /* … to Saturday morning: the shift is Friday's */
    { "night", "2026-01-10 06:00", false },
    { "night", "2026-01-10 22:00", false }, /* Saturday's own evening is not */
    { "night", "2026-01-09 05:00", false }, /* and Friday's early morning is Thursday's */
    { "office", "2026-01-09 09:00", true },
    { "office", "2026-01-10 10:00", false }, /* a Saturday */
    { "office", "2026-01-12 10:00", false }, /* the holiday */
    { "late", "2026-01-10 01:00", true },    /* began on Friday, a working day */
    { "late", "2026-01-11 01:00", false },   /* began on Saturday */
    { "late", "2026-01-13 01:00", false },   /* began on the holiday */
    { "weekend", "2026-01-10 00:00", true },
    { "weekend", "2026-01-11 23:59", true },
    { "weekend", "2026-01-12 00:00", false },
    { "two", "2026-01-09 23:00", true },
    { "two", "2026-01-09 09:00", true },
    { "two", "2026-01-09 18:00", false },
    { "always", "2026-01-10 03:00", true },
};

static void who_is_on_duty_follows_the_shifts(void **state)
{
    (void)state;
    struct book_folder folder;
    struct fault fault = { "" };
    struct book *book;
    book_folder_make(&folder);
    book_folder_write(&folder, "people.yaml", people);
    book_folder_write(&folder, "calendars.yaml",
                      "calendars:\n"
                      "  - code: office\n"
                      "    weekend: [saturday, sunday]\n"
                      "    periods: [{from: \"09:00\", to: \"17:00\"}]\n"
                      "    holidays: [{from: 2026-01-12, name: 试}]\n");
    if (book_load(folder.path, &book, NULL, NULL, &fault) < 0)
        fail_msg("%s", fault.text);
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        const struct book_person *person = book_person(book, stories[i].person);
        if (book_on_duty(book, person, moment(book->zone, stories[i].at)) != stories[i].on_duty)
            fail_msg("%s at %s: expected %s", stories[i].person, stories[i].at, stories[i].on_duty ? "on duty" : "off");
    }
    assert_string_equal(book_person(book, "day")->areas[0]->code, "g1");
    book_destroy(book);
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(who_is_on_duty_follows_the_shifts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
