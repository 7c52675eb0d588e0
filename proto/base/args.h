/* Command lines: one table of options per program gives the parser and `--help`.
 *
 *     --name VALUE, --name=VALUE, --flag; "--" ends the options; what is left are the operands.
 * `--help` and `--version` are always there. An unknown option, a missing or a wrong value is told with what was expected.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"

enum arg_kind { ARG_TEXT, ARG_INT, ARG_FLAG };

struct arg {
    const char *name; /* without the dashes */
    enum arg_kind kind;
    void *value;       /* const char ** | int64_t * | bool *; holds the default before the call */
    const char *hint;  /* name of the value in the help: "DIR" */
    const char *help;  /* one line */
    int64_t low, high; /* ARG_INT: allowed range; both 0: any */
};

struct arg_program {
    const char *name;
    const char *usage;   /* what follows the name in the usage line: "[options] BOOK" */
    const char *summary; /* one or more lines */
    const struct arg *args;
    size_t arg_count;
    int min_operands, max_operands; /* max < 0: any number */
};

enum { ARGS_RUN = 0, ARGS_EXIT = 1 }; /* ARGS_EXIT: help or version was printed, exit with 0 */

/* Operands are moved to the front of argv; *operand_count says how many. argv[0] is the program's name and is left out.
 * <0: the fault says what was wrong and to try --help; exit with 2. */
int args_parse(const struct arg_program *program, int argc, char **argv, int *operand_count, struct fault *fault);
void args_print_help(const struct arg_program *program);
