/* Inside the room of LMDB: what store.c, txn.c and walk.c share. Nobody else includes this. */
#pragma once

#include <lmdb.h>

#include "proto/store/store.h"
#include "proto/store/tally.h"

struct store {
    MDB_env *env;
    char *folder;
    const struct store_layout *layout;
    enum store_mode mode;
    MDB_dbi tables[STORE_TABLES_MAX];
    int64_t reserve_bytes;
    int taken;             /* the folder, open and locked; -1: it was not taken */
    MDB_txn *idle_read;    /* a read transaction that was reset: beginning the next one takes no slot and no lock */
    _Atomic int open_txns; /* one thread may write while another one reads */
    int failed;            /* errno of a commit that failed on the disk: fail-stop */
    struct buffer scratch[TXN_SCRATCH_SLOTS];
    struct tally tallies[TXN_TALLIES]; /* of the write transaction */
};

struct txn {
    struct store *store;
    MDB_txn *mdb; /* NULL where it could not begin */
    bool writes;
    int error;
    struct fault fault;
    MDB_cursor *cursors
        [STORE_TABLES_MAX]; /* of a write transaction, by table; NULL: not used yet. LMDB closes them at its end */
};

/* LMDB's own codes and errno → -errno. */
int lmdb_errno(int code);
/* `code` as words, with what to do about it where that is known. */
const char *lmdb_advice(int code);

/* Free bytes of the store's file system, or -errno. */
int64_t store_free_bytes(const struct store *store);

void *store_allocate(size_t size); /* zeroed; a process without memory stops */
/* Makes the txn fail with LMDB's code unless that is 0 or MDB_NOTFOUND; true: it was 0. */
bool txn_check(struct txn *txn, int code, const char *doing);

static inline MDB_val lmdb_value(struct bytes bytes)
{
    return (MDB_val){ bytes.size, (void *)bytes.data };
}

static inline struct bytes lmdb_bytes(MDB_val value)
{
    return (struct bytes){ value.mv_data, value.mv_size };
}
