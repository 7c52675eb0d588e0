/* What a book says about the special operations and about who gets a task: what is read, what is inherited, and every slip in it. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define CHECK(...) EXPECT_ERRORS(NULL, NULL, __VA_ARGS__)

struct file {
    const char *name, *text;
};

/* The small book with these files in it. */
static struct book *book_with(const struct file *files, size_t count)
{
    struct book_folder folder;
    struct errors errors;
    book_folder_make(&folder);
    for (size_t i = 0; i < count; i++)
        book_folder_write(&folder, files[i].name, files[i].text);
    struct book *book = book_of(&folder, &errors);
    book_folder_remove(&folder);
    if (!book)
        fail_msg("%s", errors.text);
    return book;
}

#define BOOK_WITH(...) \
    book_with((const struct file[]){ __VA_ARGS__ }, sizeof((const struct file[]){ __VA_ARGS__ }) / sizeof(struct file))

static void expect_limit(const struct book_limit *limit, enum limit_unit unit, int64_t amount, const char *rule)
{
    assert_int_equal(limit->unit, unit);
    assert_int_equal(limit->amount, amount);
    assert_string_equal(limit->rule, rule);
}

/* ---- chains of limits ---- */

static void a_chain_of_limits_keeps_its_order_and_names(void **state)
{
    (void)state;
    struct book *book = BOOK_WITH({ "services.yaml", "services:\n"
                                                     "  - code: E0101\n"
                                                     "    name: 违法建设\n"
                                                     "    conditions:\n"
                                                     "      - code: building\n"
                                                     "        name: 在建\n"
                                                     "        limits:\n"
                                                     "          - {name: 停工, name_en: Stop work, limit: 4 "
                                                     "working_hour}\n"
                                                     "          - {name: 罚款, limit: 7 working_day}\n"
                                                     "          - {name: 拆除, name_en: Demolish, limit: 20 "
                                                     "working_day}\n"
                                                     "      - {code: built, name: 已建, limit: 30 working_day}\n" },
                                  { "routing.yaml", "rules: []\n" });
    const struct book_condition *chain = book_condition(book->services, "building");
    const struct book_condition *single = book_condition(book->services, "built");
    assert_int_equal(chain->link_count, 3);
    assert_string_equal(chain->links[0].name.zh, "停工");
    assert_string_equal(chain->links[0].name.en, "Stop work");
    assert_string_equal(chain->links[1].name.en, "罚款");
    expect_limit(&chain->links[0].limit, UNIT_WORKING_HOUR, 4, "services.yaml:8");
    expect_limit(&chain->links[1].limit, UNIT_WORKING_DAY, 7, "services.yaml:9");
    expect_limit(&chain->links[2].limit, UNIT_WORKING_DAY, 20, "services.yaml:10");
    expect_limit(&chain->limit, UNIT_WORKING_HOUR, 4, "services.yaml:8");
    assert_ptr_equal(chain->links[2].limit.calendar, book->calendars[0]);
    assert_int_equal(single->link_count, 0);
    assert_null(single->links);
    book_destroy(book);
}

