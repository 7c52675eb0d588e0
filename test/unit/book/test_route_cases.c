/* Tables of cases that the routing is tried with. */
#include <stdio.h>
#include <string.h>

#include "proto/book/route_cases.h"
#include "support.h"

static const char routing[] = "rules:\n"
                              "  - {name: covers, services: [P0101], department: water}\n"
                              "  - {services: [\"P*\"], in_hours_of: office, department: water}\n"
                              "  - {name: by place, areas: [s], area_department: true}\n";
static const char services[] = "services:\n"
                               "  - {code: P0101, name: a, priority: 2}\n"
                               "  - code: P0102\n"
                               "    name: b\n"
                               "    conditions:\n"
                               "      - {code: x, name: x}\n"
                               "      - {code: y, name: y, priority: 1, department: station}\n"
                               "  - {code: E0101, name: c}\n";

struct
try {
    struct book_folder folder;
    struct book *book;
    struct errors errors;
    struct route_cases cases;
    int result;
};

/* Reads the table beside a small book that has the rules above. */
static void begin(struct try *try, const char *table)
{
    char path[128];
    struct fault fault = { "" };
    book_folder_make(&try->folder);
    book_folder_write(&try->folder, "routing.yaml", routing);
    book_folder_write(&try->folder, "services.yaml", services);
    book_folder_write(&try->folder, "routes.test.yaml", table);
    try->book = book_of(&try->folder, &try->errors);
    if (!try->book)
        fail_msg("%s", try->errors.text);
    snprintf(path, sizeof path, "%s/routes.test.yaml", try->folder.path);
    try->result = route_cases_read(try->book, path, &try->cases, errors_take, &try->errors, &fault);
    assert_int_equal(strncmp(fault.text, try->errors.text, strcspn(try->errors.text, "\n")), 0);
}

static void end(struct try *try)
{
    route_cases_finish(&try->cases);
    book_destroy(try->book);
    book_folder_remove(&try->folder);
}

static bool holds(const struct try *try, size_t index)
{
    const struct route_case *expected = &try->cases.cases[index];
    const struct book_department *department;
    const struct book_route *route = book_route(try->book, &expected->record, expected->at_ms, &department);
    return route_case_holds(expected, route, department);
}

static void expectations_are_held_against_the_rules(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        bool holds;
    } rows[] = {
        { "{service: P0101, department: water}", true },
        { "{service: P0101, department: station}", false },
        { "{service: P0101, department: water, rule: covers}", true },
        { "{service: P0101, department: water, rule: \"routing.yaml:2\"}", true },
        { "{service: P0101, department: water, rule: by place}", false },
        { "{service: P0101, department: water, rule: \"routing.yaml:3\"}", false },
        { "{service: P0102, department: water, rule: \"routing.yaml:3\"}", true },
        { "{service: P0102, time: \"2026-01-05 20:00\", triage: true}", true },
        { "{service: P0102, time: \"2026-01-05 20:00\", department: water}", false },
        { "{service: P0102, time: \"2026-01-05T10:00:00Z\", triage: true}", true }, /* 18:00 there */
        { "{service: P0102, time: \"2026-01-05T10:00:00+08:00\", department: water}", true },
        { "{service: P0102, condition: y, department: station, rule: \"services.yaml:7\"}", true },
        { "{service: P0102, time: \"2026-01-05 20:00\", area: g1, department: station, rule: by place}", true },
        { "{service: E0101, triage: true}", true },
        { "{service: E0101, area: g1, triage: true}", false },
        { "{service: E0101, area: g2, triage: true}", true },
        { "{service: E0101, lat: 39.9, lon: 116.4, triage: true}", true }, /* no polygons: in no area */
    };
    struct try try;
    char table[4000] = "defaults: {time: \"2026-01-05 10:00\"}\ncases:\n";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        strcat(table, "  - ");
        strcat(table, rows[i].row);
        strcat(table, "\n");
    }
    begin(&try, table);
    if (try.result)
        fail_msg("%s", try.errors.text);
    assert_int_equal(try.cases.count, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < try.cases.count; i++)
        if (holds(&try, i) != rows[i].holds)
            fail_msg("%s: expected that it %s", rows[i].row, rows[i].holds ? "holds" : "does not hold");
    end(&try);
}

