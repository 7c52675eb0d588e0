/* drumctl as a shell sees it: what it prints and its exit code. argv[1] is the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "proto/record/lifecycle.h"
#include "support.h"

static const char *drumctl;

/* Runs it with both outputs into `out`; its exit code. */
static int run(const char *arguments, char *out, size_t size)
{
    char command[1200];
    snprintf(command, sizeof command, "%s %s 2>&1", drumctl, arguments);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t used = fread(out, 1, size - 1, pipe);
    out[used] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void check_counts_what_a_book_holds(void **state)
{
    (void)state;
    char arguments[700], out[4000];
    snprintf(arguments, sizeof arguments, "check %s/examples/gulou", source_root());
    assert_int_equal(run(arguments, out, sizeof out), 0);
    static const char *const lines[] = { "GL 鼓楼区 (Gulou District), Asia/Shanghai\n",
                                         "40 of tier grid, 40 with a polygon\n",
                                         "8 of tier community, 0 with a polygon\n",
                                         "departments  16\n",
                                         "16 with the role liaison\n",
                                         "cameras      8\n",
                                         "scenes       5\n" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(out, lines[i]))
            fail_msg("no '%s' in:\n%s", lines[i], out);
    const char *hash = strstr(out, "hash");
    assert_non_null(hash);
    assert_int_equal(strspn(hash + 13, "0123456789abcdef"), 64);
}

static void check_prints_every_error_and_exits_with_1(void **state)
{
    (void)state;
    char arguments[700], out[4000], expected[1000];
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "routing.yaml", "rules:\n  - {department: watre}\n");
    book_folder_write(&folder, "cameras.yaml", "camera: []\n");
    snprintf(arguments, sizeof arguments, "check %s", folder.path);
    int code = run(arguments, out, sizeof out);
    book_folder_remove(&folder);
    assert_int_equal(code, 1);
    snprintf(expected, sizeof expected,
             "routing.yaml:2:18: no department 'watre'; did you mean 'water'?\n"
             "cameras.yaml:1:1: unknown key 'camera'; did you mean 'cameras'?; expected are cameras, limits, health, "
             "gb28181, "
             "evidence\n"
             "cameras.yaml:1:1: key 'cameras' is missing\n"
             "%s: 3 errors; nothing can start with this book\n",
             folder.path);
    assert_string_equal(out, expected);
}

static void warnings_cost_nothing_but_where_strict_is_said(void **state)
{
    (void)state;
    char arguments[700], out[4000];
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "areas.yaml", "areas: [{code: d, name: 区, tier: district, department: station}]\n");
    book_folder_write(&folder, "departments.yaml",
                      "departments:\n  - {code: water, name: x, tier: district}\n"
                      "  - {code: station, name: x, tier: community, limits: {tier: none}}\n");
    book_folder_write(&folder, "people.yaml",
                      "people:\n  - {id: l-1, name: x, role: liaison, department: water}\n"
                      "  - {id: l-2, name: x, role: liaison, department: station}\n");
    book_folder_write(&folder, "routing.yaml",
                      "rules: [{services: [\"P*\"], department: water}, {services: [E0101], "
                      "sources: [worker], area_department: true}]\n");
    snprintf(arguments, sizeof arguments, "check --time 2026-01-05 %s", folder.path);
    assert_int_equal(run(arguments, out, sizeof out), 0);
    assert_non_null(strstr(out, "services.yaml:3: warning: no rule has 1 of 2 kinds of cases of service E0101 "
                                "私搭乱建, such as "
                                "--condition only --area d --source resident --time '2026-01-05 00:00'\n"));
    assert_non_null(strstr(out, "warnings     1\n"));
    snprintf(arguments, sizeof arguments, "check --strict --time 2026-01-05 %s", folder.path);
    assert_int_equal(run(arguments, out, sizeof out), 1);
    book_folder_write(&folder, "routing.yaml", "rules: [{department: water}, {area_department: true}]\n");
    assert_int_equal(run(arguments, out, sizeof out), 0);
    assert_non_null(strstr(out, "warnings     0\n"));
    book_folder_remove(&folder);
}

