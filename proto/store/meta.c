/* Single values of the cases environment: the cursor, last ids, last time. */
#include "proto/store/case_store.h"
#include "proto/store/key.h"

int64_t meta_get(struct txn *txn, const char *name)
{
    struct bytes value;
    return txn_get(txn, TABLE_META, text_view(name), &value) && value.size == 8 ? (int64_t)bytes_be64(value.data) : 0;
}

void meta_set(struct txn *txn, const char *name, int64_t value)
{
    uint8_t bytes[8];
    bytes_put_be64(bytes, (uint64_t)value);
    txn_put(txn, TABLE_META, text_view(name), (struct bytes){ bytes, sizeof bytes });
}

int64_t meta_next(struct txn *txn, const char *name)
{
    int64_t value = meta_get(txn, name) + 1;
    meta_set(txn, name, value);
    return value;
}

const char *meta_get_text(struct txn *txn, const char *name, struct arena *arena)
{
    struct bytes value;
    return txn_get(txn, TABLE_META, text_view(name), &value) ? arena_text(arena, (const char *)value.data, value.size)
                                                             : NULL;
}

void meta_set_text(struct txn *txn, const char *name, const char *text)
{
    txn_put(txn, TABLE_META, text_view(name), text_view(text));
}
