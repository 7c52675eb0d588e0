/* drumctl journal: verifies, proves and prints the inputs of the past. */
#include "tools/drumctl/journal.h"

#include <stdio.h>
#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/journal_check.h"
#include "tools/drumctl/progress.h"
#include "tools/drumctl/subcommands.h"

typedef unsigned long long number; /* for %llu */

/* ---- verify ---- */

static void tell_whole(const struct journal_check *check)
{
    char hex[HASH_HEX];
    printf("whole: %llu entries, the last hash is %s\n", (number)check->entries, hash_hex(hex, &check->hash));
    if (check->erased)
        printf("erased: the words of %llu entries, as the journal says itself\n", (number)check->erased);
    printf("signed: %llu heads%s, the last one holds %llu entries, %llu are newer\n", (number)check->heads,
           check->key ? "" : " (by whom was not checked: no key)", (number)check->signed_entries,
           (number)(check->entries - check->signed_entries));
    if (check->head)
        printf("holds all that the given head of %llu entries holds\n", (number)check->head->size);
}

static int verify(struct store *store, struct journal_check *check, struct fault *fault)
{
    struct progress progress = { .unit = "entries" };
    struct journal journal = journal_in_store();
    int result = journal_verify(&journal, store, check, fault, progress_tell, &progress);
    progress_end(&progress);
    if (!result)
        tell_whole(check);
    return result ? -EBADMSG : 0;
}

int journal_action_verify(const struct journal_request *request, struct fault *fault)
{
    struct journal_check check = { 0 };
    struct journal_head head;
    struct public_key key;
    struct store *store = NULL;
    int result = journal_load_key(request, &key, fault);
    if (result == 0)
        check.key = &key;
    if (result >= 0 && request->head_file) {
        result = journal_load_head(request, check.key, &head, fault);
        check.head = &head;
    }
    if (result >= 0)
        result = case_store_open(request->data, STORE_READ_ONLY, &store, fault);
    if (result >= 0)
        result = verify(store, &check, fault);
    store_close(store);
    return result;
}

/* ---- head ---- */

int journal_action_head(const struct journal_request *request, struct fault *fault)
{
    struct journal_head head;
    struct store *store = NULL;
    int result = case_store_open(request->data, STORE_READ_ONLY, &store, fault);
    if (!result) {
        struct txn *txn = txn_begin_read(store);
        result = journal_head_last(txn, &head, fault);
        txn_abort(txn);
    }
    if (result == 0)
        look_print_json(journal_head_to_json(&head), 0);
    else if (result > 0)
        result =
            fault_set(fault, -ENOENT, "no head was signed yet: the dispatcher signs the first one with its first turn");
    store_close(store);
    return result;
}

/* ---- the command line ---- */

struct action {
    const char *name;
    int (*run)(const struct journal_request *request, struct fault *fault);
    const char *operand;
};

#define ACTION_ROW(name, function, operand, sentence) { name, function, operand },
static const struct action actions[] = { JOURNAL_ACTIONS(ACTION_ROW) };

static const char summary[] = "Verifies, proves and prints the journal: every input of the past.\n"
#define ACTION_LINE(name, function, operand, sentence) "\n  " name ": " sentence "."
    JOURNAL_ACTIONS(ACTION_LINE) "\n\nExits with 1 where something is missing, was changed, or is not proved.";

static const struct action *find_action(const char *name)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

static int check_call(const struct action *action, const char *name, int operands,
                      const struct journal_request *request, struct fault *fault)
{
    if (!action)
        return fault_set(fault, -EINVAL,
                         "'%s': expected verify, head, prove, prove-growth, check-proof, replay or export", name);
    if (action->operand ? operands != 2 : operands != 1)
        return fault_set(fault, -EINVAL, "%s takes %s behind it", name, action->operand ? action->operand : "nothing");
    if (!request->data && action->run != journal_action_check_proof)
        return fault_set(fault, -EINVAL, "--data DIR is missing: the data folder of the daemons");
    if (!request->book_folder && action->run == journal_action_replay)
        return fault_set(fault, -EINVAL, "--book DIR is missing: the book that the dispatcher acts by");
    bool checks = action->run == journal_action_check_proof;
    if (checks && !request->key_file && !request->data)
        return fault_set(fault, -EINVAL, "--key FILE is missing: the public key that the district gives out");
    if (!request->head_file && (checks || action->run == journal_action_prove_growth))
        return fault_set(fault, -EINVAL, "--head FILE is missing: a head that was printed by drumctl journal head");
    return 0;
}

int drumctl_journal(int argc, char **argv)
{
    struct journal_request request = { .from = 1, .limit = INT64_MAX };
    const struct arg args[] = {
        { "data", ARG_TEXT, &request.data, "DIR", "data folder", 0, 0 },
        { "head", ARG_TEXT, &request.head_file, "FILE", "a head that was kept: also verify against it; prove by it", 0,
          0 },
        { "key", ARG_TEXT, &request.key_file, "FILE", "public key of the heads (default DIR/keys/journal.pub)", 0, 0 },
        { "book", ARG_TEXT, &request.book_folder, "DIR", "replay: the district book that the dispatcher acts by", 0,
          0 },
        { "books", ARG_TEXT, &request.books_folder, "DIR", "replay: folder of the older books that the journal names",
          0, 0 },
        { "from", ARG_INT, &request.from, "N", "export: the first entry", 1, INT64_MAX },
        { "limit", ARG_INT, &request.limit, "N", "export: how many at most", 1, INT64_MAX },
    };
    const struct arg_program program = {
        .name = "drumctl journal",
        .usage = "ACTION [CASE|ENTRY|FILE] [--data DIR] [options]",
        .summary = summary,
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 2,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, NULL);
    if (status != LOOK_GO_ON)
        return status;
    const struct action *action = find_action(argv[0]);
    if (check_call(action, argv[0], operands, &request, &fault) < 0)
        return look_fail(&program, 2, &fault);
    request.operand = action->operand ? argv[1] : NULL;
    int result = action->run(&request, &fault);
    return result < 0 ? look_fail(&program, 1, &fault) : result;
}