static void the_routing_of_gulou_is_as_its_table_expects(void **state)
{
    (void)state;
    char arguments[1200], out[4000];
    snprintf(arguments, sizeof arguments, "route test %s/examples/gulou/routes.test.yaml --book %s/examples/gulou",
             source_root(), source_root());
    int code = run(arguments, out, sizeof out);
    if (code || !strstr(out, " cases, 0 different\n"))
        fail_msg("%s", out);
}

static void a_route_that_is_not_as_expected_is_shown_with_its_rule(void **state)
{
    (void)state;
    char arguments[700], out[4000], expected[1000];
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "routing.yaml",
                      "rules:\n  - {services: [E0101], department: station}\n"
                      "  - {name: parts, services: [\"P*\"], department: water}\n");
    book_folder_write(&folder, "t.yaml",
                      "defaults: {time: \"2026-01-05 10:00\"}\ncases:\n"
                      "  - {service: P0101, department: water}\n"
                      "  - {service: P0101, why: 井盖, area: g1, department: station}\n"
                      "  - {service: E0101, triage: true}\n");
    snprintf(arguments, sizeof arguments, "route test %s/t.yaml --book %s", folder.path, folder.path);
    int code = run(arguments, out, sizeof out);
    book_folder_remove(&folder);
    snprintf(expected, sizeof expected,
             "%s/t.yaml:4: 井盖: P0101 only in g1 网格一, resident, priority 3, 2026-01-05T10:00:00+08:00\n"
             "  expected  station\n"
             "  got       water 水务 by 'parts' routing.yaml:3  « - {name: parts, services: [\"P*\"], department: "
             "water} »\n"
             "%s/t.yaml:5: E0101 only in no area, resident, priority 3, 2026-01-05T10:00:00+08:00\n"
             "  expected  triage\n"
             "  got       station 网格站 by routing.yaml:2  « - {services: [E0101], department: station} »\n"
             "3 cases, 2 different\n",
             folder.path, folder.path);
    assert_string_equal(out, expected);
    assert_int_equal(code, 1);
}

static void the_tiers_above_a_case_are_explained(void **state)
{
    (void)state;
    char arguments[700], out[4000];
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "departments.yaml",
                      "departments:\n  - {code: water, name: 水务, tier: district}\n"
                      "  - {code: office, name: 街道办, tier: street}\n"
                      "  - {code: station, name: 网格站, tier: community, hand_up_to: office}\n");
    book_folder_write(&folder, "routing.yaml",
                      "rules:\n  - {services: [P0101], department: station}\n  - {department: water}\n");
    snprintf(arguments, sizeof arguments, "route explain --book %s --service P0101 --time '2026-01-05 10:00'",
             folder.path);
    assert_int_equal(run(arguments, out, sizeof out), 0);
    book_folder_remove(&folder);
    assert_string_equal(out, "P0101 only in no area, resident, priority 3, 2026-01-05T10:00:00+08:00\n"
                             "→ routing.yaml:2     matches, to station 网格站\n"
                             "  routing.yaml:3     would match too, but comes later, to water 水务\n"
                             "station 网格站 by routing.yaml:2  « - {services: [P0101], department: station} »\n"
                             "handed up: office 街道办 by departments.yaml:4  « - {code: station, name: 网格站, tier: "
                             "community, hand_up_to: office} »\n"
                             "handed up: water 水务 by routing.yaml:3  « - {department: water} »\n");
}

