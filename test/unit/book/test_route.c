#include <string.h>

#include "support.h"

/* The rules that the stories below are told about; the number of each is its line. */
static const char rules[] = "rules:\n"
                            "  - {services: [E0101], sources: [worker, sensor], department: station}\n"
                            "  - {services: [\"E01*\"], priority_at_most: 2, department: water}\n"
                            "  - {services: [E0102], areas: [s], area_department: true}\n"
                            "  - {services: [E0103], in_hours_of: office, department: water}\n"
                            "  - {services: [E0103], out_of_hours_of: office, department: station}\n"
                            "  - {services: [P0101], conditions: [broken], department: station}\n"
                            "  - {services: [E0104], area_department: true}\n"
                            "  - {services: [P0101, E0104], department: water}\n";
static const char services[] = "services:\n"
                               "  - {code: E0101, name: a}\n"
                               "  - {code: E0102, name: b}\n"
                               "  - {code: E0103, name: c}\n"
                               "  - {code: E0104, name: d}\n"
                               "  - code: P0101\n"
                               "    name: e\n"
                               "    conditions:\n"
                               "      - {code: missing, name: x}\n"
                               "      - {code: broken, name: y}\n"
                               "      - {code: gas, name: z, department: gas}\n";

struct story {
    const char *why, *service;
    const char *at;                /* 2026-01-05 is a Monday */
    const char *rule, *department; /* "": none matches */
    const char *condition;
    const char *area;         /* NULL: g2 */
    enum event_source source; /* 0: a resident */
    int64_t priority;         /* 0: 3 */
};

#define NOON "2026-01-05 12:00"
static const struct story stories[] = {
    { "nothing but E0101 from a resident, at a low priority", "E0101", NOON, "", "" },
    { "a worker's", "E0101", NOON, "routing.yaml:2", "station", .source = SOURCE_WORKER },
    { "a sensor's", "E0101", NOON, "routing.yaml:2", "station", .source = SOURCE_SENSOR },
    { "urgent ones by prefix", "E0101", NOON, "routing.yaml:3", "water", .priority = 2 },
    { "the prefix holds for its like", "E0104", NOON, "routing.yaml:3", "water", .priority = 1 },
    { "a grid below the street", "E0102", NOON, "routing.yaml:4", "station", .area = "g1" },
    { "the street itself", "E0102", NOON, "routing.yaml:4", "station", .area = "s" },
    { "a grid elsewhere", "E0102", NOON, "", "" },
    { "no area at all", "E0102", NOON, "", "", .area = "" },
    { "in office hours", "E0103", NOON, "routing.yaml:5", "water" },
    { "at opening", "E0103", "2026-01-05 09:00", "routing.yaml:5", "water" },
    { "at closing time", "E0103", "2026-01-05 17:00", "routing.yaml:6", "station" },
    { "on a Sunday", "E0103", "2026-01-04 12:00", "routing.yaml:6", "station" },
    { "by its condition", "P0101", NOON, "routing.yaml:7", "station", .condition = "broken" },
    { "by its first condition", "P0101", NOON, "routing.yaml:9", "water" },
    { "a condition with a department of its own", "P0101", NOON, "services.yaml:11", "gas", .condition = "gas" },
    { "an area without a department: the next rule", "E0104", NOON, "routing.yaml:9", "water" },
    { "an area with one", "E0104", NOON, "routing.yaml:8", "station", .area = "g1" },
    { "a service that is in no book", "X1", NOON, "", "" },
};

static void tell(const struct book *book, const struct story *story)
{
    struct case_file record = { .service = story->service,
                                .condition = story->condition ? story->condition : "",
                                .place = { .area = story->area ? story->area : "g2" },
                                .source = story->source ? story->source : SOURCE_RESIDENT,
                                .priority = story->priority ? story->priority : 3 };
    const struct book_department *department;
    const struct book_route *route = book_route(book, &record, moment(book->zone, story->at), &department);
    const char *rule = route ? route->rule : "";
    if (strcmp(rule, story->rule) != 0)
        fail_msg("%s: expected rule '%s', got '%s'", story->why, story->rule, rule);
    assert_string_equal(department ? department->code : "", story->department);
}

static struct book *book_of_stories(struct book_folder *folder)
{
    struct errors errors;
    book_folder_make(folder);
    book_folder_write(folder, "services.yaml", services);
    book_folder_write(folder, "routing.yaml", rules);
    book_folder_write(folder, "departments.yaml",
                      "departments:\n  - {code: water, name: 水务, tier: district}\n"
                      "  - {code: gas, name: 燃气, tier: district}\n  - {code: station, name: 网格站, tier: "
                      "community}\n");
    struct book *book = book_of(folder, &errors);
    if (!book)
        fail_msg("%s", errors.text);
    return book;
}

static void the_first_rule_that_matches_has_the_case(void **state)
{
    (void)state;
    struct book_folder folder;
    struct book *book = book_of_stories(&folder);
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        tell(book, &stories[i]);
    book_destroy(book);
    book_folder_remove(&folder);
}

/* Rules by their place in the list above; a resident's report of priority 3 in g2, at noon on a Monday, but for what is said. */
static void each_rule_says_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        size_t rule;
        struct case_file record;
        enum route_verdict verdict;
    } rows[] = {
        { 0, { .service = "E0102" }, ROUTE_SERVICE },
        { 0, { .service = "E0101" }, ROUTE_SOURCE },
        { 0, { .service = "E0101", .source = SOURCE_SENSOR }, ROUTE_MATCHES },
        { 1, { .service = "E0101" }, ROUTE_PRIORITY },
        { 1, { .service = "E0101", .priority = 2 }, ROUTE_MATCHES },
        { 2, { .service = "E0102" }, ROUTE_AREA },
        { 3, { .service = "E0103" }, ROUTE_MATCHES },
        { 4, { .service = "E0103" }, ROUTE_HOURS },
        { 5, { .service = "P0101" }, ROUTE_CONDITION },
        { 5, { .service = "P0101", .condition = "broken" }, ROUTE_MATCHES },
        { 6, { .service = "E0104" }, ROUTE_NO_DEPARTMENT },
        { 6, { .service = "E0104", .place = { .area = "g1" } }, ROUTE_MATCHES },
    };
    struct book_folder folder;
    struct book *book = book_of_stories(&folder);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct case_file record = rows[i].record;
        const struct book_department *department;
        record.condition = record.condition ? record.condition : "";
        record.place.area = record.place.area ? record.place.area : "g2";
        record.source = record.source ? record.source : SOURCE_RESIDENT;
        record.priority = record.priority ? record.priority : 3;
        enum route_verdict verdict = book_route_verdict(book, &book->routes[rows[i].rule], &record,
                                                        moment(book->zone, "2026-01-05 12:00"), &department);
        if (verdict != rows[i].verdict)
            fail_msg("row %zu: expected %s, got %s", i, enum_name(&route_verdict_desc, (int)rows[i].verdict),
                     enum_name(&route_verdict_desc, (int)verdict));
        assert_int_equal(department != NULL, verdict == ROUTE_MATCHES);
    }
    book_destroy(book);
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rule_that_matches_has_the_case),
        cmocka_unit_test(each_rule_says_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
