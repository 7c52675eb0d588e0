#include "proto/store/merkle.h"

#include <assert.h>
#include <string.h>

struct hash merkle_leaf(const void *entry, size_t size)
{
    static const uint8_t prefix = 0;
    return hash_of_two(&prefix, sizeof prefix, entry, size);
}

struct hash merkle_node(const struct hash *left, const struct hash *right)
{
    uint8_t node[1 + 2 * HASH_BYTES] = { 1 };
    memcpy(node + 1, left->bytes, HASH_BYTES);
    memcpy(node + 1 + HASH_BYTES, right->bytes, HASH_BYTES);
    return hash_of(node, sizeof node);
}

/* ---- a tree that grows ---- */

void merkle_add(struct merkle_peaks *peaks, const struct hash *leaf, merkle_completed completed, void *context)
{
    struct hash hash = *leaf;
    unsigned level = 0;
    while (peaks->size >> level & 1) {
        hash = merkle_node(&peaks->at[level], &hash);
        level++;
        if (completed)
            completed(context, level, peaks->size >> level, &hash);
    }
    peaks->at[level] = hash;
    peaks->size++;
}

struct hash merkle_root(const struct merkle_peaks *peaks)
{
    if (!peaks->size)
        return hash_of("", 0);
    unsigned level = (unsigned)__builtin_ctzll(peaks->size);
    struct hash root = peaks->at[level];
    while (++level < MERKLE_LEVELS)
        if (peaks->size >> level & 1)
            root = merkle_node(&peaks->at[level], &root);
    return root;
}

size_t merkle_peaks_write(const struct merkle_peaks *peaks, uint8_t out[MERKLE_PEAKS_BYTES])
{
    uint8_t *at = out + 8;
    bytes_put_be64(out, peaks->size);
    for (unsigned level = MERKLE_LEVELS; level-- > 0;)
        if (peaks->size >> level & 1) {
            memcpy(at, peaks->at[level].bytes, HASH_BYTES);
            at += HASH_BYTES;
        }
    return (size_t)(at - out);
}

bool merkle_peaks_read(struct merkle_peaks *peaks, struct bytes in)
{
    if (in.size < 8)
        return false;
    peaks->size = bytes_be64(in.data);
    if (in.size != 8 + (size_t)__builtin_popcountll(peaks->size) * HASH_BYTES)
        return false;
    const uint8_t *at = in.data + 8;
    for (unsigned level = MERKLE_LEVELS; level-- > 0;)
        if (peaks->size >> level & 1) {
            memcpy(peaks->at[level].bytes, at, HASH_BYTES);
            at += HASH_BYTES;
        }
    return true;
}

/* ---- proofs ---- */

/* The largest power of two that is less than `count`, which is at least 2. */
static uint64_t split_of(uint64_t count)
{
    return UINT64_C(1) << (63 - __builtin_clzll(count - 1));
}

static int range_hash(const struct merkle_source *source, uint64_t first, uint64_t count, struct hash *hash)
{
    if ((count & (count - 1)) == 0) {
        unsigned level = (unsigned)__builtin_ctzll(count);
        return source->subtree(source->context, level, first >> level, hash);
    }
    struct hash left, right;
    uint64_t split = split_of(count);
    int result = range_hash(source, first, split, &left);
    if (!result)
        result = range_hash(source, first + split, count - split, &right);
    if (!result)
        *hash = merkle_node(&left, &right);
    return result;
}

int merkle_root_of(const struct merkle_source *source, uint64_t size, struct hash *root)
{
    if (size)
        return range_hash(source, 0, size, root);
    *root = hash_of("", 0);
    return 0;
}

static int append_range(const struct merkle_source *source, uint64_t first, uint64_t count, struct buffer *proof)
{
    struct hash hash;
    int result = range_hash(source, first, count, &hash);
    if (!result)
        buffer_append(proof, hash.bytes, sizeof hash.bytes);
    return result;
}

static size_t count_below(const uint64_t *leaves, size_t count, uint64_t end)
{
    size_t below = 0;
    while (below < count && leaves[below] < end)
        below++;
    return below;
}

static int prove_range(const struct merkle_source *source, uint64_t first, uint64_t size, const uint64_t *leaves,
                       size_t count, struct buffer *proof)
{
    if (size == 1)
        return 0;
    uint64_t split = split_of(size);
    size_t left = count_below(leaves, count, first + split);
    int result = 0;
    if (left)
        result = prove_range(source, first, split, leaves, left, proof);
    if (!result && left < count)
        result = prove_range(source, first + split, size - split, leaves + left, count - left, proof);
    if (!result && !left)
        result = append_range(source, first, split, proof);
    if (!result && left == count)
        result = append_range(source, first + split, size - split, proof);
    return result;
}

