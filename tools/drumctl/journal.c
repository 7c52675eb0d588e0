/* drumctl journal verify: walks the hash chain, a piece at a time, so that it keeps no old snapshot while the dispatcher writes. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/store/case_store.h"
#include "proto/store/journal_check.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

enum { PIECE = 10000 };

static int verify_piece(struct store *store, struct journal_check *check, struct fault *fault)
{
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_read(store);
    int result = journal_check_some(&journal, txn, check, PIECE, fault);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%llu of %llu entries%s", (unsigned long long)check->entries,
                (unsigned long long)journal.ops->last(journal.log, txn), result || check->done ? "\n" : "");
    txn_abort(txn);
    return result;
}

static int verify(struct store *store, struct fault *fault)
{
    char hex[HASH_HEX];
    struct journal_check check = { 0 };
    int result = 0;
    while (!result && !check.done)
        result = verify_piece(store, &check, fault);
    if (!result)
        printf("whole: %llu entries, the last hash is %s\n", (unsigned long long)check.entries,
               hash_hex(hex, &check.hash));
    return result;
}

int drumctl_journal(int argc, char **argv)
{
    const char *data = NULL;
    const struct arg args[] = { { "data", ARG_TEXT, &data, "DIR", "data folder", 0, 0 } };
    const struct arg_program program = {
        .name = "drumctl journal",
        .usage = "verify --data DIR",
        .summary = "Checks the hash chain of the journal from its first entry to its last, also while the dispatcher "
                   "runs. Exits\nwith 1 and names the entry where one is missing or was changed.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct fault fault = { "" };
    struct store *store = NULL;
    int operands, status = look_parse(&program, argc, argv, &operands, &data);
    if (status != LOOK_GO_ON)
        return status;
    if (strcmp(argv[0], "verify") != 0) {
        fault_set(&fault, -EINVAL, "'%s': expected verify", argv[0]);
        return look_fail(&program, 2, &fault);
    }
    int result = case_store_open(data, STORE_READ_ONLY, &store, &fault);
    if (!result)
        result = verify(store, &fault);
    store_close(store);
    return result ? look_fail(&program, 1, &fault) : 0;
}
