#include "run.h"

char output[65536];

int run_helper(const char *const *arguments)
{
    struct helper helper = { .hears_errors = true };
    helper_start(&helper, arguments);
    size_t size = fread(output, 1, sizeof output - 1, helper.lines);
    output[size] = 0;
    return helper_wait(&helper);
}

void assert_printed(const char *text)
{
    if (!strstr(output, text))
        fail_msg("expected '%s' in:\n%s", text, output);
}

void assert_not_printed(const char *text)
{
    if (strstr(output, text))
        fail_msg("did not expect '%s' in:\n%s", text, output);
}
