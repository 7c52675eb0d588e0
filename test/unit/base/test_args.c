#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/args.h"

static const char *folder;
static int64_t port;
static bool quiet;
static const struct arg table[] = {
    { "data", ARG_TEXT, &folder, "DIR", "data folder", 0, 0 },
    { "port", ARG_INT, &port, "N", "port", 1, 65535 },
    { "quiet", ARG_FLAG, &quiet, "", "say nothing", 0, 0 },
};
static const struct arg_program program = { "try", "[options] WHAT", "Tries.", table, 3, 0, 1 };

static int parse(int *operands, struct fault *fault, const char *a, const char *b, const char *c)
{
    char copies[4][64] = { "try" };
    char *argv[5] = { copies[0] };
    int argc = 1;
    const char *words[] = { a, b, c };
    for (int i = 0; i < 3 && words[i]; i++) {
        strcpy(copies[argc], words[i]);
        argv[argc] = copies[argc];
        argc++;
    }
    folder = NULL;
    port = 80;
    quiet = false;
    int result = args_parse(&program, argc, argv, operands, fault);
    folder = folder ? strdup(folder) : NULL; /* the copies end here; a test may leak */
    return result;
}

static void options_and_operands_are_told_apart(void **state)
{
    (void)state;
    int operands;
    assert_int_equal(parse(&operands, NULL, "--data=x y", "--quiet", "what"), ARGS_RUN);
    assert_string_equal(folder, "x y");
    assert_true(quiet);
    assert_int_equal(operands, 1);
    assert_int_equal(parse(&operands, NULL, "--port", "8080", NULL), ARGS_RUN);
    assert_int_equal(port, 8080);
    assert_int_equal(operands, 0);
    assert_int_equal(parse(&operands, NULL, "--", "--quiet", NULL), ARGS_RUN);
    assert_false(quiet);
    assert_int_equal(operands, 1);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *c, *told;
    } rows[] = {
        { "--prot", "1", NULL, "no option '--prot'" },      { "--port", "x", NULL, "'x' is not a whole number" },
        { "--port", "70000", NULL, "between 1 and 65535" }, { "--data", NULL, NULL, "--data needs a value: DIR" },
        { "--quiet=1", NULL, NULL, "takes no value" },      { "one", "two", NULL, "usage: try" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault fault = { "" };
        int operands;
        assert_true(parse(&operands, &fault, rows[i].a, rows[i].b, rows[i].c) < 0);
        if (!strstr(fault.text, rows[i].told))
            fail_msg("expected '%s' in '%s'", rows[i].told, fault.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_operands_are_told_apart),
        cmocka_unit_test(mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