static void a_chain_has_two_limits_or_more(void **state)
{
    (void)state;
    CHECK({ "services.yaml",
            "services:\n"
            "  - code: P0101\n"
            "    name: x\n"
            "    conditions:\n"
            "      - {code: a, name: x, limits: [{name: 停工, limit: 4 working_hour}]}\n"
            "      - {code: b, name: x, limits: []}\n"
            "      - code: c\n"
            "        name: x\n"
            "        limit: 1 working_day\n"
            "        calendar: offce\n"
            "        limits: [{name: 停工, limit: 4 workinghour}, {name: 罚款, limit: 7 working_day}]\n"
            "  - {code: E0101, name: x}\n",
            "services.yaml:5:36: 1 limits; expected a chain of two or more, or one `limit`\n"
            "services.yaml:6:36: 0 limits; expected a chain of two or more, or one `limit`\n"
            "services.yaml:10:19: no calendar 'offce'; did you mean 'office'?\n"
            "services.yaml:11:36: no unit 'workinghour'; expected clock_minute, clock_hour, working_hour, working_day "
            "or calendar_day; did you mean 'working_hour'?\n"
            "services.yaml:9:16: condition 'c' has a chain of limits; expected either limit or limits\n" },
          { "services.yaml",
            "services:\n"
            "  - code: P0101\n"
            "    name: x\n"
            "    conditions: [{code: a, name: x, limits: [{name: 停工}, {name: 罚款, limits: 7 working_day}]}]\n"
            "  - {code: E0101, name: x}\n",
            "services.yaml:4:46: key 'limit' is missing\n"
            "services.yaml:4:69: unknown key 'limits'; did you mean 'limit'?; expected are name, name_en, limit\n"
            "services.yaml:4:58: key 'limit' is missing\n" });
}

/* ---- merging, and the switches of a service ---- */

static void expect_merge(const struct book *book, const char *service, int64_t radius_m, int64_t hours,
                         int64_t raise_at)
{
    const struct book_merge *merge = &book_service(book, service)->merge;
    if (merge->radius_m != radius_m || merge->hours != hours || merge->raise_at != raise_at)
        fail_msg("%s: expected %d m, %d h, %d voices; got %d m, %d h, %d voices", service, (int)radius_m, (int)hours,
                 (int)raise_at, (int)merge->radius_m, (int)merge->hours, (int)merge->raise_at);
}

static void a_service_merges_as_it_says_or_as_the_default_does(void **state)
{
    (void)state;
    struct book *book = BOOK_WITH({ "services.yaml", "defaults: {merge: {radius_m: 50, hours: 24, raise_at: 5}, "
                                                     "verify: true}\n"
                                                     "import: {file: limits.csv, code: type, unit: unit, amount: n}\n"
                                                     "services:\n"
                                                     "  - {code: P1, name: x}\n"
                                                     "  - {code: P2, name: x, merge: {radius_m: 200, raise_at: 0}, "
                                                     "check_task: true}\n"
                                                     "  - {code: P3, name: x, merge: none, verify: false}\n" },
                                  { "limits.csv", "type,unit,n\nHoles,working_day,2\n" });
    expect_merge(book, "P1", 50, 24, 5);
    expect_merge(book, "P2", 200, 24, 0);
    expect_merge(book, "P3", 0, 0, 0);
    expect_merge(book, "Holes", 50, 24, 5);
    assert_true(book_service(book, "Holes")->verify && book_service(book, "P1")->verify);
    assert_false(book_service(book, "P3")->verify);
    assert_true(book_service(book, "P2")->check_task);
    assert_false(book_service(book, "P1")->check_task);
    book_destroy(book);
}

static void a_book_that_says_nothing_merges_and_verifies_nothing(void **state)
{
    (void)state;
    struct book *book = book_with(NULL, 0);
    expect_merge(book, "P0101", 0, 0, 0);
    assert_false(book->services->verify || book->services->check_task);
    book_destroy(book);
}

static void merging_has_a_radius_and_a_time(void **state)
{
    (void)state;
    CHECK({ "services.yaml",
            "defaults: {merge: 50}\n"
            "services:\n"
            "  - {code: P0101, name: x, merge: {radius_m: 501, hours: 24}}\n"
            "  - {code: P0102, name: x, merge: {radius_m: 50}}\n"
            "  - {code: P0103, name: x, merge: {hours: 8761, raise_at: 1}}\n"
            "  - {code: E0101, name: x, merge: {radius: 50, hours: often}}\n"
            "  - {code: E0102, name: x, merge: [none]}\n",
            "services.yaml:1:19: merge: expected keys, found text '50'\n"
            "services.yaml:3:46: radius_m: 501 is not between 0 and 500\n"
            "services.yaml:4:35: merge: reports within 50 m are meant, but of no time; expected hours\n"
            "services.yaml:5:43: hours: 8761 is not between 0 and 8760\n"
            "services.yaml:5:59: raise_at: every case has 1 voice; expected 2 or more, or 0 for never\n"
            "services.yaml:6:36: unknown key 'radius'; did you mean 'radius_m'?; expected are radius_m, hours, "
            "raise_at\n"
            "services.yaml:6:55: hours: 'often' is not a whole number\n"
            "services.yaml:7:35: merge: expected keys, found a list\n" });
}

