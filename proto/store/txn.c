#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/metrics.h"
#include "proto/store/environment.h"

static struct metric commits = METRIC_COUNTER("drumtower_store_commits_total", "Durable write transactions.");
static struct metric commit_failures = METRIC_COUNTER("drumtower_store_commit_failures_total", "Write transactions "
                                                                                               "that could not be made "
                                                                                               "durable.");
static struct metric reserve_refusals = METRIC_COUNTER("drumtower_store_reserve_refusals_total", "Write transactions "
                                                                                                 "refused because the "
                                                                                                 "disk is nearly "
                                                                                                 "full.");

void txn_fail(struct txn *txn, int code, const char *format, ...)
{
    assert(code < 0);
    if (txn->error)
        return;
    va_list args;
    va_start(args, format);
    int length = snprintf(txn->fault.text, sizeof txn->fault.text, "%s: ", txn->store->layout->name);
    vsnprintf(txn->fault.text + length, sizeof txn->fault.text - (size_t)length, format, args);
    va_end(args);
    txn->error = code;
}

bool txn_check(struct txn *txn, int code, const char *doing)
{
    if (code == 0)
        return true;
    if (code != MDB_NOTFOUND)
        txn_fail(txn, lmdb_errno(code), "%s: %s", doing, lmdb_advice(code));
    return false;
}

int txn_error(const struct txn *txn, struct fault *fault)
{
    return txn->error ? fault_set(fault, txn->error, "%s", txn->fault.text) : 0;
}

int txn_absent(const struct txn *txn, struct fault *fault)
{
    return txn->error ? txn_error(txn, fault) : 1;
}

/* ---- begin and end ---- */

static struct txn *txn_new(struct store *store, bool writes)
{
    struct txn *txn = store_allocate(sizeof *txn);
    txn->store = store;
    txn->writes = writes;
    store->open_txns++;
    return txn;
}

static int begin(struct store *store, unsigned flags, MDB_txn **mdb)
{
    int code = mdb_txn_begin(store->env, NULL, flags, mdb);
    if (code == MDB_MAP_RESIZED && store->open_txns == 1) { /* resizing under an open transaction is undefined */
        code = mdb_env_set_mapsize(store->env, 0);
        if (!code)
            code = mdb_txn_begin(store->env, NULL, flags, mdb);
    }
    if (code == MDB_READERS_FULL && store_check_readers(store) > 0)
        code = mdb_txn_begin(store->env, NULL, flags, mdb);
    return code;
}

struct txn *txn_begin_read(struct store *store)
{
    struct txn *txn = txn_new(store, false);
    MDB_txn *idle = store->idle_read;
    store->idle_read = NULL;
    if (idle && mdb_txn_renew(idle) == 0) {
        txn->mdb = idle;
        return txn;
    }
    mdb_txn_abort(idle);
    txn_check(txn, begin(store, MDB_RDONLY, &txn->mdb), "beginning to read");
    return txn;
}

struct txn *txn_begin_write(struct store *store)
{
    struct txn *txn = txn_new(store, true);
    int64_t free_bytes = store_free_bytes(store);
    if (store->mode != STORE_READ_WRITE)
        txn_fail(txn, -EROFS, "this process opened it for reading only");
    else if (store->failed)
        txn_fail(txn, store->failed, "an earlier commit failed (%s): this process must end", strerror(-store->failed));
    else if (free_bytes < 0)
        txn_fail(txn, (int)free_bytes, "%s: cannot tell the free space: %s", store->folder, strerror((int)-free_bytes));
    else if (free_bytes < store->reserve_bytes) {
        metric_add(&reserve_refusals, 1);
        txn_fail(txn, -ENOSPC, "the file system of %s has %lld MiB free, less than its reserve of %lld MiB: make room",
                 store->folder, (long long)(free_bytes >> 20), (long long)(store->reserve_bytes >> 20));
    } else if (txn_check(txn, begin(store, 0, &txn->mdb), "beginning to write"))
        for (int i = 0; i < TXN_TALLIES; i++) /* under the writer's lock: at its end another thread may write already */
            tally_clear(&store->tallies[i]);
    return txn;
}

static void txn_free(struct txn *txn)
{
    txn->store->open_txns--;
    free(txn);
}

void txn_abort(struct txn *txn)
{
    if (!txn)
        return;
    struct store *store = txn->store;
    if (txn->mdb && !txn->writes && !store->idle_read) {
        mdb_txn_reset(txn->mdb);
        store->idle_read = txn->mdb;
    } else
        mdb_txn_abort(txn->mdb);
    txn_free(txn);
}

