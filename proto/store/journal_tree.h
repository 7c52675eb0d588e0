/* The Merkle tree over the journal (merkle.h): leaf n - 1 is journal_leaf() of entry n. Kept in the table `tree`, in the transaction that
 * appends:
 *   u8 0                 → the peaks of the tree as it is (merkle_peaks_write): one row, written once per append
 *   u8 level | be64 index → hash of a complete subtree, for levels 8, 16, 24 …: one row per 256 entries
 * All other nodes are computed anew when a proof wants them, from at most 256 entries or nodes each.
 */
#pragma once

#include "proto/store/journal.h"

enum { JOURNAL_TREE_STEP = 8 }; /* levels from one that is stored to the next */

/* ---- for whoever appends ---- */
/* Errors are sticky in the txn: -EBADMSG where the stored tree is not one of `last` entries. */
void journal_tree_open(struct txn *txn, uint64_t last, struct merkle_peaks *peaks);
void journal_tree_add(struct txn *txn, struct merkle_peaks *peaks, const struct hash *leaf);
void journal_tree_close(struct txn *txn, const struct merkle_peaks *peaks);

/* ---- for whoever looks ---- */
/* The peaks as stored. False where there are none, or the row is damaged. */
bool journal_tree_peaks(struct txn *txn, struct merkle_peaks *peaks);
/* A stored node; false where there is none. */
bool journal_tree_node(struct txn *txn, unsigned level, uint64_t index, struct hash *hash);
/* Rows that the tree of `size` entries has. */
uint64_t journal_tree_rows(uint64_t size);

/* Where proofs get their nodes from: reads the journal in `txn`. */
struct journal_tree {
    const struct journal *journal;
    struct txn *txn;
    struct fault *fault;
};
struct merkle_source journal_tree_source(struct journal_tree *tree);