static void what_a_case_leaves_out_is_as_a_report_has_it(void **state)
{
    (void)state;
    struct try try;
    begin(&try, "defaults: {time: \"2026-01-05 10:00\", source: hotline}\ncases:\n"
                "  - {service: P0101, department: water, why: 夜间}\n"
                "  - {service: P0102, condition: y, department: station, source: worker}\n"
                "  - {service: P0102, department: water, priority: 5}\n");
    assert_int_equal(try.result, 0);
    const struct route_case *cases = try.cases.cases;
    assert_string_equal(cases[0].why, "夜间");
    assert_int_equal(cases[0].line, 3);
    assert_int_equal(cases[0].record.source, SOURCE_HOTLINE);
    assert_int_equal(cases[0].record.priority, 2); /* the service's */
    assert_int_equal(cases[1].record.source, SOURCE_WORKER);
    assert_int_equal(cases[1].record.priority, 1); /* the condition's */
    assert_int_equal(cases[2].record.priority, 5);
    end(&try);
}

static void slips_in_a_table_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *table, *errors;
    } rows[] = {
        { "cases: []\n", "routes.test.yaml:1:8: the list is empty; expected at least one case\n" },
        { "cases: [\n", "routes.test.yaml:2:1: not YAML: did not find expected node content\n" },
        { "cases:\n  - {service: P0101, departmnt: water}\n", "routes.test.yaml:2:22: unknown key 'departmnt'; did you "
                                                              "mean 'department'?; expected are why, service, "
                                                              "condition, area, lat, lon, source, priority, time, "
                                                              "department, triage, rule\n" },
        { "cases:\n  - {service: P0101, department: water}\n", "routes.test.yaml:2:5: no time; expected one here or in "
                                                               "`defaults`, such as \"2026-03-02 10:00\"\n" },
        { "defaults: {time: noon}\ncases:\n  - {service: P0103, department: wather, priority: 0}\n",
          "routes.test.yaml:3:5: 'noon' is not a time; expected one such as \"2026-03-02 10:00\"\n"
          "routes.test.yaml:3:34: no department 'wather'; did you mean 'water'?\n"
          "routes.test.yaml:3:15: no service 'P0103'; did you mean 'P0101'?\n"
          "routes.test.yaml:3:52: priority 0 is not between 1 (highest) and 5\n" },
        { "defaults: {time: 2026-01-05}\ncases:\n"
          "  - {service: P0102, condition: z, area: g3, department: water, rule: cover}\n"
          "  - {service: P0101, lat: 39.9, department: water, triage: true}\n"
          "  - {service: P0101, lat: 99, lon: 0}\n",
          "routes.test.yaml:3:33: service 'P0102' has no condition 'z'\n"
          "routes.test.yaml:3:42: no area 'g3'; did you mean 'g1'?\n"
          "routes.test.yaml:3:71: no rule 'cover'; expected a name or a place such as routing.yaml:12; did you mean "
          "'covers'?\n"
          "routes.test.yaml:4:5: the place is said in part or twice; expected area, or lat and lon\n"
          "routes.test.yaml:4:5: expected a department, and perhaps its rule, or triage: true\n"
          "routes.test.yaml:5:27: 99, 0 is not a place; expected lat from -90 to 90 and lon from -180 to 180\n"
          "routes.test.yaml:5:5: expected a department, and perhaps its rule, or triage: true\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct try try;
        begin(&try, rows[i].table);
        assert_true(try.result < 0);
        if (strcmp(try.errors.text, rows[i].errors) != 0)
            fail_msg("%s\nexpected:\n%s\ngot:\n%s", rows[i].table, rows[i].errors, try.errors.text);
        end(&try);
    }
}

static void a_table_is_no_part_of_the_book(void **state)
{
    (void)state;
    struct try try;
    struct hash before;
    struct errors errors;
    begin(&try, "cases: [{service: P0101, department: water, time: 2026-01-05}]\n");
    before = try.book->hash;
    book_destroy(try.book);
    book_folder_write(&try.folder, "routes.test.yaml", "not: [a table\n");
    try.book = book_of(&try.folder, &errors);
    assert_non_null(try.book);
    assert_true(hash_equal(&before, &try.book->hash));
    end(&try);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expectations_are_held_against_the_rules),
        cmocka_unit_test(what_a_case_leaves_out_is_as_a_report_has_it),
        cmocka_unit_test(slips_in_a_table_are_told_with_their_place),
        cmocka_unit_test(a_table_is_no_part_of_the_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
