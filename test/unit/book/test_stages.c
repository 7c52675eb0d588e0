/* Stage limits: the nearest place of the book that says one. */
#include <stdio.h>
#include <string.h>

#include "support.h"

static void write_book(const struct book_folder *folder)
{
    book_folder_write(folder, "calendars.yaml",
                      "calendars:\n"
                      "  - {code: office, weekend: [sunday], periods: [{from: \"09:00\", to: \"17:00\"}]}\n"
                      "  - {code: daily, periods: [{from: \"06:00\", to: \"22:00\"}]}\n");
    book_folder_write(folder, "district.yaml",
                      "code: T\nname: x\ntime_zone: Asia/Shanghai\nlanguages: [zh]\n"
                      "stages:\n"
                      "  accept: 15 clock_minute\n"                                                     /* :6 */
                      "  dispatch: 15 clock_minute\n"                                                   /* :7 */
                      "  check: 30 clock_minute\n"                                                      /* :8 */
                      "  community: {receive: 2 working_hour, tier: 1 calendar_day, calendar: daily}\n" /* :9 */
                      "  answer: 15 clock_hour\n"                                                       /* :10 */
                      "  close: 1 working_hour\n"                                                       /* :11 */
                      "  respond: 2 clock_hour\n");                                                     /* :12 */
    book_folder_write(folder, "departments.yaml",
                      "departments:\n"
                      "  - {code: water, name: x, tier: district}\n"
                      "  - {code: gas, name: x, tier: district, limits: {receive: 5 clock_minute, check: none, "
                      "respond: 30 clock_minute, close: none}}\n"
                      "  - {code: station, name: x, tier: community}\n");
    book_folder_write(folder, "services.yaml",
                      "defaults:\n"
                      "  limits: {dispatch: 20 clock_minute, street: {check: 1 working_day}}\n"
                      "services:\n"
                      "  - {code: plain, name: x, limit: 4 working_hour}\n" /* :4 */
                      "  - code: urgent\n"
                      "    name: x\n"
                      "    limits:\n"
                      "      accept: 5 clock_minute\n"               /* :8 */
                      "      dispatch: none\n"                       /* :9 */
                      "      receive: 10 clock_minute\n"             /* :10 */
                      "      community: {receive: 1 working_hour}\n" /* :11 */
                      "      calendar: daily\n");
    book_folder_write(folder, "routing.yaml", "rules: []\n");
}

static const struct story {
    const char *service, *department, *clock;
    const char *limit, *rule; /* "none": no clock */
} stories[] = {
    { "plain", "", "accept", "15 clock_minute", "district.yaml:6" },
    { "plain", "", "dispatch", "20 clock_minute",
      "services.yaml:2" }, /* the services' default is nearer than the district */
    { "plain", "", "receive", "none", "" },
    { "plain", "water", "receive", "none", "" },
    { "plain", "gas", "receive", "5 clock_minute", "departments.yaml:3" },
    { "plain", "gas", "check", "none", "departments.yaml:3" },
    { "plain", "water", "check", "30 clock_minute", "district.yaml:8" },
    { "plain", "station", "receive", "2 working_hour daily", "district.yaml:9" },
    { "plain", "water", "dispose", "4 working_hour office", "services.yaml:4" },
    { "urgent", "", "accept", "5 clock_minute", "services.yaml:8" },
    { "urgent", "", "dispatch", "none", "services.yaml:9" },
    { "urgent", "gas", "receive", "10 clock_minute", "services.yaml:10" }, /* the service before the department */
    { "urgent", "station", "receive", "1 working_hour daily", "services.yaml:11" },
    { "urgent", "gas", "check", "none", "departments.yaml:3" },
    { "urgent", "water", "dispose", "none", "" },
    { "plain", "station", "tier", "1 calendar_day", "district.yaml:9" },
    { "plain", "water", "tier", "none", "" }, /* nothing is above it */
    { "plain", "", "answer", "15 clock_hour", "district.yaml:10" },
    { "plain", "gas", "answer", "15 clock_hour", "district.yaml:10" },
    { "plain", "water", "close", "1 working_hour office", "district.yaml:11" },
    { "plain", "gas", "close", "none", "departments.yaml:3" },
    { "plain", "gas", "respond", "30 clock_minute", "departments.yaml:3" },
    { "plain", "station", "respond", "2 clock_hour", "district.yaml:12" },
    { "urgent", "", "verify", "none", "" },
    { "", "", "accept", "15 clock_minute", "district.yaml:6" }, /* a report that named no service */
    { "", "station", "receive", "2 working_hour daily", "district.yaml:9" },
};

static void tell(const struct book *book, const struct story *story)
{
    char limit[100] = "none";
    const struct book_service *service = book_service(book, story->service);
    int kind = enum_value(&clock_kind_desc, story->clock);
    const struct book_limit *found = book_stage_limit(book, service, service ? service->conditions : NULL,
                                                      book_department(book, story->department), (enum clock_kind)kind);
    assert_non_null(found);
    bool worked = found->unit == UNIT_WORKING_HOUR;
    if (found->unit != UNIT_NONE)
        snprintf(limit, sizeof limit, "%d %s%s%s", (int)found->amount, enum_name(&limit_unit_desc, (int)found->unit),
                 worked ? " " : "", worked ? calendar_code(found->calendar) : "");
    if (strcmp(limit, story->limit) != 0 || strcmp(found->rule, story->rule) != 0)
        fail_msg("%s of '%s' at '%s': expected %s by '%s', got %s by '%s'", story->clock, story->service,
                 story->department, story->limit, story->rule, limit, found->rule);
}

static void the_nearest_place_says_the_limit(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors;
    book_folder_make(&folder);
    write_book(&folder);
    book_folder_write(&folder, "areas.yaml", "areas:\n  - {code: d, name: x, tier: district}\n");
    book_folder_write(&folder, "people.yaml", "people: []\n");
    struct book *book = book_of(&folder, &errors);
    if (!book)
        fail_msg("%s", errors.text);
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        tell(book, &stories[i]);
    book_destroy(book);
    book_folder_remove(&folder);
}

static void a_book_without_any_has_no_stage_clocks(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors;
    book_folder_make(&folder);
    struct book *book = book_of(&folder, &errors);
    for (enum clock_kind kind = CLOCK_ACCEPT; kind < CLOCK_KIND_COUNT; kind++)
        assert_int_equal(book_stage_limit(book, book->services, NULL, book->departments, kind)->unit, UNIT_NONE);
    book_destroy(book);
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_place_says_the_limit),
        cmocka_unit_test(a_book_without_any_has_no_stage_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
