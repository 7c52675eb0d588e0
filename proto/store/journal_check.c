#include "proto/store/journal_check.h"

#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/store/case_store.h"
#include "proto/store/erase.h"

struct checking {
    const struct journal *journal;
    struct txn *txn;
    struct journal_check *check;
    struct journal_head next; /* the first head that was not checked yet; size 0: there is none */
    struct fault *fault;
    bool node_broken;
};

#define BROKEN(checking, ...) fault_set((checking)->fault, JOURNAL_BROKEN, __VA_ARGS__)

typedef unsigned long long number; /* for %llu */

/* ---- erasures: an erased entry and the entry that erased it name each other ---- */

static int decode_erasure(const struct journal_entry *entry, struct arena *arena, struct erasure *erasure)
{
    return entry->kind == INPUT_ERASURE ? record_decode(&erasure_desc, entry->payload, arena, erasure, NULL) : 1;
}

static int check_erased(struct checking *checking, const struct journal_entry *entry)
{
    struct arena arena = { 0 };
    struct journal_entry by;
    struct erasure erasure;
    char hex[HASH_HEX];
    int result = journal_get(checking->journal, checking->txn, entry->erased_by, &by, checking->fault);
    if (result >= 0) {
        struct hash left = hash_of(entry->payload.data, entry->payload.size);
        bool agrees = result == 0 && decode_erasure(&by, &arena, &erasure) == 0 && erasure.entry == (int64_t)entry->n &&
                      strcmp(erasure.left_hash, hash_hex(hex, &left)) == 0;
        result = agrees ? 0
                        : BROKEN(checking,
                                 "journal entry %llu was changed, or entry %llu was, which does not say that it erased "
                                 "it so",
                                 (number)entry->n, (number)entry->erased_by);
    }
    arena_finish(&arena);
    return result;
}

static int check_erasure(struct checking *checking, const struct journal_entry *entry)
{
    struct arena arena = { 0 };
    struct journal_entry erased = { 0 };
    struct erasure erasure;
    int result = decode_erasure(entry, &arena, &erasure)
                     ? BROKEN(checking, "journal entry %llu is no erasure", (number)entry->n)
                     : 0;
    if (!result && erasure.entry) {
        result = journal_get(checking->journal, checking->txn, (uint64_t)erasure.entry, &erased, checking->fault);
        if (result >= 0 && erased.erased_by != entry->n)
            result =
                BROKEN(checking, "journal entry %lld was changed: it is not erased any more, as entry %llu left it",
                       (long long)erasure.entry, (number)entry->n);
    }
    arena_finish(&arena);
    return result;
}

/* ---- the tree ---- */

static void check_node(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    struct checking *checking = context;
    struct hash stored;
    if (level % JOURNAL_TREE_STEP || checking->node_broken)
        return;
    if (journal_tree_node(checking->txn, level, index, &stored) && memcmp(&stored, hash, sizeof stored) == 0)
        return;
    checking->node_broken = true;
    BROKEN(checking, "the tree's node %u/%llu (entries %llu to %llu) was changed", level, (number)index,
           (number)((index << level) + 1), (number)((index + 1) << level));
}

/* ---- signed heads ---- */

static int check_head(struct checking *checking, const struct journal_head *head, const char *whose)
{
    const struct public_key *key = checking->check->key;
    struct hash root = merkle_root(&checking->check->tree);
    char at[TIMESTAMP_TEXT];
    timestamp_format(at, head->at_ms, 0);
    if (key && !journal_head_is_signed(head, key))
        return BROKEN(checking, "%s head of %llu entries (%s) is not signed by the given key", whose,
                      (number)head->size, at);
    if (memcmp(&root, &head->root, sizeof root) != 0)
        return BROKEN(checking, "journal entries 1 to %llu are not those of %s head of that many (%s)",
                      (number)head->size, whose, at);
    return 0;
}

static int find_next_head(struct checking *checking)
{
    checking->next.size = 0;
    int result =
        journal_head_from(checking->txn, checking->check->signed_entries + 1, &checking->next, checking->fault);
    if (result == -EBADMSG)
        return JOURNAL_BROKEN;
    return result < 0 ? result : 0;
}

static int check_heads(struct checking *checking)
{
    struct journal_check *check = checking->check;
    int result = 0;
    if (check->head && check->head->size == check->entries)
        result = check_head(checking, check->head, "the given");
    if (!result && checking->next.size && checking->next.size <= check->entries) {
        result = check_head(checking, &checking->next, "the stored");
        check->heads++;
        check->signed_entries = checking->next.size;
        if (!result)
            result = find_next_head(checking);
    }
    return result;
}

