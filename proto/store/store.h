/* The one room of LMDB: environments, tables, transactions with a sticky error.
 *
 * A transaction keeps its first error: puts and gets after it do nothing, and txn_commit() returns it. So steps are chained and
 * checked once. Default flags only (every commit is an fsync); MDB_NOTLS; the map is large and sparse from the start.
 * Any error of a commit is fatal for the process (fail-stop): the caller stops answering and exits non-zero. The store holds it to
 * that: after a commit that failed on the disk it begins no other write transaction.
 *
 * One thread may write while another one reads; neither does both, and there is one of each at the most.
 * No read transaction outlives a loop turn or a request. An environment is opened once per process, never across fork().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct store;
struct tally;
struct txn;

enum store_mode { STORE_READ_ONLY, STORE_READ_WRITE };

/* Tables are named once per environment; the enum of the caller indexes this list. It lives as long as the store. */
struct store_layout {
    const char *name; /* "events", "cases", "accounts" */
    const char *const *tables;
    size_t table_count;
    void (*before_commit)(struct txn *txn); /* writes what a transaction has collected, txn_tally(); NULL: none does */
};

enum { STORE_TABLES_MAX = 32, STORE_KEY_MAX = 511 };

struct store_options {
    int64_t map_bytes;     /* at the least, see store_open(); 0: 64 GiB */
    int64_t readers;       /* 0: 512 */
    int64_t reserve_bytes; /* nothing is written when the file system has less than this free; 0: 64 MiB */
};

/* `folder` is made where absent (mode 0700). Read-only: -ENOENT while the writer has not made it yet.
 * Clears the slots of dead readers. Who writes doubles a map that is more than half full. `options` may be NULL. */
int store_open(const char *folder, const struct store_layout *layout, enum store_mode mode,
               const struct store_options *options, struct store **store, struct fault *fault);
/* The environment of that name in the data folder: DATA/<layout->name>. */
int store_open_in(const char *data_folder, const struct store_layout *layout, enum store_mode mode,
                  const struct store_options *options, struct store **store, struct fault *fault);
/* Takes the environment for this process alone, until it closes it or ends, however it ends. Who does not ask reads and writes as ever. -EBUSY: another
 * process has it. */
int store_take(struct store *store, struct fault *fault);
void store_close(struct store *store); /* takes NULL; every txn has ended */
const struct store_layout *store_layout(const struct store *store);
/* Frees the slots of readers that were killed; call every minute. Returns how many. */
int store_check_readers(struct store *store);
struct store_stat {
    int64_t used_bytes, map_bytes, free_disk_bytes;
    int64_t readers;           /* transactions that are reading now, of all processes */
    int64_t oldest_reader_lag; /* commits since the oldest of them began: space that cannot be used again yet */
};
int store_stat(struct store *store, struct store_stat *stat);
/* A consistent copy (file mode 0600) into a new or empty folder, while everything runs. Durable on return. */
int store_backup(struct store *store, const char *folder, struct fault *fault);

/* Never fails to give a txn: an error is sticky in it. One write transaction at a time per process. */
struct txn *txn_begin_read(struct store *store);
struct txn *txn_begin_write(struct store *store);
/* 0, or the first error: nothing was changed then. Frees the txn. -ENOSPC: the map or the disk is full. */
int txn_commit(struct txn *txn, struct fault *fault);
void txn_abort(struct txn *txn); /* takes NULL; also ends a read */
/* 0, or the first error; the fault (may be NULL) then says why. */
int txn_error(const struct txn *txn, struct fault *fault);
/* Makes the txn fail with an error of the caller's own (a value in the store that cannot be); the first error stays. */
void txn_fail(struct txn *txn, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What a look-up returns that found nothing: 1 where there is none, or the txn's error. */
int txn_absent(const struct txn *txn, struct fault *fault);

/* A key of 1 to STORE_KEY_MAX bytes; any other makes the txn fail with -EINVAL. */
void txn_put(struct txn *txn, int table, struct bytes key, struct bytes value);
/* Appends with a key greater than all others: cheaper; -EEXIST where it is not. */
void txn_append(struct txn *txn, int table, struct bytes key, struct bytes value);
/* The same, but gives the place of the value for the caller to fill before it does anything else with the txn; NULL: failed. */
uint8_t *txn_append_space(struct txn *txn, int table, struct bytes key, size_t size);
/* False where there is none, or the txn has failed. The value points into the map: until the next write or the end. */
bool txn_get(struct txn *txn, int table, struct bytes key, struct bytes *value);
/* False where there was none. */
bool txn_delete(struct txn *txn, int table, struct bytes key);
/* The last key of the table; false if empty. */
bool txn_last(struct txn *txn, int table, struct bytes *key, struct bytes *value);
uint64_t txn_count(struct txn *txn, int table);
/* An empty buffer to build a value in, kept by the store from one use to the next. A slot's former content is gone. */
enum { TXN_SCRATCH_SLOTS = 3 };
struct buffer *txn_scratch(struct txn *txn, int slot);

/* Sums that a write transaction collects until it ends; empty at its begin. NULL where it only reads. */
enum { TXN_TALLIES = 2 };
struct tally *txn_tally(struct txn *txn, int which);

/* A walk over keys in order, from the first key ≥ `from` (empty: from the start); with `prefix_size` > 0 it ends at the first key whose
 * first prefix_size bytes differ from those of `from`. Close it before the txn ends. Writing to the table during a walk is not allowed. */
struct txn_walk {
    void *cursor;
    struct txn *txn;
    struct bytes key, value; /* of the current row; until the next step */
    uint8_t from[STORE_KEY_MAX];
    size_t from_size, prefix_size;
    bool started, backwards;
};
void walk_open(struct txn *txn, struct txn_walk *walk, int table, struct bytes from, size_t prefix_size);
/* Backwards from the last key ≤ `from` (empty: from the end) that has the prefix. */
void walk_open_backwards(struct txn *txn, struct txn_walk *walk, int table, struct bytes from, size_t prefix_size);
bool walk_next(struct txn_walk *walk);
void walk_close(struct txn_walk *walk);
