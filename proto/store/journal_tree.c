#include "proto/store/journal_tree.h"

#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/key.h"

static const uint8_t peaks_name = 0;
static const struct bytes peaks_key = { &peaks_name, sizeof peaks_name };

static struct key node_key(unsigned level, uint64_t index)
{
    struct key key;
    key_start(&key);
    uint8_t first = (uint8_t)level;
    key_bytes(&key, &first, sizeof first);
    key_be64(&key, index);
    return key;
}

bool journal_tree_peaks(struct txn *txn, struct merkle_peaks *peaks)
{
    struct bytes value;
    return txn_get(txn, TABLE_TREE, peaks_key, &value) && merkle_peaks_read(peaks, value);
}

bool journal_tree_node(struct txn *txn, unsigned level, uint64_t index, struct hash *hash)
{
    struct key key = node_key(level, index);
    struct bytes value;
    if (!txn_get(txn, TABLE_TREE, key_view(&key), &value) || value.size != HASH_BYTES)
        return false;
    memcpy(hash->bytes, value.data, HASH_BYTES);
    return true;
}

uint64_t journal_tree_rows(uint64_t size)
{
    uint64_t rows = size > 0;
    while (size >>= JOURNAL_TREE_STEP)
        rows += size;
    return rows;
}

/* ---- appending ---- */

void journal_tree_open(struct txn *txn, uint64_t last, struct merkle_peaks *peaks)
{
    peaks->size = 0;
    if (last && (!journal_tree_peaks(txn, peaks) || peaks->size != last))
        txn_fail(txn, -EBADMSG, "the tree is not that of %llu journal entries: run drumctl journal verify",
                 (unsigned long long)last);
}

static void keep_node(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    if (level % JOURNAL_TREE_STEP)
        return;
    struct key key = node_key(level, index);
    txn_put(context, TABLE_TREE, key_view(&key), (struct bytes){ hash->bytes, sizeof hash->bytes });
}

void journal_tree_add(struct txn *txn, struct merkle_peaks *peaks, const struct hash *leaf)
{
    merkle_add(peaks, leaf, keep_node, txn);
}

void journal_tree_close(struct txn *txn, const struct merkle_peaks *peaks)
{
    uint8_t bytes[MERKLE_PEAKS_BYTES];
    txn_put(txn, TABLE_TREE, peaks_key, (struct bytes){ bytes, merkle_peaks_write(peaks, bytes) });
}

/* ---- nodes for proofs ---- */

static int add_leaf(void *context, const struct journal_entry *entry)
{
    struct merkle_peaks *peaks = context;
    struct hash leaf = journal_leaf(entry);
    merkle_add(peaks, &leaf, NULL, NULL);
    return 0;
}

static int hash_entries(struct journal_tree *tree, uint64_t first, size_t count, struct hash *hash)
{
    struct merkle_peaks peaks = { 0 };
    const struct journal *journal = tree->journal;
    int result = journal->ops->read(journal->log, tree->txn, first + 1, count, add_leaf, &peaks, tree->fault);
    if (!result && peaks.size != count)
        result = fault_set(tree->fault, -EBADMSG, "of journal entries %llu to %llu some are missing",
                           (unsigned long long)first + 1, (unsigned long long)(first + count));
    if (!result)
        *hash = merkle_root(&peaks);
    return result;
}

static int subtree(void *context, unsigned level, uint64_t index, struct hash *hash)
{
    struct journal_tree *tree = context;
    if (level < JOURNAL_TREE_STEP)
        return hash_entries(tree, index << level, (size_t)1 << level, hash);
    if (level % JOURNAL_TREE_STEP == 0) {
        if (journal_tree_node(tree->txn, level, index, hash))
            return 0;
        int absent = txn_absent(tree->txn, tree->fault);
        return absent < 0 ? absent
                          : fault_set(tree->fault, -EBADMSG, "the tree has no node %u/%llu: run drumctl journal verify",
                                      level, (unsigned long long)index);
    }
    struct hash left, right;
    int result = subtree(context, level - 1, 2 * index, &left);
    if (!result)
        result = subtree(context, level - 1, 2 * index + 1, &right);
    if (!result)
        *hash = merkle_node(&left, &right);
    return result;
}

struct merkle_source journal_tree_source(struct journal_tree *tree)
{
    return (struct merkle_source){ subtree, tree };
}
