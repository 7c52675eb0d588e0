/* Counters: how many cases count under a name. A counter that comes to 0 has no row. */
#include "proto/store/case_derived.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/key.h"
#include "proto/store/name_set.h"

static int64_t counter_value(struct txn *txn, struct bytes name)
{
    struct bytes value;
    return txn_get(txn, TABLE_COUNTERS, name, &value) && value.size == 8 ? (int64_t)bytes_be64(value.data) : 0;
}

static void change(struct txn *txn, struct bytes name, int64_t by)
{
    uint8_t bytes[8];
    int64_t value = counter_value(txn, name) + by;
    bytes_put_be64(bytes, (uint64_t)value);
    if (value < 0)
        txn_fail(txn, -EBADMSG, "counter '%.*s' would be %lld: it does not agree with the cases", (int)name.size,
                 (const char *)name.data, (long long)value);
    else if (value == 0)
        txn_delete(txn, TABLE_COUNTERS, name);
    else
        txn_put(txn, TABLE_COUNTERS, name, (struct bytes){ bytes, sizeof bytes });
}

static void decrease(void *context, struct bytes name)
{
    change(context, name, -1);
}

static void increase(void *context, struct bytes name)
{
    change(context, name, 1);
}

static void collect(void *context, const char *name)
{
    name_set_add(context, text_view(name));
}

static struct buffer *names_of(struct txn *txn, int slot, const struct case_file *record)
{
    struct buffer *names = txn_scratch(txn, slot);
    if (record)
        case_counter_entries(record, collect, names);
    return names;
}

void counter_apply(struct txn *txn, const struct case_file *old, const struct case_file *record)
{
    struct buffer *before = names_of(txn, 1, old), *after = names_of(txn, 2, record);
    name_set_difference(before, after, decrease, txn);
    name_set_difference(after, before, increase, txn);
}

int64_t counter_get(struct txn *txn, const char *name)
{
    return counter_value(txn, text_view(name));
}

int counter_visit(struct txn *txn, const char *prefix, int (*visit)(void *context, const char *name, int64_t value),
                  void *context)
{
    struct txn_walk walk;
    struct bytes from = text_view(prefix);
    int result = 0;
    walk_open(txn, &walk, TABLE_COUNTERS, from, from.size);
    while (!result && walk_next(&walk)) {
        char name[STORE_KEY_MAX + 1];
        memcpy(name, walk.key.data, walk.key.size);
        name[walk.key.size] = 0;
        result = visit(context, name, walk.value.size == 8 ? (int64_t)bytes_be64(walk.value.data) : 0);
    }
    walk_close(&walk);
    return result ? result : txn_error(txn, NULL);
}
