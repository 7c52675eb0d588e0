/* The first answer to every command: the same id from the same account again gets it again. */
#include "proto/store/case_store.h"
#include "proto/store/key.h"

/* The account first: an id that two devices came upon is two commands, and nobody hears the answer to another's. */
static struct key key_of(const struct command *command)
{
    struct key key = { .size = 0 };
    key_name(&key, command->actor);
    key_bytes(&key, command->id, strlen(command->id));
    return key;
}

int answer_get(struct txn *txn, const struct command *command, struct arena *arena, struct answer *answer,
               struct fault *fault)
{
    struct key key = key_of(command);
    struct bytes value;
    if (!txn_get(txn, TABLE_ANSWERS, key_view(&key), &value))
        return txn_absent(txn, fault);
    int result = record_decode(&answer_desc, value, arena, answer, fault);
    return result ? fault_prefix(fault, result, "the answer to command '%s' of %s", command->id, command->actor) : 0;
}

void answer_put(struct txn *txn, const struct command *command, const struct answer *answer)
{
    struct key key = key_of(command);
    struct buffer *bytes = txn_scratch(txn, 0);
    record_encode(&answer_desc, answer, bytes);
    txn_put(txn, TABLE_ANSWERS, key_view(&key), buffer_view(bytes));
}
