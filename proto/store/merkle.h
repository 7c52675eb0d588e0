/* Merkle tree hashes and proofs as RFC 9162 section 2.1 defines them, with BLAKE2b-256 in the place of SHA-256: pure functions.
 *
 *   MTH({})      = H()
 *   leaf         = H( 0x00 | entry )
 *   node         = H( 0x01 | left | right ), split at the largest power of two that is less than the number of leaves
 * Leaves are counted from 0. A subtree (level, index) is the complete one of 2^level leaves from index * 2^level on: once it is full
 * it never changes.
 */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/crypto.h"

struct hash merkle_leaf(const void *entry, size_t size);
struct hash merkle_node(const struct hash *left, const struct hash *right);

/* ---- a tree that grows ---- */

enum { MERKLE_LEVELS = 64, MERKLE_PEAKS_BYTES = 8 + MERKLE_LEVELS * HASH_BYTES };

/* The complete subtrees that a tree of `size` leaves is made of: at[level] is used where bit `level` of size is 1. Zeroed: empty. */
struct merkle_peaks {
    uint64_t size;
    struct hash at[MERKLE_LEVELS];
};

typedef void (*merkle_completed)(void *context, unsigned level, uint64_t index, const struct hash *hash);

/* Adds a leaf; O(log size), one node on average. `completed` (may be NULL) hears of each subtree of level 1 and more that is full now. */
void merkle_add(struct merkle_peaks *peaks, const struct hash *leaf, merkle_completed completed, void *context);
struct hash merkle_root(const struct merkle_peaks *peaks);
/* be64 size | the peaks that are used, highest first. Returns how many bytes were written. */
size_t merkle_peaks_write(const struct merkle_peaks *peaks, uint8_t out[MERKLE_PEAKS_BYTES]);
/* False where the bytes are not such peaks. */
bool merkle_peaks_read(struct merkle_peaks *peaks, struct bytes in);

/* ---- proofs ---- */

/* Where a proof gets its hashes from. 0, or <0: told by whoever implements it. */
struct merkle_source {
    int (*subtree)(void *context, unsigned level, uint64_t index, struct hash *hash);
    void *context;
};

/* The root of the first `size` leaves. */
int merkle_root_of(const struct merkle_source *source, uint64_t size, struct hash *root);

/* Proves that these leaves (ascending, each once, at least one, all < size) are in the tree of `size` leaves: appends the nodes to
 * `proof`. For one leaf these are PATH(m, D[n]) of RFC 9162 2.1.3.1; for several the paths share what they have in common: the proof of
 * a range is that of its left half, that of its right half, then the hash of a half in which nothing is to be proved. */
int merkle_prove(const struct merkle_source *source, uint64_t size, const uint64_t *leaves, size_t count,
                 struct buffer *proof);
/* Proves that the tree of `old_size` leaves is the beginning of that of `size` leaves: PROOF(m, D[n]) of RFC 9162 2.1.4.1. */
int merkle_prove_growth(const struct merkle_source *source, uint64_t old_size, uint64_t size, struct buffer *proof);

/* ---- for whoever has a root and nothing else: any bytes may come in ---- */

struct merkle_member {
    uint64_t index;
    struct hash leaf;
};
bool merkle_proves(const struct hash *root, uint64_t size, const struct merkle_member *members, size_t count,
                   struct bytes proof);
bool merkle_proves_growth(const struct hash *old_root, uint64_t old_size, const struct hash *root, uint64_t size,
                          struct bytes proof);