int merkle_prove(const struct merkle_source *source, uint64_t size, const uint64_t *leaves, size_t count,
                 struct buffer *proof)
{
    assert(count && leaves[count - 1] < size);
    for (size_t i = 1; i < count; i++)
        assert(leaves[i - 1] < leaves[i]);
    return prove_range(source, 0, size, leaves, count, proof);
}

/* SUBPROOF(old, D[first:first + size], whole) */
static int prove_beginning(const struct merkle_source *source, uint64_t old, uint64_t first, uint64_t size, bool whole,
                           struct buffer *proof)
{
    if (old == size)
        return whole ? 0 : append_range(source, first, size, proof);
    uint64_t split = split_of(size);
    int result;
    if (old <= split) {
        result = prove_beginning(source, old, first, split, whole, proof);
        return result ? result : append_range(source, first + split, size - split, proof);
    }
    result = prove_beginning(source, old - split, first + split, size - split, false, proof);
    return result ? result : append_range(source, first, split, proof);
}

int merkle_prove_growth(const struct merkle_source *source, uint64_t old_size, uint64_t size, struct buffer *proof)
{
    assert(old_size <= size);
    return old_size ? prove_beginning(source, old_size, 0, size, true, proof) : 0;
}

/* ---- verification ---- */

static bool take_hash(struct bytes *proof, struct hash *hash)
{
    if (proof->size < HASH_BYTES)
        return false;
    memcpy(hash->bytes, proof->data, HASH_BYTES);
    proof->data += HASH_BYTES;
    proof->size -= HASH_BYTES;
    return true;
}

static bool fold_range(uint64_t first, uint64_t size, const struct merkle_member *members, size_t count,
                       struct bytes *proof, struct hash *hash)
{
    if (size == 1) {
        *hash = members->leaf;
        return count == 1;
    }
    struct hash left_hash, right_hash;
    uint64_t split = split_of(size);
    size_t left = 0;
    while (left < count && members[left].index < first + split)
        left++;
    if ((left && !fold_range(first, split, members, left, proof, &left_hash)) ||
        (left < count && !fold_range(first + split, size - split, members + left, count - left, proof, &right_hash)) ||
        (!left && !take_hash(proof, &left_hash)) || (left == count && !take_hash(proof, &right_hash)))
        return false;
    *hash = merkle_node(&left_hash, &right_hash);
    return true;
}

bool merkle_proves(const struct hash *root, uint64_t size, const struct merkle_member *members, size_t count,
                   struct bytes proof)
{
    struct hash hash;
    if (!count || members[count - 1].index >= size)
        return false;
    for (size_t i = 1; i < count; i++)
        if (members[i - 1].index >= members[i].index)
            return false;
    return fold_range(0, size, members, count, &proof, &hash) && proof.size == 0 && hash_equal(&hash, root);
}

/* What the same nodes say of both trees at once. `old_root`: of the whole old tree, which a proof that begins with it leaves out. */
static bool fold_beginning(uint64_t old, uint64_t size, const struct hash *old_root, struct bytes *proof,
                           struct hash *old_hash, struct hash *hash)
{
    if (old == size) {
        if (old_root)
            *hash = *old_root;
        else if (!take_hash(proof, hash))
            return false;
        *old_hash = *hash;
        return true;
    }
    struct hash sibling;
    uint64_t split = split_of(size);
    if (old <= split) {
        if (!fold_beginning(old, split, old_root, proof, old_hash, hash) || !take_hash(proof, &sibling))
            return false;
        *hash = merkle_node(hash, &sibling);
        return true;
    }
    if (!fold_beginning(old - split, size - split, NULL, proof, old_hash, hash) || !take_hash(proof, &sibling))
        return false;
    *old_hash = merkle_node(&sibling, old_hash);
    *hash = merkle_node(&sibling, hash);
    return true;
}

bool merkle_proves_growth(const struct hash *old_root, uint64_t old_size, const struct hash *root, uint64_t size,
                          struct bytes proof)
{
    struct hash old_hash = hash_of("", 0), hash = *root;
    if (old_size > size || (old_size && !fold_beginning(old_size, size, old_root, &proof, &old_hash, &hash)))
        return false;
    return proof.size == 0 && hash_equal(&old_hash, old_root) && hash_equal(&hash, root);
}
