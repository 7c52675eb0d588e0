#include "proto/base/args.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/version.h"

void args_print_help(const struct arg_program *program)
{
    printf("Usage: %s %s\n\n%s\n\nOptions:\n", program->name, program->usage, program->summary);
    for (size_t i = 0; i < program->arg_count; i++) {
        const struct arg *arg = &program->args[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", arg->name, arg->kind == ARG_FLAG ? "" : " ",
                 arg->kind == ARG_FLAG ? "" : arg->hint);
        printf("  %-24s %s", left, arg->help);
        if (arg->kind == ARG_INT)
            printf(" (%" PRId64 ")", *(int64_t *)arg->value);
        else if (arg->kind == ARG_TEXT && *(const char **)arg->value)
            printf(" (%s)", *(const char **)arg->value);
        putchar('\n');
    }
    printf("  %-24s %s\n  %-24s %s\n", "--help", "this text", "--version", "the version");
}

static const struct arg *find(const struct arg_program *program, const char *name, size_t length)
{
    for (size_t i = 0; i < program->arg_count; i++)
        if (strlen(program->args[i].name) == length && strncmp(program->args[i].name, name, length) == 0)
            return &program->args[i];
    return NULL;
}

static int take_int(const struct arg *arg, const char *text, struct fault *fault)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end)
        return fault_set(fault, -EINVAL, "--%s: '%s' is not a whole number", arg->name, text);
    if ((arg->low || arg->high) && (value < arg->low || value > arg->high))
        return fault_set(fault, -EINVAL, "--%s: %lld is not between %" PRId64 " and %" PRId64, arg->name, value,
                         arg->low, arg->high);
    *(int64_t *)arg->value = value;
    return 0;
}

/* Takes one option; *at moves over what it used. */
static int take_option(const struct arg_program *program, int argc, char **argv, int *at, struct fault *fault)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    const struct arg *arg = find(program, name, equals ? (size_t)(equals - name) : strlen(name));
    if (!arg)
        return fault_set(fault, -EINVAL, "no option '%s'; %s --help lists them", argv[*at], program->name);
    if (arg->kind == ARG_FLAG) {
        if (equals)
            return fault_set(fault, -EINVAL, "--%s takes no value", arg->name);
        *(bool *)arg->value = true;
        return 0;
    }
    const char *value = equals ? equals + 1 : *at + 1 < argc ? argv[++*at] : NULL;
    if (!value)
        return fault_set(fault, -EINVAL, "--%s needs a value: %s", arg->name, arg->hint);
    if (arg->kind == ARG_INT)
        return take_int(arg, value, fault);
    *(const char **)arg->value = value;
    return 0;
}

int args_parse(const struct arg_program *program, int argc, char **argv, int *operand_count, struct fault *fault)
{
    int operands = 0;
    bool options = true;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--help") == 0) {
            args_print_help(program);
            return ARGS_EXIT;
        }
        if (options && strcmp(argv[i], "--version") == 0) {
            printf("%s %s\n", program->name, DRUMTOWER_VERSION);
            return ARGS_EXIT;
        }
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            int result = take_option(program, argc, argv, &i, fault);
            if (result)
                return result;
        } else {
            argv[operands++] = argv[i];
        }
    }
    if (operands < program->min_operands || (program->max_operands >= 0 && operands > program->max_operands))
        return fault_set(fault, -EINVAL, "usage: %s %s; %s --help explains", program->name, program->usage,
                         program->name);
    *operand_count = operands;
    return ARGS_RUN;
}
