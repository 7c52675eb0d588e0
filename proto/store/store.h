/* The one room of LMDB: environments, tables, transactions with a sticky error.
 *
 * A transaction keeps its first error: puts and gets after it do nothing, and txn_commit() returns it. So steps are chained and
 * checked once. Default flags only (every commit is an fsync); MDB_NOTLS; the map is large and sparse from the start.
 * Any commit error is fatal for the process (fail-stop): the caller stops answering and exits non-zero.
 *
 * No read transaction outlives a loop turn or a request. An environment is opened once per process, never across fork().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct store;
struct txn;

enum store_mode { STORE_READ_ONLY, STORE_READ_WRITE };

/* Tables are named once per environment; the enum of the caller indexes this list. */
struct store_layout {
    const char *name; /* "events", "cases", "accounts" */
    const char *const *tables;
    size_t table_count;
};

struct store_options {
    int64_t map_bytes; /* 0: 64 GiB */
    int64_t readers;   /* 0: 512 */
    int64_t
        reserve_bytes; /* writing stops with a clear fault when the file system has less than this free; 0: 64 MiB */
};

/* `folder` is made where absent (mode 0700). Read-only: -ENOENT while the writer has not made it yet.
 * Clears the slots of dead readers. */
int store_open(const char *folder, const struct store_layout *layout, enum store_mode mode,
               const struct store_options *options, struct store **store, struct fault *fault);
void store_close(struct store *store); /* takes NULL */
/* Frees the slots of readers that were killed; call every minute. Returns how many. */
int store_check_readers(struct store *store);
/* Bytes in use, map size, readers: for the metrics. */
struct store_stat {
    int64_t used_bytes, map_bytes, free_disk_bytes, readers, oldest_reader_lag; /* lag in transactions */
};
int store_stat(struct store *store, struct store_stat *stat);
/* A consistent copy into an empty folder, while everything runs. */
int store_backup(struct store *store, const char *folder, struct fault *fault);

/* Never fails to give a txn: an error is sticky in it. One write transaction at a time per process. */
struct txn *txn_begin_read(struct store *store);
struct txn *txn_begin_write(struct store *store);
/* 0, or the first error: nothing was changed then. Frees the txn. -ENOSPC: the map or the disk is full. */
int txn_commit(struct txn *txn, struct fault *fault);
void txn_abort(struct txn *txn); /* takes NULL; also ends a read */
int txn_error(const struct txn *txn);

void txn_put(struct txn *txn, int table, struct bytes key, struct bytes value);
/* Appends with a key greater than all others: cheaper; an error where it is not. */
void txn_append(struct txn *txn, int table, struct bytes key, struct bytes value);
/* False where there is none, or the txn has failed. The value points into the map: until the next write or the end. */
bool txn_get(struct txn *txn, int table, struct bytes key, struct bytes *value);
/* False where there was none. */
bool txn_delete(struct txn *txn, int table, struct bytes key);
/* The last key of the table; false if empty. */
bool txn_last(struct txn *txn, int table, struct bytes *key, struct bytes *value);
uint64_t txn_count(struct txn *txn, int table);

/* A walk over keys in order, from the first key ≥ `from` (empty: from the start); with `prefix_size` > 0 it ends at the first key whose
 * first prefix_size bytes differ from those of `from`. Close it before the txn ends. Writing to the table during a walk is not allowed. */
struct txn_walk {
    void *cursor;
    struct txn *txn;
    struct bytes key, value; /* of the current row */
    uint8_t prefix[512];
    size_t prefix_size;
    bool started;
    int step; /* +1 or -1 */
};
void walk_open(struct txn *txn, struct txn_walk *walk, int table, struct bytes from, size_t prefix_size);
/* Backwards from the last key ≤ `from` that has the prefix. */
void walk_open_backwards(struct txn *txn, struct txn_walk *walk, int table, struct bytes from, size_t prefix_size);
bool walk_next(struct txn_walk *walk);
void walk_close(struct txn_walk *walk);
