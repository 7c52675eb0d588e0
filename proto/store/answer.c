/* The first answer to every command id: the same id again gets it again. */
#include "proto/store/case_store.h"
#include "proto/store/key.h"

int answer_get(struct txn *txn, const char *command_id, struct arena *arena, struct answer *answer, struct fault *fault)
{
    struct bytes value;
    if (!txn_get(txn, TABLE_ANSWERS, text_view(command_id), &value))
        return txn_absent(txn, fault);
    int result = record_decode(&answer_desc, value, arena, answer, fault);
    return result ? fault_prefix(fault, result, "the answer to command '%s'", command_id) : 0;
}

void answer_put(struct txn *txn, const char *command_id, const struct answer *answer)
{
    struct buffer *bytes = txn_scratch(txn, 0);
    record_encode(&answer_desc, answer, bytes);
    txn_put(txn, TABLE_ANSWERS, text_view(command_id), buffer_view(bytes));
}