int txn_commit(struct txn *txn, struct fault *fault)
{
    if (txn->writes && !txn->error && txn->store->layout->before_commit)
        txn->store->layout->before_commit(txn);
    if (!txn->writes || txn->error) {
        int result = txn_error(txn, fault);
        if (result && txn->writes)
            metric_add(&commit_failures, 1);
        txn_abort(txn);
        return result;
    }
    int code = mdb_txn_commit(txn->mdb);
    if (txn_check(txn, code, "the commit"))
        metric_add(&commits, 1);
    else
        metric_add(&commit_failures, 1);
    if (code && code != MDB_MAP_FULL)
        txn->store->failed = txn->error; /* a later, smaller commit may pass: it must not be tried */
    int result = txn_error(txn, fault);
    txn_free(txn);
    return result;
}

/* ---- rows ---- */

static MDB_dbi table_of(const struct txn *txn, int table)
{
    assert(table >= 0 && (size_t)table < txn->store->layout->table_count);
    return txn->store->tables[table];
}

/* A write transaction keeps one cursor a table: a key on the page where the last one was is found without a search from the root. So
 * what is written in the order of its keys costs little. NULL: the txn has failed. */
static MDB_cursor *cursor_of(struct txn *txn, int table)
{
    MDB_dbi mdb_table = table_of(txn, table);
    MDB_cursor **cursor = &txn->cursors[table];
    if (!*cursor && !txn_check(txn, mdb_cursor_open(txn->mdb, mdb_table, cursor), "a cursor"))
        *cursor = NULL;
    return *cursor;
}

static bool key_is_valid(struct bytes key)
{
    return key.size > 0 && key.size <= STORE_KEY_MAX;
}

static bool may_write(struct txn *txn, struct bytes key)
{
    assert(txn->writes);
    if (!txn->error && !key_is_valid(key))
        txn_fail(txn, -EINVAL, "a key of %zu bytes: expected 1 to %d", key.size, STORE_KEY_MAX);
    return !txn->error;
}

void txn_put(struct txn *txn, int table, struct bytes key, struct bytes value)
{
    MDB_val mdb_key = lmdb_value(key), mdb_data = lmdb_value(value);
    MDB_cursor *cursor = may_write(txn, key) ? cursor_of(txn, table) : NULL;
    if (cursor)
        txn_check(txn, mdb_cursor_put(cursor, &mdb_key, &mdb_data, 0), "a write");
}

static void *append(struct txn *txn, int table, struct bytes key, struct bytes value, unsigned flags)
{
    if (!may_write(txn, key))
        return NULL;
    MDB_val mdb_key = lmdb_value(key), mdb_data = lmdb_value(value);
    int code = mdb_put(txn->mdb, table_of(txn, table), &mdb_key, &mdb_data, flags | MDB_APPEND);
    return txn_check(txn, code, "a write") ? mdb_data.mv_data : NULL;
}

void txn_append(struct txn *txn, int table, struct bytes key, struct bytes value)
{
    append(txn, table, key, value, 0);
}

uint8_t *txn_append_space(struct txn *txn, int table, struct bytes key, size_t size)
{
    return append(txn, table, key, (struct bytes){ NULL, size }, MDB_RESERVE);
}

bool txn_get(struct txn *txn, int table, struct bytes key, struct bytes *value)
{
    MDB_val mdb_key = lmdb_value(key), mdb_data;
    if (txn->error || !key_is_valid(key))
        return false;
    MDB_cursor *cursor = txn->writes ? cursor_of(txn, table) : NULL;
    int code = cursor ? mdb_cursor_get(cursor, &mdb_key, &mdb_data, MDB_SET)
                      : mdb_get(txn->mdb, table_of(txn, table), &mdb_key, &mdb_data);
    if (!txn_check(txn, code, "a read"))
        return false;
    *value = lmdb_bytes(mdb_data);
    return true;
}

bool txn_delete(struct txn *txn, int table, struct bytes key)
{
    assert(txn->writes);
    MDB_val mdb_key = lmdb_value(key);
    MDB_cursor *cursor = !txn->error && key_is_valid(key) ? cursor_of(txn, table) : NULL;
    return cursor && txn_check(txn, mdb_cursor_get(cursor, &mdb_key, NULL, MDB_SET), "a deletion") &&
           txn_check(txn, mdb_cursor_del(cursor, 0), "a deletion");
}

uint64_t txn_count(struct txn *txn, int table)
{
    MDB_stat stat;
    if (txn->error || !txn_check(txn, mdb_stat(txn->mdb, table_of(txn, table), &stat), "counting"))
        return 0;
    return stat.ms_entries;
}

struct tally *txn_tally(struct txn *txn, int which)
{
    assert(which >= 0 && which < TXN_TALLIES);
    return txn->writes ? &txn->store->tallies[which] : NULL;
}

struct buffer *txn_scratch(struct txn *txn, int slot)
{
    assert(slot >= 0 && slot < TXN_SCRATCH_SLOTS);
    buffer_clear(&txn->store->scratch[slot]);
    return &txn->store->scratch[slot];
}
