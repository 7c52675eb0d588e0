/* What drumctl can do: one line here and one file beside this one for each. In order of names. */
#pragma once

/* X(name, summary): runs drumctl_NAME(argc, argv), where argv[0] is the subcommand's own name and what follows are its options and
 * operands. It returns the exit code: 0 done, 1 the answer is no, 2 it was called wrongly. */
#define SUBCOMMANDS(X) \
    X(check, "read a district book and print every error in it, or what it holds") \
    X(lifecycle, "print the closed loop of a case as a table")

#define SUBCOMMAND_DECLARE(name, summary) int drumctl_##name(int argc, char **argv);
SUBCOMMANDS(SUBCOMMAND_DECLARE)
