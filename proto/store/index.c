/* Lists of cases: key = name NUL be64 order be64 case id, no value. */
#include "proto/store/case_derived.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/key.h"
#include "proto/store/name_set.h"

/* Orders are times: one before 1970 (a sender's nonsense) stands first, not last. */
static uint64_t order_number(int64_t order)
{
    return order < 0 ? 0 : (uint64_t)order;
}

struct collecting {
    struct buffer *keys;
    int64_t id;
};

static void collect(void *context, const char *name, int64_t order)
{
    struct collecting *collecting = context;
    struct key key;
    key_start(&key);
    key_name(&key, name);
    key_be64(&key, order_number(order));
    key_be64(&key, (uint64_t)collecting->id);
    if (!name_set_has(collecting->keys, key_view(&key))) /* two tasks of one department are one entry */
        name_set_add(collecting->keys, key_view(&key));
}

struct buffer *index_keys_of(struct txn *txn, int slot, const struct case_file *record)
{
    struct collecting collecting = { txn_scratch(txn, slot), record ? record->id : 0 };
    if (record)
        case_index_entries(record, collect, &collecting);
    return collecting.keys;
}

static void remove_key(void *context, struct bytes key)
{
    if (!txn_delete(context, TABLE_INDEX, key))
        txn_fail(context, -EBADMSG, "list '%s' lacks a case that belongs to it", (const char *)key.data);
}

static void add_key(void *context, struct bytes key)
{
    txn_put(context, TABLE_INDEX, key, (struct bytes){ NULL, 0 });
}

void index_apply(struct txn *txn, const struct case_file *old, const struct case_file *record)
{
    struct buffer *before = index_keys_of(txn, 1, old), *after = index_keys_of(txn, 2, record);
    name_set_difference(before, after, remove_key, txn);
    name_set_difference(after, before, add_key, txn);
}

/* The walk's keys end with order and id: 16 bytes behind the prefix. */
static bool next_entry(struct txn_walk *walk, int64_t *order, int64_t *id)
{
    if (!walk_next(walk) || walk->key.size != walk->prefix_size + 16)
        return false;
    *order = (int64_t)bytes_be64(walk->key.data + walk->prefix_size);
    *id = (int64_t)bytes_be64(walk->key.data + walk->prefix_size + 8);
    return true;
}

static void open_list(struct txn *txn, struct txn_walk *walk, const char *name, int64_t order, int64_t id,
                      bool backwards)
{
    struct key from;
    key_start(&from);
    key_name(&from, name);
    size_t prefix_size = from.size;
    key_be64(&from, order_number(order));
    key_be64(&from, (uint64_t)id);
    (backwards ? walk_open_backwards : walk_open)(txn, walk, TABLE_INDEX, key_view(&from), prefix_size);
}

int index_visit(struct txn *txn, const char *name, int64_t after_order, int64_t after_id, bool backwards,
                int (*visit)(void *context, int64_t order, int64_t id), void *context)
{
    struct txn_walk walk;
    int64_t order, id;
    int result = 0;
    bool whole = after_order == 0 && after_id == 0;
    if (whole && backwards)
        open_list(txn, &walk, name, ORDER_NONE, ORDER_NONE, true);
    else
        open_list(txn, &walk, name, after_order, after_id, backwards);
    while (!result && next_entry(&walk, &order, &id))
        if (whole || order != after_order || id != after_id)
            result = visit(context, order, id);
    walk_close(&walk);
    return result ? result : txn_error(txn, NULL);
}

int64_t index_count(struct txn *txn, const char *name, int64_t from_order, int64_t below_order, int64_t max)
{
    struct txn_walk walk;
    int64_t order, id, count = 0;
    open_list(txn, &walk, name, from_order, 0, false);
    while (count < max && next_entry(&walk, &order, &id) && (order < below_order || below_order == ORDER_NONE))
        count++;
    walk_close(&walk);
    return count;
}

int index_first(struct txn *txn, const char *name, int64_t *order, int64_t *id)
{
    struct txn_walk walk;
    open_list(txn, &walk, name, 0, 0, false);
    bool found = next_entry(&walk, order, id);
    walk_close(&walk);
    return found ? 0 : txn_absent(txn, NULL);
}
