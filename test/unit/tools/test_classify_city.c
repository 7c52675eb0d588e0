/* drumctl classify eval on the requests of a real city. Needs the test data. */
#include "run.h"
#include "test/unit/book/support.h"

static void the_suggestions_reach_their_bars(void **state)
{
    (void)state;
    char path[600];
    snprintf(path, sizeof path, "%s/boston311_2011_first40000.csv.gz", test_data());
    assert_int_equal(run_helper(ARGUMENTS("classify", "eval", "--csv", path, "--train", "30000", "--json")), 0);
    for (char *line = strtok(output, "\n"); line; line = strtok(NULL, "\n")) {
        print_message("# %s\n", line);
        if (*line == '{' && !strstr(line, "\"bar_met\":true"))
            fail_msg("%s", line);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_suggestions_reach_their_bars) };
    helper_program = argc > 1 ? argv[1] : NULL;
    if (!test_data()) {
        printf("1..0 # SKIP no test data; set DRUMTOWER_TEST_DATA to the folder that holds it\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
