/* Runs the program under test to its end and looks at what it printed. */
#pragma once

#include "test/unit/store/support.h"

extern char output[65536]; /* of the last run, standard error too */

#define ARGUMENTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* helper_program with these arguments; returns its exit status. */
int run_helper(const char *const *arguments);
void assert_printed(const char *text);
void assert_not_printed(const char *text);
