/* What drumctl can do: one line here and one file beside this one for each. In order of names. */
#pragma once

/* X(name, summary): runs drumctl_NAME(argc, argv), where argv[0] is the subcommand's own name and what follows are its options and
 * operands. It returns the exit code: 0 done, 1 the answer is no, 2 it was called wrongly. */
#define SUBCOMMANDS(X) \
    X(account, "say who may sign in at the doors") \
    X(audit, "check that the store keeps its promises: nothing lost, nothing doubled") \
    X(backup, "copy the data folder while the daemons run, so that it can be put back") \
    X(cameras, "find ONVIF cameras in the network, or ask one for its streams") \
    X(case, "show a case, or explain why it stands as it does") \
    X(check, "read a district book and print every error in it, or what it holds") \
    X(classify, "judge the suggestions of services, or explain one") \
    X(erase, "erase what names a person: a contact, a report's words and photos, a command's words") \
    X(events, "list the event log") \
    X(import, "send a table of reports (CSV) to the ingest door, all rows or none") \
    X(indicators, "show how well the cases are handled, and the cases behind each figure") \
    X(journal, "verify that no input of the past was changed, and prove it to others") \
    X(lifecycle, "print the closed loop of a case as a table") \
    X(notices, "list what was told to desks, departments, workers and reporters") \
    X(route, "check the routing rules against a table of cases, or explain them for one") \
    X(status, "say what the data folder holds, and whether its figures are right") \
    X(train, "learn from the history which service a report is about") \
    X(wall, "switch what the native wall shows: scenes, the pages of a tour") \
    X(whatif, "replay the recorded inputs under another book, and compare what comes of them")

#define SUBCOMMAND_DECLARE(name, summary) int drumctl_##name(int argc, char **argv);
SUBCOMMANDS(SUBCOMMAND_DECLARE)
