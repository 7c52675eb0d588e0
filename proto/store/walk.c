#include <assert.h>
#include <string.h>

#include "proto/store/environment.h"

static void open_walk(struct txn *txn, struct txn_walk *walk, int table, struct bytes from, size_t prefix_size,
                      bool backwards)
{
    assert(table >= 0 && (size_t)table < txn->store->layout->table_count && prefix_size <= from.size);
    walk->cursor = NULL;
    walk->txn = txn;
    walk->from_size = from.size;
    walk->prefix_size = prefix_size;
    walk->started = false;
    walk->backwards = backwards;
    if (txn->error || from.size > sizeof walk->from) /* no key is that long: an empty walk */
        return;
    if (from.size)
        memcpy(walk->from, from.data, from.size);
    MDB_cursor *cursor;
    if (txn_check(txn, mdb_cursor_open(txn->mdb, txn->store->tables[table], &cursor), "a walk"))
        walk->cursor = cursor;
}

void walk_open(struct txn *txn, struct txn_walk *walk, int table, struct bytes from, size_t prefix_size)
{
    open_walk(txn, walk, table, from, prefix_size, false);
}

void walk_open_backwards(struct txn *txn, struct txn_walk *walk, int table, struct bytes from, size_t prefix_size)
{
    open_walk(txn, walk, table, from, prefix_size, true);
}

static int first_row(struct txn_walk *walk, MDB_val *key, MDB_val *data)
{
    if (walk->from_size == 0)
        return mdb_cursor_get(walk->cursor, key, data, walk->backwards ? MDB_LAST : MDB_FIRST);
    *key = (MDB_val){ walk->from_size, walk->from };
    int code = mdb_cursor_get(walk->cursor, key, data, MDB_SET_RANGE);
    if (!walk->backwards)
        return code;
    if (code == MDB_NOTFOUND)
        return mdb_cursor_get(walk->cursor, key, data, MDB_LAST);
    if (code == 0 && (key->mv_size != walk->from_size || memcmp(key->mv_data, walk->from, walk->from_size) != 0))
        return mdb_cursor_get(walk->cursor, key, data, MDB_PREV);
    return code;
}

bool walk_next(struct txn_walk *walk)
{
    MDB_val key, data;
    if (!walk->cursor || walk->txn->error)
        return false;
    int code = walk->started ? mdb_cursor_get(walk->cursor, &key, &data, walk->backwards ? MDB_PREV : MDB_NEXT)
                             : first_row(walk, &key, &data);
    walk->started = true;
    if (!txn_check(walk->txn, code, "a walk"))
        return false;
    if (walk->prefix_size &&
        (key.mv_size < walk->prefix_size || memcmp(key.mv_data, walk->from, walk->prefix_size) != 0))
        return false;
    walk->key = lmdb_bytes(key);
    walk->value = lmdb_bytes(data);
    return true;
}

void walk_close(struct txn_walk *walk)
{
    if (walk->cursor)
        mdb_cursor_close(walk->cursor);
    walk->cursor = NULL;
}

bool txn_last(struct txn *txn, int table, struct bytes *key, struct bytes *value)
{
    struct txn_walk walk;
    walk_open_backwards(txn, &walk, table, (struct bytes){ NULL, 0 }, 0);
    bool found = walk_next(&walk);
    if (found) {
        *key = walk.key;
        *value = walk.value;
    }
    walk_close(&walk);
    return found;
}