/* ---- entries ---- */

static int check_entry(void *context, const struct journal_entry *entry)
{
    struct checking *checking = context;
    struct journal_check *check = checking->check;
    number n = (number)check->entries + 1;
    if (entry->n != n)
        return BROKEN(checking, "journal entry %llu is missing: the next one is %llu", n, (number)entry->n);
    struct hash leaf = journal_leaf(entry), hash = journal_link(&check->hash, &leaf);
    if (memcmp(hash.bytes, entry->hash.bytes, HASH_BYTES) != 0)
        return BROKEN(checking,
                      "journal entry %llu was changed: its hash does not follow from its content and entry %llu", n,
                      n - 1);
    int result = 0;
    if (entry->payload_hash)
        result = check_erased(checking, entry);
    else if (entry->kind == INPUT_ERASURE)
        result = check_erasure(checking, entry);
    if (result)
        return result;
    merkle_add(&check->tree, &leaf, check_node, checking);
    if (checking->node_broken)
        return JOURNAL_BROKEN;
    check->hash = hash;
    check->entries = n;
    check->erased += entry->payload_hash != NULL;
    return check_heads(checking);
}

/* ---- the end ---- */

static int check_cut(struct checking *checking, const struct journal_head *head, const char *whose)
{
    char at[TIMESTAMP_TEXT];
    if (!head || head->size <= checking->check->entries)
        return 0;
    return BROKEN(checking, "journal entry %llu and those after it were cut off: %s head of %s holds %llu entries",
                  (number)checking->check->entries + 1, whose, timestamp_format(at, head->at_ms, 0),
                  (number)head->size);
}

static int check_count(struct checking *checking, int table, const char *what, uint64_t expected)
{
    uint64_t rows = txn_count(checking->txn, table);
    if (rows == expected || txn_error(checking->txn, NULL))
        return txn_error(checking->txn, checking->fault);
    return BROKEN(checking, "the journal's table of %s has %llu rows, expected %llu", what, (number)rows,
                  (number)expected);
}

static int check_end(struct checking *checking)
{
    const struct journal_check *check = checking->check;
    struct merkle_peaks stored = { 0 };
    uint8_t counted_bytes[MERKLE_PEAKS_BYTES], stored_bytes[MERKLE_PEAKS_BYTES];
    int result = check_cut(checking, check->head, "the given");
    if (!result)
        result = check_cut(checking, &checking->next, "the stored");
    if (!result)
        result = check_count(checking, TABLE_JOURNAL, "entries", check->entries);
    size_t size = merkle_peaks_write(&check->tree, counted_bytes);
    bool have = journal_tree_peaks(checking->txn, &stored);
    if (!result && check->entries &&
        (!have || stored.size != check->entries || merkle_peaks_write(&stored, stored_bytes) != size ||
         memcmp(counted_bytes, stored_bytes, size) != 0))
        result = BROKEN(checking, "the tree's peaks were changed: they are not those of %llu entries",
                        (number)check->entries);
    if (!result)
        result = check_count(checking, TABLE_TREE, "tree nodes", journal_tree_rows(check->entries));
    return result ? result : check_count(checking, TABLE_HEADS, "heads", check->heads);
}

int journal_check_some(const struct journal *journal, struct txn *txn, struct journal_check *check, size_t max,
                       struct fault *fault)
{
    struct checking checking = { .journal = journal, .txn = txn, .check = check, .fault = fault };
    uint64_t before = check->entries;
    int result = find_next_head(&checking);
    if (!result)
        result = check_heads(&checking); /* one that was signed since the last piece ended just here */
    if (!result)
        result = journal->ops->read(journal->log, txn, before + 1, max, check_entry, &checking, fault);
    if (result == -EBADMSG)
        return JOURNAL_BROKEN;
    if (result)
        return result;
    check->done = check->entries - before < max;
    return check->done ? check_end(&checking) : 0;
}

int journal_verify(const struct journal *journal, struct store *store, struct journal_check *check, struct fault *fault,
                   void (*progress)(void *context, uint64_t done, uint64_t all), void *context)
{
    enum { PIECE = 10000 };
    int result = 0;
    while (!result && !check->done) {
        struct txn *txn = txn_begin_read(store);
        result = journal_check_some(journal, txn, check, PIECE, fault);
        if (progress)
            progress(context, check->entries, journal->ops->last(journal->log, txn));
        txn_abort(txn);
    }
    return result;
}
