/* drumctl: the administrator's hand. */
#include <stdio.h>
#include <string.h>

#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "proto/base/mapped_files.h"
#include "proto/base/standard_files.h"
#include "proto/base/version.h"
#include "tools/drumctl/subcommands.h"

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

#define SUBCOMMAND_ROW(name, summary) { #name, drumctl_##name, summary },
static const struct subcommand subcommands[] = { SUBCOMMANDS(SUBCOMMAND_ROW) };
enum { SUBCOMMAND_COUNT = sizeof subcommands / sizeof *subcommands };

static void print_help(FILE *out)
{
    fprintf(out, "Usage: drumctl SUBCOMMAND [options]\n\nLooks into a district and sets it up, from the "
                 "shell.\n\nSubcommands:\n");
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        fprintf(out, "  %-12s %s\n", subcommands[i].name, subcommands[i].summary);
    fprintf(out, "\ndrumctl SUBCOMMAND --help says more about each.\n");
}

static const struct subcommand *find(const char *name)
{
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(subcommands[i].name, name) == 0)
            return &subcommands[i];
    return NULL;
}

static int fail(const struct fault *fault)
{
    fprintf(stderr, "drumctl: %s\n", fault->text);
    return 1;
}

static int run(int argc, char **argv)
{
    struct fault fault = { "" };
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("drumctl %s\n", DRUMTOWER_VERSION);
        return 0;
    }
    const struct subcommand *subcommand = find(argv[1]);
    if (!subcommand) {
        fprintf(stderr, "drumctl: no subcommand '%s'; drumctl --help lists them\n", argv[1]);
        return 2;
    }
    return crypto_init(&fault) < 0 ? fail(&fault) : subcommand->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    if (standard_files_hold() < 0)
        return 1;
    mapped_files_tell_damage();
    log_init("drumctl", LOG_LEVEL_WARN);
    int status = run(argc, argv);
    if (standard_output_finish(&fault) < 0)
        return fail(&fault);
    return status;
}
