/* The journal: every input that the engine took, in order, hash-chained. Written in the turn's own transaction.
 *
 * Entry n (from 1) under key be64(n):
 *   be64 at_ms | u8 kind (enum input_kind) | 32 bytes hash | payload
 * hash(n) = BLAKE2b-256( hash(n-1) | be64 n | be64 at_ms | kind | payload ), hash(0) = 32 zero bytes.
 *
 * The interface is the one that a replicated log would have to offer (DESIGN 12): append a batch if the last sequence is still the one
 * that I saw; read from a sequence. LMDB is its first implementation.
 */
#pragma once

#include "proto/base/crypto.h"
#include "proto/record/notice.h"
#include "proto/store/store.h"

struct journal_entry {
    uint64_t n;
    int64_t at_ms;
    enum input_kind kind;
    struct bytes payload;
    struct hash_ref {
        const uint8_t *bytes; /* HASH_BYTES; set by reading */
    } hash;
};

struct journal_log; /* the implementation's own */

struct journal_ops {
    /* -ESTALE where the log's last sequence is not `expected_last`: somebody else is the active one, and the turn must be aborted.
     * Of an entry at_ms, kind and payload are taken. `txn`: the turn's transaction. */
    int (*append)(struct journal_log *log, struct txn *txn, uint64_t expected_last, const struct journal_entry *entries,
                  size_t count, struct fault *fault);
    uint64_t (*last)(struct journal_log *log, struct txn *txn);
    /* visit: 0 goes on; anything else ends and is returned. */
    int (*read)(struct journal_log *log, struct txn *txn, uint64_t from, size_t max,
                int (*visit)(void *context, const struct journal_entry *entry), void *context, struct fault *fault);
};

struct journal {
    const struct journal_ops *ops;
    struct journal_log *log;
};

/* The journal in the cases environment. */
struct journal journal_in_store(void);

enum { JOURNAL_BROKEN = 1 };

/* Where a verification stands; zeroed at its start. */
struct journal_check {
    uint64_t entries; /* found whole so far */
    struct hash hash; /* of the last of them */
    bool done;        /* the end was reached */
};
/* Checks up to `max` entries more. 0, or JOURNAL_BROKEN: the fault names the entry and what is wrong with it. A long journal is
 * checked in pieces, each in a transaction of its own, so that no old snapshot is kept while the dispatcher writes.
 * What is cut off at the end leaves no trace in the chain: compare the count with the dispatcher's log or a backup. */
int journal_check_some(const struct journal *journal, struct txn *txn, struct journal_check *check, size_t max,
                       struct fault *fault);
/* The whole chain in one transaction. *entries: how many are whole. 0 or JOURNAL_BROKEN, as above. */
int journal_verify(const struct journal *journal, struct txn *txn, uint64_t *entries, struct fault *fault,
                   void (*progress)(void *context, uint64_t done, uint64_t all), void *context);
