/* What a book is warned of. Each row replaces files of a small book that is warned of nothing, on Monday 2026-01-05. */
#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "support.h"

struct file {
    const char *name, *text;
};

struct row {
    struct file files[4];
    const char *warnings; /* all of them, one a line */
};

#define DISTRICT "code: T\nname: x\ntime_zone: Asia/Shanghai\nlanguages: [zh]\n"
#define LIAISONS \
    "  - {id: l-1, name: 水, role: liaison, department: water}\n" \
    "  - {id: l-2, name: 站, role: liaison, department: station}\n"

static const char routing[] = "rules:\n"
                              "  - {services: [\"P*\"], department: water}\n"
                              "  - {services: [E0101], areas: [s], area_department: true}\n"
                              "  - {department: water}\n";
#define PEOPLE \
    "shifts:\n" \
    "  - {code: day, from: \"07:00\", to: \"19:00\"}\n" \
    "  - {code: night, from: \"19:00\", to: \"07:00\"}\n" \
    "  - {code: weekdays, from: \"00:00\", to: \"24:00\", calendar: office}\n" \
    "people:\n" \
    "  - {id: w-1, name: 王, role: worker, department: station, areas: [d], shifts: [day]}\n" \
    "  - {id: w-2, name: 李, role: worker, department: station, areas: [s], shifts: [night]}\n" \
    "  - {id: w-3, name: 张, role: worker, department: station, areas: [g2]}\n" LIAISONS

static const char district[] = DISTRICT "stages: {tier: none}\n";

static void make(struct book_folder *folder)
{
    book_folder_make(folder);
    book_folder_write(folder, "routing.yaml", routing);
    book_folder_write(folder, "people.yaml", PEOPLE);
    book_folder_write(folder, "district.yaml", district);
}

static void expect_warnings(const struct row *row, const char *now)
{
    struct book_folder folder;
    struct errors errors, warnings = { "" };
    make(&folder);
    for (size_t i = 0; i < sizeof row->files / sizeof *row->files && row->files[i].name; i++)
        book_folder_write(&folder, row->files[i].name, row->files[i].text);
    struct book *book = book_of(&folder, &errors);
    if (!book)
        fail_msg("%s", errors.text);
    size_t count = book_advise(book, moment(book->zone, now), errors_take, &warnings);
    assert_int_equal(count, warnings.count);
    if (strcmp(warnings.text, row->warnings) != 0)
        fail_msg("%s\nexpected:\n%s\ngot:\n%s", row->files[0].text ? row->files[0].text : "", row->warnings,
                 warnings.text);
    book_destroy(book);
    book_folder_remove(&folder);
}

#define CHECK(...) \
    do { \
        static const struct row rows[] = { __VA_ARGS__ }; \
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) \
            expect_warnings(&rows[i], "2026-01-05 10:00"); \
    } while (0)

static void a_sound_book_is_warned_of_nothing(void **state)
{
    (void)state;
    CHECK({ { { 0 } }, "" });
}

