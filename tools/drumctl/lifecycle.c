#include <stdio.h>

#include "proto/record/lifecycle.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

static void print_roles(unsigned roles)
{
    const char *comma = "";
    for (int role = ROLE_NONE + 1; role < (int)role_desc.count; role++)
        if (roles & ROLE_BIT(role)) {
            printf("%s%s", comma, enum_name(&role_desc, role));
            comma = ", ";
        }
}

static void print_row(const struct transition *row)
{
    printf("| %s | %s | ", enum_name(&case_state_desc, (int)row->from), enum_name(&verb_desc, (int)row->verb));
    print_roles(row->roles);
    printf(" | %s | %s |\n", row->to == CASE_NONE ? "stays" : enum_name(&case_state_desc, (int)row->to),
           row->need == NEED_NOTHING ? "" : enum_name(&need_desc, (int)row->need));
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