static void each_rule_is_explained(void **state)
{
    (void)state;
    char arguments[700], out[4000];
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "routing.yaml",
                      "rules:\n"
                      "  - {services: [E0101], department: station}\n"
                      "  - {sources: [worker, sensor], department: station}\n"
                      "  - {priority_at_most: 2, department: station}\n"
                      "  - {out_of_hours_of: office, department: station}\n"
                      "  - {areas: [g1], department: station}\n"
                      "  - {area_department: true}\n"
                      "  - {name: parts, services: [\"P*\"], department: water}\n"
                      "  - {department: station}\n");
    snprintf(arguments, sizeof arguments, "route explain --book %s --service P0101 --area g2 --time '2026-01-05 10:00'",
             folder.path);
    assert_int_equal(run(arguments, out, sizeof out), 0);
    assert_string_equal(out, "P0101 only in g2 网格二, resident, priority 3, 2026-01-05T10:00:00+08:00\n"
                             "  routing.yaml:2     no: for the services E0101\n"
                             "  routing.yaml:3     no: for what comes from worker, sensor\n"
                             "  routing.yaml:4     no: for priority 2 or more urgent\n"
                             "  routing.yaml:5     no: for the time outside of the working periods of office\n"
                             "  routing.yaml:6     no: for what is in g1 网格一\n"
                             "  routing.yaml:7     no: to the area's department: neither the area nor one above it "
                             "names one\n"
                             "→ routing.yaml:8     'parts': matches, to water 水务\n"
                             "  routing.yaml:9     would match too, but comes later, to station 网格站\n"
                             "water 水务 by 'parts' routing.yaml:8  « - {name: parts, services: [\"P*\"], department: "
                             "water} »\n");
    snprintf(arguments, sizeof arguments, "route explain --book %s --service P0110", folder.path);
    assert_int_equal(run(arguments, out, sizeof out), 2);
    assert_non_null(strstr(out, "--service 'P0110': the book has no such service"));
    snprintf(arguments, sizeof arguments, "route explain --book %s", folder.path);
    assert_int_equal(run(arguments, out, sizeof out), 2);
    assert_non_null(strstr(out, "--service CODE is missing"));
    static const char *const nowhere[] = { "--lat '' --lon ''", "--lat nan --lon 116", "--lat 91 --lon 116",
                                           "--lat 39 --lon 1e9" };
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        snprintf(arguments, sizeof arguments, "route explain --book %s --service P0101 %s", folder.path, nowhere[i]);
        assert_int_equal(run(arguments, out, sizeof out), 2);
        assert_non_null(strstr(out, "expected degrees such as 39.94 and 116.38"));
    }
    book_folder_remove(&folder);
}

static void lifecycle_has_a_row_for_every_transition(void **state)
{
    (void)state;
    char out[16000];
    assert_int_equal(run("lifecycle", out, sizeof out), 0);
    size_t rows = 0, expected = 0;
    for (const char *at = out; (at = strchr(at, '\n')); at++)
        rows++;
    for (int from = CASE_NONE + 1; from < (int)case_state_desc.count; from++) {
        size_t count;
        transitions_of((enum case_state)from, &count);
        expected += count;
    }
    assert_int_equal(rows, expected + 2); /* the head of the table */
    assert_non_null(strstr(out, "| dispatched | receive | liaison | received |  |\n"));
}

static void help_lists_the_subcommands_in_order(void **state)
{
    (void)state;
    char out[4000], last[32] = "", name[32];
    assert_int_equal(run("--help", out, sizeof out), 0);
    const char *at = strstr(out, "Subcommands:\n");
    assert_non_null(at);
    size_t count = 0;
    for (at = strchr(at, '\n') + 1; strncmp(at, "  ", 2) == 0; at = strchr(at, '\n') + 1, count++) {
        assert_int_equal(sscanf(at, "%31s", name), 1);
        assert_true(strcmp(last, name) < 0);
        snprintf(last, sizeof last, "%s", name);
    }
    assert_true(count >= 2);
}

static void what_is_called_wrongly_exits_with_2(void **state)
{
    (void)state;
    static const char *const calls[] = {
        "", "chekc x", "check", "check --quiet x", "lifecycle x", "route", "route test"
    };
    char out[4000];
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        assert_int_equal(run(calls[i], out, sizeof out), 2);
        assert_non_null(strstr(out, "--help")); /* and says where to look */
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_counts_what_a_book_holds),
        cmocka_unit_test(check_prints_every_error_and_exits_with_1),
        cmocka_unit_test(warnings_cost_nothing_but_where_strict_is_said),
        cmocka_unit_test(the_routing_of_gulou_is_as_its_table_expects),
        cmocka_unit_test(a_route_that_is_not_as_expected_is_shown_with_its_rule),
        cmocka_unit_test(each_rule_is_explained),
        cmocka_unit_test(the_tiers_above_a_case_are_explained),
        cmocka_unit_test(lifecycle_has_a_row_for_every_transition),
        cmocka_unit_test(help_lists_the_subcommands_in_order),
        cmocka_unit_test(what_is_called_wrongly_exits_with_2),
    };
    drumctl = argc > 1 ? argv[1] : "drumctl";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
