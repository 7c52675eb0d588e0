#include <stdio.h>

#include "proto/record/lifecycle.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

static void print_bits(const struct enum_desc *desc, unsigned bits)
{
    const char *comma = "";
    for (size_t bit = 0; bit < desc->count; bit++)
        if (bits >> bit & 1) {
            printf("%s%s", comma, enum_name(desc, (int)bit));
            comma = ", ";
        }
}

static void print_row(const struct transition *row)
{
    printf("| %s | %s | ", enum_name(&case_state_desc, (int)row->from), enum_name(&verb_desc, (int)row->verb));
    print_bits(&role_desc, row->roles);
    printf(" | %s | ", row->to == CASE_NONE ? "stays" : enum_name(&case_state_desc, (int)row->to));
    print_bits(&need_desc, row->needs);
    printf(" |\n");
}

int drumctl_lifecycle(int argc, char **argv)
{
    static const struct arg_program program = {
        .name = "drumctl lifecycle",
        .usage = "",
        .summary = "Prints the closed loop of a case as a Markdown table: in which state which role may do what, what "
                   "becomes of the\n"
                   "case, and what has to be given with it. The same table drives the engine and the pages' buttons.",
    };
    int operands;
    int code = look_parse(&program, argc, argv, &operands, NULL);
    if (code != LOOK_GO_ON)
        return code;
    printf("| state | verb | roles | becomes | needs |\n|---|---|---|---|---|\n");
    for (int from = CASE_NONE + 1; from < (int)case_state_desc.count; from++) {
        size_t count;
        const struct transition *rows = transitions_of((enum case_state)from, &count);
        for (size_t i = 0; i < count; i++)
            print_row(&rows[i]);
    }
    return 0;
}