/* ---- rules and warn points ---- */

static void rules_have_defaults(void **state)
{
    (void)state;
    static const struct book_rules initial = { 2, 3, 365, 30, 3, 120, 500, 97 },
                                   said = { 0, 1, 90, 30, 1, 120, 0, 100 };
    struct book *book = book_with(NULL, 0);
    assert_memory_equal(&book->rules, &initial, sizeof initial);
    assert_int_equal(book->warn_percent_count, 1);
    assert_int_equal(book->warn_percents[0], 80);
    book_destroy(book);
    book = BOOK_WITH({ "district.yaml", "code: T\nname: x\ntime_zone: UTC\nlanguages: [zh]\nwarn_percents: [50, 80]\n"
                                        "rules: {extensions: 0, suspensions: 1, suspension_days: 90, offer_to: 1, "
                                        "load_m: 0, "
                                        "suggest_percent: 100}\n" });
    assert_memory_equal(&book->rules, &said, sizeof said);
    assert_int_equal(book->warn_percent_count, 2);
    assert_int_equal(book->warn_percents[0], 50);
    assert_int_equal(book->warn_percents[1], 80);
    book_destroy(book);
    book = BOOK_WITH({ "district.yaml", "code: T\nname: x\ntime_zone: UTC\nlanguages: [zh]\nwarn_percents: []\n" });
    assert_int_equal(book->warn_percent_count, 0);
    book_destroy(book);
}

static void the_rules_of_the_special_operations_have_bounds(void **state)
{
    (void)state;
    CHECK({ "district.yaml",
            "code: T\nname: x\ntime_zone: UTC\nlanguages: [zh]\n"
            "rules:\n  extensions: -1\n  suspension_days: 3651\n  offer_to: 0\n  position_minutes: 10081\n  load_m: "
            "0\n  suggest_percent: 49\n",
            "district.yaml:6:15: extensions: -1 is not between 0 and 100\n"
            "district.yaml:7:20: suspension_days: 3651 is not between 0 and 3650\n"
            "district.yaml:8:13: offer_to: 0 is not between 1 and 100\n"
            "district.yaml:9:21: position_minutes: 10081 is not between 1 and 10080\n"
            "district.yaml:11:20: suggest_percent: 49 is not between 50 and 100\n" },
          { "district.yaml", "code: T\nname: x\ntime_zone: UTC\nlanguages: [zh]\nrules: {extension: 1}\n",
            "district.yaml:5:9: unknown key 'extension'; did you mean 'extensions'?; expected are extensions, "
            "suspensions, suspension_days, reopen_days, offer_to, position_minutes, load_m, suggest_percent\n" });
}

/* ---- escalations ---- */

