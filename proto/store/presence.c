#include "proto/store/presence.h"

#include "proto/store/case_store.h"
#include "proto/store/key.h"

void presence_get(struct txn *txn, const char *account, struct arena *arena, struct presence *presence)
{
    struct bytes value;
    struct fault fault;
    *presence = (struct presence){ 0 };
    if (!txn_get(txn, TABLE_WORKERS, text_view(account), &value))
        return;
    int result = record_decode(&presence_desc, value, arena, presence, &fault);
    if (result)
        txn_fail(txn, result, "worker '%s': %s", account, fault.text);
}

void presence_put(struct txn *txn, const char *account, const struct presence *presence)
{
    struct buffer *bytes = txn_scratch(txn, 0);
    record_encode(&presence_desc, presence, bytes);
    txn_put(txn, TABLE_WORKERS, text_view(account), buffer_view(bytes));
}