static void services_without_a_rule_are_named(void **state)
{
    (void)state;
    CHECK({ { { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n  - {services: [P0101], "
                                "area_department: true}\n" } },
            "services.yaml:3: warning: no rule has service E0101 私搭乱建: its cases wait in the triage queue; if that "
            "is meant, say triage: true\n" },
          { { { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n  - {area_department: "
                                "true}\n" } },
            "services.yaml:3: warning: no rule has 2 of 4 kinds of cases of service E0101 私搭乱建, such as "
            "--condition "
            "only --area g2 --source worker --time '2026-01-05 00:00'\n" }, /* g2 is in no street */
          { { { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n"
                                "  - {sources: [worker], department: station}\n"
                                "  - {in_hours_of: office, department: station}\n" } },
            "services.yaml:3: warning: no rule has 2 of 8 kinds of cases of service E0101 私搭乱建, such as "
            "--condition "
            "only --area g1 --source resident --time '2026-01-05 00:00'\n" }, /* residents' at night */
          { { { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n"
                                "  - {sources: [worker], department: station}\n" },
              { "services.yaml", "services:\n  - {code: P0101, name: x, limit: 4 working_hour}\n"
                                 "  - {code: E0101, name: y, public: false}\n" } },
            "" }); /* no resident can report it */
}

static void triage_that_is_meant_is_no_warning(void **state)
{
    (void)state;
    CHECK({ { { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n  - {services: [P0101], "
                                "department: station}\n" },
              { "services.yaml", "services:\n  - {code: P0101, name: x}\n  - {code: E0101, name: y, triage: "
                                 "true}\n" } },
            "" },
          { { { "services.yaml", "services:\n  - {code: P0101, name: x, triage: true}\n  - {code: E0101, name: "
                                 "y}\n" } },
            "services.yaml:2: warning: service P0101 x is for triage, but rules have 4 of 4 kinds of its cases\n" });
}

static void grids_without_a_worker_on_duty_are_named(void **state)
{
    (void)state;
    CHECK({ { { "people.yaml", "people:\n  - {id: w-1, name: 王, role: worker, department: station, areas: "
                               "[g1]}\n" LIAISONS } },
            "areas.yaml:5: warning: grid g2 网格二 has no worker\n" },
          { { { "people.yaml",
                "shifts:\n  - {code: day, from: \"07:00\", to: \"19:00\"}\n"
                "  - {code: weekdays, from: \"00:00\", to: \"24:00\", calendar: office}\n"
                "people:\n"
                "  - {id: w-1, name: 王, role: worker, department: station, areas: [g1], shifts: [day]}\n"
                "  - {id: w-2, name: 李, role: worker, department: station, areas: [d], shifts: [weekdays]}\n"
                "  - {id: w-3, name: 张, role: liaison, department: station, areas: [d]}\n" /* no worker */
                "  - {id: w-4, name: 赵, role: worker, department: water}\n" LIAISONS } },  /* nobody's grid worker */
            "areas.yaml:4: warning: grid g1 网格一 has no worker on duty at 24 of the 168 hours of a week, first at "
            "2026-01-10 00:00\n"
            "areas.yaml:5: warning: grid g2 网格二 has no worker on duty at 48 of the 168 hours of a week, first at "
            "2026-01-10 00:00\n" },
          { { { "people.yaml", "people:\n  - {id: w-1, name: 王, role: worker, department: station}\n" LIAISONS } },
            "" }); /* a district without grid workers */
}

static void departments_without_cases_are_named(void **state)
{
    (void)state;
    CHECK({ { { "departments.yaml", "departments:\n  - {code: water, name: x, tier: district}\n"
                                    "  - {code: gas, name: y, tier: district, assignment: broadcast}\n"
                                    "  - {code: station, name: z, tier: community}\n" } },
            "departments.yaml:3: warning: department gas y gets no case: no rule, filing condition or area names "
            "it\n" },
          { { { "departments.yaml", "departments:\n  - {code: water, name: x, tier: district}\n"
                                    "  - {code: gas, name: y, tier: district, assignment: broadcast}\n"
                                    "  - {code: station, name: z, tier: community}\n" },
              { "services.yaml", "services:\n  - {code: P0101, name: x, department: gas}\n"
                                 "  - {code: E0101, name: y}\n" },
              { "people.yaml", PEOPLE "  - {id: w-4, name: 气, role: worker, department: gas}\n" } },
            "" }, /* a filing condition's */
          { { { "routing.yaml", "rules:\n  - {department: water}\n" } },
            "departments.yaml:3: warning: department station 网格站 gets no case: no rule, filing condition or area "
            "names it\n" }, /* its area names it, but no rule asks the area */
          { { { "routing.yaml", "rules:\n  - {department: station}\n" },
              { "departments.yaml", "departments:\n  - {code: water, name: x, tier: district}\n"
                                    "  - {code: station, name: z, tier: community, hand_up_to: water}\n" } },
            "" }); /* only what is handed up to it */
}

static void departments_that_nobody_works_for_are_named(void **state)
{
    (void)state;
    static const char departments[] = "departments:\n  - {code: water, name: x, tier: district}\n"
                                      "  - {code: station, name: z, tier: community, assignment: offer}\n";
    CHECK({ { { "people.yaml", "people: []\n" } },
            "departments.yaml:2: warning: department water 水务 has no liaison: nobody receives and assigns its tasks\n"
            "departments.yaml:3: warning: department station 网格站 has no liaison: nobody receives and assigns its "
            "tasks\n" },
          { { { "departments.yaml", departments }, { "people.yaml", "people:\n" LIAISONS } },
            "departments.yaml:3: warning: department station z has no worker who could get its tasks (assignment: "
            "offer)\n" },
          { { { "departments.yaml", departments } },
            "departments.yaml:3: warning: department station z has no limit `take`: a worker who is silent keeps the "
            "task (assignment: offer); if that is meant, say take: none\n" },
          { { { "departments.yaml", departments },
              { "district.yaml", DISTRICT "stages: {tier: none, community: {take: 10 clock_minute}}\n" } },
            "" },
          { { { "departments.yaml", "departments:\n  - {code: water, name: x, tier: district}\n"
                                    "  - {code: station, name: z, tier: community, assignment: assign, limits: {take: "
                                    "none}}\n" } },
            "" });
}

static void lower_tiers_without_an_end_are_named(void **state)
{
    (void)state;
    static const char services[] = "services:\n  - {code: P0101, name: x}\n"
                                   "  - {code: E0101, name: y, limits: {community: {tier: none}}}\n";
    CHECK({ { { "district.yaml", DISTRICT } },
            "departments.yaml:3: warning: department station 网格站 is of tier community and has no limit `tier`: what "
            "it leaves undone never goes up by itself; if that is meant, say tier: none\n" },
          { { { "district.yaml", DISTRICT "stages: {tier: 1 clock_hour}\n" } }, "" }, /* E0101 goes to water */
          { { { "district.yaml", DISTRICT "stages: {tier: 1 clock_hour}\n" },
              { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n"
                                "  - {services: [E0101], areas: [g1], department: station}\n"
                                "  - {services: [E0101], areas: [g2], department: water}\n" } },
            "services.yaml:3: warning: nobody above station (clock tier; if that is meant, say tier: none) takes over "
            "2 "
            "of 4 kinds of cases of service E0101 私搭乱建, such as --condition only --area g1 --source worker --time "
            "'2026-01-05 00:00'\n" },
          { { { "district.yaml", DISTRICT "stages: {tier: 1 clock_hour}\n" },
              { "services.yaml", services },
              { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n"
                                "  - {services: [E0101], department: station}\n" } },
            "" }, /* it has the last word on them */
          { { { "district.yaml", DISTRICT "stages: {tier: 1 clock_hour}\n" },
              { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n"
                                "  - {services: [E0101], department: station}\n" },
              { "departments.yaml", "departments:\n  - {code: water, name: x, tier: district}\n"
                                    "  - {code: office, name: y, tier: street, assignment: broadcast}\n"
                                    "  - {code: station, name: z, tier: community, hand_up_to: office}\n" },
              { "people.yaml", PEOPLE "  - {id: w-4, name: 街, role: worker, department: office}\n" } },
            "services.yaml:3: warning: nobody above office (clock tier; if that is meant, say tier: none) takes over 4 "
            "of 4 kinds of cases of service E0101 私搭乱建, such as --condition only --area g1 --source worker --time "
            "'2026-01-05 00:00'\n" }); /* the next tier's own clock */
}

static void escalations_that_reach_nobody_are_named(void **state)
{
    (void)state;
    static const char escalating[] = DISTRICT "stages: {tier: none, check: 1 clock_hour}\n"
                                              "escalations:\n"
                                              "  - {clock: check, to: desk}\n"
                                              "  - {clock: dispose, to: leader}\n"
                                              "  - {clock: respond, to: department}\n";
    CHECK({ { { "district.yaml", escalating } },
            "district.yaml:7: warning: an escalation of the clock check goes to the desk, and people.yaml has nobody "
            "there\n"
            "district.yaml:8: warning: an escalation of the clock dispose goes to the leader, and people.yaml has "
            "nobody there\n"
            "district.yaml:9: warning: an escalation of the clock respond, and the book has no such limit: it never "
            "comes\n" },
          { { { "district.yaml", escalating },
              { "people.yaml", PEOPLE "  - {id: a, name: 长, role: leader}\n" },
              { "services.yaml", "services:\n  - {code: P0101, name: x, limits: {community: {respond: 1 "
                                 "clock_hour}}}\n"
                                 "  - {code: E0101, name: y}\n" } },
            "district.yaml:8: warning: an escalation of the clock dispose, and the book has no such limit: it never "
            "comes\n" });
}

static void services_that_ask_for_a_worker_in_vain_are_named(void **state)
{
    (void)state;
    static const char services[] = "services:\n  - {code: P0101, name: x, verify: true}\n"
                                   "  - {code: E0101, name: y, check_task: true}\n";
    CHECK({ { { "services.yaml", services } }, "" },
          { { { "services.yaml", services }, { "people.yaml", "people:\n" LIAISONS } },
            "services.yaml:2: warning: service P0101 x asks for a worker to go and look (verify), and none is on duty "
            "at 168 of the 168 hours of a week, first at 2026-01-05 00:00\n"
            "services.yaml:3: warning: service E0101 y asks for a worker to go and look (check_task), and none is on "
            "duty at 168 of the 168 hours of a week, first at 2026-01-05 00:00\n" },
          { { { "services.yaml", services },
              { "people.yaml", "people:\n  - {id: w-1, name: 王, role: worker, department: water}\n" LIAISONS } },
            "" },
          { { { "services.yaml", "services:\n  - {code: P0101, name: x, auto_check: true, check_task: true}\n"
                                 "  - {code: E0101, name: y}\n" } },
            "services.yaml:2: warning: service P0101 x has auto_check: there is no check that check_task could give "
            "away\n" });
}

static void calendars_that_end_soon_are_named(void **state)
{
    (void)state;
    static const char calendars[] = "calendars:\n"
                                    "  - {code: plain, periods: [{from: \"09:00\", to: \"17:00\"}]}\n"
                                    "  - {code: office, weekend: [saturday, sunday], periods: [{from: \"09:00\", to: "
                                    "\"17:00\"}],\n"
                                    "     holidays: [{from: 2026-10-01, to: 2026-10-07}], make_up: [2026-10-10]}\n";
    static const struct row none = { { { "calendars.yaml", calendars } }, "" };
    static const struct row row = { { { "calendars.yaml", calendars } },
                                    "calendars.yaml:3: warning: calendar office names no holiday or make-up day after "
                                    "2026-10-10: enter those of the time that limits reach into\n" };
    expect_warnings(&none, "2026-01-05 10:00");
    expect_warnings(&none, "2026-08-11 23:59"); /* 60 days before the last of its days */
    expect_warnings(&row, "2026-08-12 00:00");
    expect_warnings(&row, "2027-08-12 00:00");
}

static void gulou_is_warned_of_nothing(void **state)
{
    (void)state;
    char folder[600];
    struct fault fault = { "" };
    struct errors warnings = { "" };
    struct book *book;
    snprintf(folder, sizeof folder, "%s/examples/gulou", source_root());
    assert_int_equal(book_load(folder, &book, NULL, NULL, &fault), 0);
    book_advise(book, moment(book->zone, "2026-03-02 10:00"), errors_take, &warnings);
    assert_string_equal(warnings.text, "");
    book_destroy(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_book_is_warned_of_nothing),
        cmocka_unit_test(services_without_a_rule_are_named),
        cmocka_unit_test(triage_that_is_meant_is_no_warning),
        cmocka_unit_test(grids_without_a_worker_on_duty_are_named),
        cmocka_unit_test(departments_without_cases_are_named),
        cmocka_unit_test(departments_that_nobody_works_for_are_named),
        cmocka_unit_test(lower_tiers_without_an_end_are_named),
        cmocka_unit_test(escalations_that_reach_nobody_are_named),
        cmocka_unit_test(services_that_ask_for_a_worker_in_vain_are_named),
        cmocka_unit_test(calendars_that_end_soon_are_named),
        cmocka_unit_test(gulou_is_warned_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
