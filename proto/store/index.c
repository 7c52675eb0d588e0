/* Lists of cases: key = name NUL be64 order be64 case id, no value. */
#include "proto/store/case_derived.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/key.h"

/* Orders are times: one before 1970 (a sender's nonsense) stands first, not last. */
static uint64_t order_number(int64_t order)
{
    return order < 0 ? 0 : (uint64_t)order;
}

struct key index_key(const struct index_entry *entry, int64_t id)
{
    struct key key;
    key_start(&key);
    key_bytes(&key, entry->list, strlen(entry->list));
    key_name(&key, entry->of);
    key_be64(&key, order_number(entry->order));
    key_be64(&key, (uint64_t)id);
    return key;
}

static bool is_same(const struct index_entry *a, const struct index_entry *b)
{
    return order_number(a->order) == order_number(b->order) && strcmp(a->list, b->list) == 0 &&
           strcmp(a->of, b->of) == 0;
}

static bool has(struct index_places places, const struct index_entry *entry)
{
    for (size_t i = 0; i < places.count; i++)
        if (is_same(&places.items[i], entry))
            return true;
    return false;
}

static struct index_places places_in(const struct buffer *entries)
{
    return (struct index_places){ (const void *)entries->bytes, entries->size / sizeof(struct index_entry) };
}

static void collect(void *context, const struct index_entry *entry)
{
    struct buffer *entries = context;
    if (!has(places_in(entries), entry)) /* two tasks of one department are one place */
        buffer_append(entries, entry, sizeof *entry);
}

struct index_places index_places_of(struct txn *txn, int slot, const struct case_file *record)
{
    struct buffer *entries = txn_scratch(txn, slot);
    case_index_entries(record, collect, entries);
    return places_in(entries);
}

static void leave(struct txn *txn, const struct index_entry *entry, int64_t id)
{
    struct key key = index_key(entry, id);
    if (!txn_delete(txn, TABLE_INDEX, key_view(&key)))
        txn_fail(txn, -EBADMSG, "list '%s%s' lacks a case that belongs to it", entry->list, entry->of);
}

static void enter(struct txn *txn, const struct index_entry *entry, int64_t id)
{
    struct key key = index_key(entry, id);
    txn_put(txn, TABLE_INDEX, key_view(&key), (struct bytes){ NULL, 0 });
}

/* Most places stay as they are with a change of the case, so keys are made of those that do not. */
void index_apply(struct txn *txn, const struct case_file *old, const struct case_file *record)
{
    struct index_places before = old ? index_places_of(txn, 1, old) : (struct index_places){ NULL, 0 };
    struct index_places after = index_places_of(txn, 2, record);
    for (size_t i = 0; i < before.count; i++)
        if (!has(after, &before.items[i]))
            leave(txn, &before.items[i], record->id);
    for (size_t i = 0; i < after.count; i++)
        if (!has(before, &after.items[i]))
            enter(txn, &after.items[i], record->id);
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
