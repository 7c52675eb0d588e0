#include "proto/store/journal.h"

#include <string.h>

#include "proto/base/crypto.h"
#include "proto/store/case_store.h"
#include "proto/store/key.h"

enum { AT_OFFSET = 0, KIND_OFFSET = 8, HASH_OFFSET = 9, PAYLOAD_OFFSET = HASH_OFFSET + HASH_BYTES };

/* hash(n) = BLAKE2b-256( hash(n-1) | be64 n | be64 at_ms | kind | payload ) */
static struct hash link_hash(const struct hash *previous, const struct journal_entry *entry)
{
    uint8_t head[HASH_BYTES + 17];
    memcpy(head, previous->bytes, HASH_BYTES);
    bytes_put_be64(head + HASH_BYTES, entry->n);
    bytes_put_be64(head + HASH_BYTES + 8, (uint64_t)entry->at_ms);
    head[HASH_BYTES + 16] = (uint8_t)entry->kind;
    return hash_of_two(head, sizeof head, entry->payload.data, entry->payload.size);
}

/* ---- the journal in the cases environment ---- */

/* False where the row is not an entry: cut short, or a key of another size. */
static bool parse_entry(struct bytes key, struct bytes value, struct journal_entry *entry)
{
    if (key.size != 8 || value.size < PAYLOAD_OFFSET)
        return false;
    *entry = (struct journal_entry){
        .n = bytes_be64(key.data),
        .at_ms = (int64_t)bytes_be64(value.data + AT_OFFSET),
        .kind = (enum input_kind)value.data[KIND_OFFSET],
        .payload = { value.data + PAYLOAD_OFFSET, value.size - PAYLOAD_OFFSET },
        .hash = { value.data + HASH_OFFSET },
    };
    return true;
}

static uint64_t last_entry(struct txn *txn, struct hash *hash)
{
    struct bytes key, value;
    struct journal_entry entry;
    *hash = (struct hash){ { 0 } };
    if (!txn_last(txn, TABLE_JOURNAL, &key, &value))
        return 0;
    if (!parse_entry(key, value, &entry)) {
        txn_fail(txn, -EBADMSG, "the journal's last entry is cut short: run drumctl journal verify");
        return 0;
    }
    memcpy(hash->bytes, entry.hash.bytes, HASH_BYTES);
    return entry.n;
}

static uint64_t store_last(struct journal_log *log, struct txn *txn)
{
    (void)log;
    struct hash hash;
    return last_entry(txn, &hash);
}

static void append_entry(struct txn *txn, const struct journal_entry *entry, const struct hash *hash)
{
    uint8_t key[8];
    bytes_put_be64(key, entry->n);
    uint8_t *at =
        txn_append_space(txn, TABLE_JOURNAL, (struct bytes){ key, sizeof key }, PAYLOAD_OFFSET + entry->payload.size);
    if (!at)
        return;
    bytes_put_be64(at + AT_OFFSET, (uint64_t)entry->at_ms);
    at[KIND_OFFSET] = (uint8_t)entry->kind;
    memcpy(at + HASH_OFFSET, hash->bytes, HASH_BYTES);
    if (entry->payload.size)
        memcpy(at + PAYLOAD_OFFSET, entry->payload.data, entry->payload.size);
}

static int store_append(struct journal_log *log, struct txn *txn, uint64_t expected_last,
                        const struct journal_entry *entries, size_t count, struct fault *fault)
{
    (void)log;
    struct hash hash;
    uint64_t last = last_entry(txn, &hash);
    if (txn_error(txn, NULL))
        return txn_error(txn, fault);
    if (last != expected_last)
        return fault_set(fault, -ESTALE, "the journal ends at entry %llu, not at %llu: another dispatcher writes it",
                         (unsigned long long)last, (unsigned long long)expected_last);
    for (size_t i = 0; i < count; i++) {
        struct journal_entry entry = entries[i];
        entry.n = ++last;
        hash = link_hash(&hash, &entry);
        append_entry(txn, &entry, &hash);
    }
    return txn_error(txn, fault);
}

static int store_read(struct journal_log *log, struct txn *txn, uint64_t from, size_t max,
                      int (*visit)(void *context, const struct journal_entry *entry), void *context,
                      struct fault *fault)
{
    (void)log;
    struct key key = { 0 };
    struct txn_walk walk;
    int result = 0;
    key_be64(&key, from);
    walk_open(txn, &walk, TABLE_JOURNAL, key_view(&key), 0);
    for (size_t i = 0; i < max && !result && walk_next(&walk); i++) {
        struct journal_entry entry;
        if (parse_entry(walk.key, walk.value, &entry))
            result = visit(context, &entry);
        else
            result = fault_set(fault, -EBADMSG, "journal entry %llu is cut short: %zu bytes, at least %d",
                               (unsigned long long)from + i, walk.value.size, PAYLOAD_OFFSET);
    }
    walk_close(&walk);
    return result ? result : txn_error(txn, fault);
}

struct journal journal_in_store(void)
{
    static const struct journal_ops ops = { store_append, store_last, store_read };
    return (struct journal){ &ops, NULL };
}

/* ---- verification ---- */

struct checking {
    struct journal_check *check;
    struct fault *fault;
};

static int check_entry(void *context, const struct journal_entry *entry)
{
    struct checking *checking = context;
    uint64_t expected = checking->check->entries + 1;
    unsigned long long n = (unsigned long long)expected;
    if (entry->n != expected)
        return fault_set(checking->fault, JOURNAL_BROKEN, "journal entry %llu is missing: the next one is %llu", n,
                         (unsigned long long)entry->n);
    struct hash hash = link_hash(&checking->check->hash, entry);
    if (memcmp(hash.bytes, entry->hash.bytes, HASH_BYTES) != 0)
        return fault_set(checking->fault, JOURNAL_BROKEN,
                         "journal entry %llu was changed: its hash does not follow from its content and entry %llu", n,
                         n - 1);
    checking->check->hash = hash;
    checking->check->entries = expected;
    return 0;
}

int journal_check_some(const struct journal *journal, struct txn *txn, struct journal_check *check, size_t max,
                       struct fault *fault)
{
    struct checking checking = { check, fault };
    uint64_t before = check->entries;
    int result = journal->ops->read(journal->log, txn, before + 1, max, check_entry, &checking, fault);
    if (result == -EBADMSG)
        return JOURNAL_BROKEN;
    if (result)
        return result;
    check->done = check->entries - before < max;
    return 0;
}

int journal_verify(const struct journal *journal, struct txn *txn, uint64_t *entries, struct fault *fault,
                   void (*progress)(void *context, uint64_t done, uint64_t all), void *context)
{
    enum { STEP = 10000 };
    struct journal_check check = { 0 };
    int result = 0;
    while (!result && !check.done) {
        result = journal_check_some(journal, txn, &check, STEP, fault);
        if (progress)
            progress(context, check.entries, journal->ops->last(journal->log, txn));
    }
    *entries = check.entries;
    return result;
}