#define ESCALATIONS "code: T\nname: x\ntime_zone: UTC\nlanguages: [zh]\nescalations:\n"
static void escalations_keep_the_order_of_the_file(void **state)
{
    (void)state;
    struct book *book = BOOK_WITH({ "calendars.yaml", "calendars:\n"
                                                      "  - {code: office, weekend: [sunday], periods: [{from: "
                                                      "\"09:00\", to: \"17:00\"}]}\n"
                                                      "  - {code: daily, periods: [{from: \"06:00\", to: "
                                                      "\"22:00\"}]}\n" },
                                  { "district.yaml", ESCALATIONS "  - {clock: dispose, to: department}\n"
                                                                 "  - {clock: accept, after: 15 clock_minute, to: "
                                                                 "leader}\n"
                                                                 "  - clock: dispose\n"
                                                                 "    after: 2 working_hour\n"
                                                                 "    calendar: daily\n"
                                                                 "    to: person\n"
                                                                 "    person: w-1\n"
                                                                 "    priority_at_most: 2\n"
                                                                 "  - {clock: dispose, after: 4 working_hour, to: "
                                                                 "next_tier}\n" });
    assert_int_equal(book->escalation_count, 4);
    const struct book_escalation *steps = book->escalations;
    assert_int_equal(steps[0].clock, CLOCK_DISPOSE);
    assert_int_equal(steps[0].to, ESCALATE_TO_DEPARTMENT);
    assert_int_equal(steps[0].priority_at_most, 0);
    assert_null(steps[0].person);
    expect_limit(&steps[0].after, UNIT_NONE, 0, "");
    assert_int_equal(steps[1].clock, CLOCK_ACCEPT);
    expect_limit(&steps[1].after, UNIT_CLOCK_MINUTE, 15, "district.yaml:7");
    assert_ptr_equal(steps[2].person, book_person(book, "w-1"));
    assert_ptr_equal(steps[2].after.calendar, book_calendar(book, "daily"));
    assert_int_equal(steps[2].priority_at_most, 2);
    assert_string_equal(steps[2].rule, "district.yaml:8");
    assert_ptr_equal(steps[3].after.calendar, book_calendar(book, "office"));
    book_destroy(book);
}

static void an_escalation_goes_to_somebody_who_is_there(void **state)
{
    (void)state;
    CHECK({ "district.yaml",
            ESCALATIONS "  - {clock: resume, to: boss}\n"
                        "  - {clock: dispose}\n",
            "district.yaml:6:13: clock: 'resume' is not one of accept, dispatch, receive, dispose, check, verify, "
            "take, "
            "respond, answer, supervise, tier, close\n"
            "district.yaml:6:25: to: 'boss' is not one of desk, leader, department, next_tier, person\n"
            "district.yaml:7:5: key 'to' is missing\n" },
          { "district.yaml",
            ESCALATIONS "  - {clock: dispose, after: 1 hour, to: person, person: w-2}\n"
                        "  - {clock: check, to: person}\n"
                        "  - {clock: check, to: leader, person: w-1}\n"
                        "  - {clock: receive, calendar: offices, to: desk, priority_at_most: 6}\n",
            "district.yaml:6:29: no unit 'hour'; expected clock_minute, clock_hour, working_hour, working_day or "
            "calendar_day\n"
            "district.yaml:6:57: no person 'w-2'; did you mean 'w-1'?\n"
            "district.yaml:7:5: the step goes to a person; expected an id of people.yaml at `person`\n"
            "district.yaml:8:40: person: the step goes to another; expected to: person\n"
            "district.yaml:9:32: no calendar 'offices'; did you mean 'office'?\n"
            "district.yaml:9:69: priority_at_most: 6 is not between 1 and 5\n" },
          { "district.yaml",
            ESCALATIONS "  - {clock: accept, to: department}\n"
                        "  - {clock: verify, to: next_tier}\n"
                        "  - {clock: answer, to: department}\n",
            "district.yaml:6:25: department: no department has the case while the clock accept runs\n"
            "district.yaml:7:25: next_tier: no department has the case while the clock verify runs\n" },
          { "district.yaml",
            ESCALATIONS "  - {clock: dispose, to: desk}\n"
                        "  - {clock: dispose, after: 2 working_hour, to: leader}\n"
                        "  - {clock: check, to: desk}\n"
                        "  - {clock: dispose, after: 1 working_hour, to: department}\n"
                        "  - {clock: dispose, to: next_tier}\n"
                        "  - {clock: dispose, after: 1 calendar_day, to: next_tier}\n",
            "district.yaml:9:29: the step of dispose above it (line 7) comes later; expected the steps of a clock in "
            "their order\n"
            "district.yaml:10:5: the step of dispose above it (line 9) comes later; expected the steps of a clock in "
            "their order\n" },
          { "people.yaml", NULL, "people.yaml: cannot open @/people.yaml: No such file or directory\n" });
    EXPECT_ERRORS("district.yaml", ESCALATIONS "  - {clock: dispose, to: person, person: w-1}\n",
                  { "people.yaml", "people: []\n", "district.yaml:6:42: no person 'w-1'\n" },
                  { "people.yaml", "people: [7]\n",
                    "people.yaml:1:10: people: expected keys, found text '7'\n" }); /* not blamed on who refers to it */
}

