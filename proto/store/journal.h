/* The journal: every input that the engine took, in order, hash-chained, with a Merkle tree over it (journal_tree.h). Written in the turn's
 * own transaction.
 *
 * Entry n (from 1) under key be64(n), in one of two forms:
 *   be64 at_ms | u8 kind (enum input_kind) | u8 0 | 32 bytes hash | 16 bytes salt | payload
 *   be64 at_ms | u8 kind | u8 1 | 32 bytes hash | 32 bytes payload hash | be64 erasure | what is left of the payload
 * with H = BLAKE2b-256:
 *   payload hash = H( salt | payload )
 *   leaf(n)      = H( 0x00 | be64 n | be64 at_ms | kind | payload hash )
 *   hash(n)      = H( hash(n-1) | leaf(n) ), hash(0) = 32 zero bytes
 * So chain and tree commit to a payload by its hash alone, and stay whole when it is erased (erase.h): the second form keeps the hash, names the
 * entry that erased, and holds what could stay. With the salt, which is random and goes with the payload, the hash does not
 * tell whether a guess of the erased words is right.
 *
 * The interface is the one that a replicated log would have to offer: append a batch if the last sequence is still the one
 * that I saw; read from a sequence; erase. LMDB is its first implementation.
 */
#pragma once

#include "proto/base/crypto.h"
#include "proto/record/notice.h"
#include "proto/store/merkle.h"
#include "proto/store/store.h"

enum { JOURNAL_SALT_BYTES = 16 };

struct journal_entry {
    uint64_t n;
    int64_t at_ms; /* the engine's time; of a book and of an erasure, which move no time: when it came */
    enum input_kind kind;
    struct bytes payload; /* of an erased entry: what is left */
    struct hash_ref {
        const uint8_t *bytes; /* HASH_BYTES; set by reading */
    } hash;
    const uint8_t *salt;         /* JOURNAL_SALT_BYTES; NULL where erased */
    const uint8_t *payload_hash; /* HASH_BYTES; of an erased entry, else NULL */
    uint64_t erased_by;          /* the entry that erased; 0: whole */
};

struct journal_log; /* the implementation's own */

struct journal_ops {
    /* -ESTALE where the log's last sequence is not `expected_last`: somebody else is the active one, and the turn must be aborted.
     * Of an entry everything but n and hash is taken; one without salt and payload hash (all but a replay's) gets a fresh salt.
     * `txn`: the turn's transaction. */
    int (*append)(struct journal_log *log, struct txn *txn, uint64_t expected_last, const struct journal_entry *entries,
                  size_t count, struct fault *fault);
    uint64_t (*last)(struct journal_log *log, struct txn *txn);
    /* visit: 0 goes on; anything else ends and is returned. -EBADMSG: a row is no entry. */
    int (*read)(struct journal_log *log, struct txn *txn, uint64_t from, size_t max,
                int (*visit)(void *context, const struct journal_entry *entry), void *context, struct fault *fault);
    /* Leaves `left` of the payload of entry n; `erasure` is the entry that says so. An entry that is erased already stays as it is.
     * `left` must not point into the store. */
    int (*erase)(struct journal_log *log, struct txn *txn, uint64_t n, uint64_t erasure, struct bytes left,
                 struct fault *fault);
};

struct journal {
    const struct journal_ops *ops;
    struct journal_log *log;
};

/* The journal in the cases environment. */
struct journal journal_in_store(void);

/* One entry, whose bytes live as long as the transaction is not written to. 1 where there is none. */
int journal_get(const struct journal *journal, struct txn *txn, uint64_t n, struct journal_entry *entry,
                struct fault *fault);
/* What chain and tree commit to. */
struct hash journal_payload_hash(const struct journal_entry *entry);
struct hash journal_leaf(const struct journal_entry *entry);
struct hash journal_link(const struct hash *previous, const struct hash *leaf);
