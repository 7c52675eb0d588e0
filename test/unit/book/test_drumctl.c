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
                                         "departments  12\n",
                                         "12 with the role liaison\n",
                                         "cameras      8\n" };
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
             "cameras.yaml:1:1: unknown key 'camera'; did you mean 'cameras'?; expected are cameras\n"
             "cameras.yaml:1:1: key 'cameras' is missing\n"
             "%s: 3 errors; nothing can start with this book\n",
             folder.path);
    assert_string_equal(out, expected);
}

static void lifecycle_has_a_row_for_every_transition(void **state)
{
    (void)state;
    char out[8000];
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
    static const char *const calls[] = { "", "chekc x", "check", "check --quiet x", "lifecycle x" };
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
        cmocka_unit_test(lifecycle_has_a_row_for_every_transition),
        cmocka_unit_test(help_lists_the_subcommands_in_order),
        cmocka_unit_test(what_is_called_wrongly_exits_with_2),
    };
    drumctl = argc > 1 ? argv[1] : "drumctl";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