/* ---- layered disposal ---- */

static void a_case_is_handed_up_to_a_higher_tier(void **state)
{
    (void)state;
    CHECK({ "departments.yaml",
            "departments:\n"
            "  - {code: water, name: x, tier: district, hand_up_to: station}\n"
            "  - {code: station, name: x, tier: community, hand_up_to: station}\n"
            "  - {code: grids, name: x, tier: grid, hand_up_to: statoin}\n",
            "departments.yaml:2:56: 'station' is of tier community; expected a department of a higher tier than "
            "district\n"
            "departments.yaml:3:59: 'station' is of tier community; expected a department of a higher tier than "
            "community\n"
            "departments.yaml:4:52: no department 'statoin'; did you mean 'station'?\n" });
}

static struct book *tiers(void)
{
    return BOOK_WITH({ "departments.yaml", "departments:\n"
                                           "  - {code: water, name: x, tier: district}\n"
                                           "  - {code: roads, name: x, tier: district, assignment: broadcast}\n"
                                           "  - {code: office, name: x, tier: street, hand_up_to: roads, assignment: "
                                           "offer}\n"
                                           "  - {code: station, name: x, tier: community, hand_up_to: office}\n"
                                           "  - {code: loose, name: x, tier: community, assignment: assign}\n" },
                     { "services.yaml", "services:\n"
                                        "  - {code: P0101, name: x}\n"
                                        "  - code: E0101\n"
                                        "    name: x\n"
                                        "    conditions: [{code: a, name: x}, {code: b, name: x, department: "
                                        "roads}]\n" },
                     { "routing.yaml", "rules:\n"
                                       "  - {services: [P0101], department: loose}\n" /* :2 */
                                       "  - {services: [P0101], areas: [g2], department: station}\n"
                                       "  - {services: [P0101], areas: [g1], department: water}\n" /* :4 */
                                       "  - {services: [P0101], department: office}\n" },          /* :5 */
                     { "people.yaml", "people: []\n" });
}

static void a_case_goes_up_as_the_department_or_the_rules_say(void **state)
{
    (void)state;
    static const struct {
        const char *service, *condition, *area, *from;
        const char *to, *rule; /* "": nobody */
    } stories[] = {
        { "P0101", "", "g1", "station", "office", "departments.yaml:5" },
        { "P0101", "", "g1", "office", "roads", "departments.yaml:4" },
        { "P0101", "", "g1", "loose", "water", "routing.yaml:4" },
        { "P0101", "", "g2", "loose", "office", "routing.yaml:5" },  /* the station's rule does not lead higher */
        { "P0101", "", "g1", "water", "", "" },                      /* nothing is above the district */
        { "E0101", "a", "g1", "loose", "", "" },                     /* no rule has it */
        { "E0101", "b", "g1", "loose", "roads", "services.yaml:5" }, /* the condition's own department */
        { "E0101", "b", "g1", "station", "office", "departments.yaml:5" },
        { "gone", "", "", "loose", "", "" },
    };
    struct book *book = tiers();
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        const struct case_file record = { .service = stories[i].service,
                                          .condition = stories[i].condition,
                                          .place = { .area = stories[i].area },
                                          .priority = 3 };
        const char *rule;
        const struct book_department *next =
            book_hand_up(book, &record, 0, book_department(book, stories[i].from), &rule);
        if (strcmp(next ? next->code : "", stories[i].to) != 0 || strcmp(rule, stories[i].rule) != 0)
            fail_msg("%s %s in '%s' from %s: expected '%s' by '%s', got '%s' by '%s'", stories[i].service,
                     stories[i].condition, stories[i].area, stories[i].from, stories[i].to, stories[i].rule,
                     next ? next->code : "", rule);
    }
    book_destroy(book);
}

static void departments_say_who_gets_a_task(void **state)
{
    (void)state;
    struct book *book = tiers();
    assert_int_equal(book_department(book, "water")->assignment, ASSIGNMENT_LIAISON);
    assert_int_equal(book_department(book, "loose")->assignment, ASSIGNMENT_ASSIGN);
    assert_int_equal(book_department(book, "office")->assignment, ASSIGNMENT_OFFER);
    assert_int_equal(book_department(book, "roads")->assignment, ASSIGNMENT_BROADCAST);
    book_destroy(book);
}

/* Whatever a hand or a disk does to a file, the answer is an error or a book. */
static void a_damaged_file_is_an_error_or_a_book(void **state)
{
    (void)state;
    static const struct file files[] = {
        { "district.yaml", ESCALATIONS "  - {clock: dispose, after: 1 working_hour, calendar: office, to: person, "
                                       "person: w-1, priority_at_most: 2}\n"
                                       "  - {clock: dispose, after: 1 calendar_day, to: next_tier}\n"
                                       "warn_percents: [50, 80]\nrules: {offer_to: 2}\n" },
        { "departments.yaml", "departments:\n  - {code: water, name: x, tier: district}\n"
                              "  - {code: station, name: x, tier: community, assignment: offer, hand_up_to: water}\n" },
        { "services.yaml", "defaults: {merge: none, verify: true}\nservices:\n"
                           "  - code: P0101\n    name: x\n    merge: {radius_m: 50, hours: 24, raise_at: 5}\n"
                           "    conditions: [{code: a, name: x, limits: [{name: y, limit: 1 working_day}, {name: z, "
                           "limit: 2 working_day}]}]\n" },
    };
    static const char marks[] = "{}[]:,-#&*!|>'\"%@` \n\t\x01\xff";
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "routing.yaml", "rules: []\n");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (size_t at = 0; at <= strlen(files[i].text); at++) {
            struct errors errors;
            char damaged[1000];
            snprintf(damaged, sizeof damaged, "%s", files[i].text);
            if (at < strlen(files[i].text))
                damaged[at] = at % 2 ? '\0' : marks[at / 2 % (sizeof marks - 1)];
            book_folder_write(&folder, files[i].name, damaged);
            book_destroy(book_of(&folder, &errors));
            assert_true(at < strlen(files[i].text) || !errors.count); /* whole again */
        }
    }
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_limits_keeps_its_order_and_names),
        cmocka_unit_test(a_chain_has_two_limits_or_more),
        cmocka_unit_test(a_service_merges_as_it_says_or_as_the_default_does),
        cmocka_unit_test(a_book_that_says_nothing_merges_and_verifies_nothing),
        cmocka_unit_test(merging_has_a_radius_and_a_time),
        cmocka_unit_test(rules_have_defaults),
        cmocka_unit_test(the_rules_of_the_special_operations_have_bounds),
        cmocka_unit_test(escalations_keep_the_order_of_the_file),
        cmocka_unit_test(an_escalation_goes_to_somebody_who_is_there),
        cmocka_unit_test(a_case_is_handed_up_to_a_higher_tier),
        cmocka_unit_test(a_case_goes_up_as_the_department_or_the_rules_say),
        cmocka_unit_test(departments_say_who_gets_a_task),
        cmocka_unit_test(a_damaged_file_is_an_error_or_a_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
