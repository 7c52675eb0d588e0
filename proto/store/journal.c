#include "proto/store/journal.h"

#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/journal_tree.h"
#include "proto/store/key.h"

/* ---- what is committed to ---- */

struct hash journal_payload_hash(const struct journal_entry *entry)
{
    struct hash hash;
    if (!entry->payload_hash)
        return hash_of_two(entry->salt, JOURNAL_SALT_BYTES, entry->payload.data, entry->payload.size);
    memcpy(hash.bytes, entry->payload_hash, HASH_BYTES);
    return hash;
}

struct hash journal_leaf(const struct journal_entry *entry)
{
    uint8_t bytes[8 + 8 + 1 + HASH_BYTES];
    struct hash payload = journal_payload_hash(entry);
    bytes_put_be64(bytes, entry->n);
    bytes_put_be64(bytes + 8, (uint64_t)entry->at_ms);
    bytes[16] = (uint8_t)entry->kind;
    memcpy(bytes + 17, payload.bytes, HASH_BYTES);
    return merkle_leaf(bytes, sizeof bytes);
}

struct hash journal_link(const struct hash *previous, const struct hash *leaf)
{
    uint8_t both[2 * HASH_BYTES];
    memcpy(both, previous->bytes, HASH_BYTES);
    memcpy(both + HASH_BYTES, leaf->bytes, HASH_BYTES);
    return hash_of(both, sizeof both);
}

/* ---- rows of the journal in the cases environment ---- */

enum row_form { FORM_WHOLE, FORM_ERASED };

enum {
    AT_OFFSET = 0,
    KIND_OFFSET = 8,
    FORM_OFFSET = 9,
    HASH_OFFSET = 10,
    SALT_OFFSET = HASH_OFFSET + HASH_BYTES,
    PAYLOAD_OFFSET = SALT_OFFSET + JOURNAL_SALT_BYTES,
    PAYLOAD_HASH_OFFSET = HASH_OFFSET + HASH_BYTES, /* erased */
    ERASURE_OFFSET = PAYLOAD_HASH_OFFSET + HASH_BYTES,
    LEFT_OFFSET = ERASURE_OFFSET + 8,
};

static const size_t payload_offsets[] = { [FORM_WHOLE] = PAYLOAD_OFFSET, [FORM_ERASED] = LEFT_OFFSET };

/* False where the row is not an entry: cut short, of an unknown form, or a key of another size. */
static bool parse_entry(struct bytes key, struct bytes value, struct journal_entry *entry)
{
    if (key.size != 8 || value.size <= FORM_OFFSET || value.data[FORM_OFFSET] > FORM_ERASED ||
        value.size < payload_offsets[value.data[FORM_OFFSET]])
        return false;
    enum row_form form = (enum row_form)value.data[FORM_OFFSET];
    *entry = (struct journal_entry){
        .n = bytes_be64(key.data),
        .at_ms = (int64_t)bytes_be64(value.data + AT_OFFSET),
        .kind = (enum input_kind)value.data[KIND_OFFSET],
        .payload = { value.data + payload_offsets[form], value.size - payload_offsets[form] },
        .hash = { value.data + HASH_OFFSET },
    };
    if (form == FORM_WHOLE) {
        entry->salt = value.data + SALT_OFFSET;
    } else {
        entry->payload_hash = value.data + PAYLOAD_HASH_OFFSET;
        entry->erased_by = bytes_be64(value.data + ERASURE_OFFSET);
    }
    return true;
}

static size_t row_size(const struct journal_entry *entry)
{
    return payload_offsets[entry->payload_hash ? FORM_ERASED : FORM_WHOLE] + entry->payload.size;
}

static void write_row(uint8_t *at, const struct journal_entry *entry, const uint8_t hash[HASH_BYTES])
{
    enum row_form form = entry->payload_hash ? FORM_ERASED : FORM_WHOLE;
    bytes_put_be64(at + AT_OFFSET, (uint64_t)entry->at_ms);
    at[KIND_OFFSET] = (uint8_t)entry->kind;
    at[FORM_OFFSET] = (uint8_t)form;
    memcpy(at + HASH_OFFSET, hash, HASH_BYTES);
    if (form == FORM_WHOLE) {
        memcpy(at + SALT_OFFSET, entry->salt, JOURNAL_SALT_BYTES);
    } else {
        memcpy(at + PAYLOAD_HASH_OFFSET, entry->payload_hash, HASH_BYTES);
        bytes_put_be64(at + ERASURE_OFFSET, entry->erased_by);
    }
    if (entry->payload.size)
        memcpy(at + payload_offsets[form], entry->payload.data, entry->payload.size);
}

static struct key key_of(uint64_t n)
{
    struct key key;
    key_start(&key);
    key_be64(&key, n);
    return key;
}

static int bad_row(uint64_t n, size_t size, struct fault *fault)
{
    return fault_set(fault, -EBADMSG, "journal entry %llu is cut short or of an unknown form: %zu bytes, at least %d",
                     (unsigned long long)n, size, PAYLOAD_OFFSET);
}

/* ---- the operations ---- */

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

struct appending {
    struct txn *txn;
    uint64_t last;
    struct hash hash;
    struct merkle_peaks tree;
};

/* `salt`: for an entry that brings none. */
static void append_entry(struct appending *appending, struct journal_entry entry, const uint8_t *salt)
{
    entry.n = ++appending->last;
    if (!entry.salt && !entry.payload_hash)
        entry.salt = salt;
    struct hash leaf = journal_leaf(&entry);
    appending->hash = journal_link(&appending->hash, &leaf);
    struct key key = key_of(entry.n);
    uint8_t *at = txn_append_space(appending->txn, TABLE_JOURNAL, key_view(&key), row_size(&entry));
    if (at)
        write_row(at, &entry, appending->hash.bytes);
    journal_tree_add(appending->txn, &appending->tree, &leaf);
}

static int store_append(struct journal_log *log, struct txn *txn, uint64_t expected_last,
                        const struct journal_entry *entries, size_t count, struct fault *fault)
{
    (void)log;
    enum { SALTS = 64 }; /* drawn at once: each draw is a system call */
    uint8_t salts[SALTS][JOURNAL_SALT_BYTES];
    struct appending appending = { .txn = txn };
    appending.last = last_entry(txn, &appending.hash);
    journal_tree_open(txn, appending.last, &appending.tree);
    if (txn_error(txn, NULL))
        return txn_error(txn, fault);
    if (appending.last != expected_last)
        return fault_set(fault, -ESTALE, "the journal ends at entry %llu, not at %llu: another dispatcher writes it",
                         (unsigned long long)appending.last, (unsigned long long)expected_last);
    for (size_t i = 0; i < count; i++) {
        if (i % SALTS == 0)
            random_bytes(salts, (count - i < SALTS ? count - i : SALTS) * JOURNAL_SALT_BYTES);
        append_entry(&appending, entries[i], salts[i % SALTS]);
    }
    if (count)
        journal_tree_close(txn, &appending.tree);
    return txn_error(txn, fault);
}

static int store_read(struct journal_log *log, struct txn *txn, uint64_t from, size_t max,
                      int (*visit)(void *context, const struct journal_entry *entry), void *context,
                      struct fault *fault)
{
    (void)log;
    struct key key = key_of(from);
    struct txn_walk walk;
    int result = 0;
    walk_open(txn, &walk, TABLE_JOURNAL, key_view(&key), 0);
    for (size_t i = 0; i < max && !result && walk_next(&walk); i++) {
        struct journal_entry entry;
        if (parse_entry(walk.key, walk.value, &entry))
            result = visit(context, &entry);
        else
            result = bad_row(from + i, walk.value.size, fault);
    }
    walk_close(&walk);
    return result ? result : txn_error(txn, fault);
}

static int store_erase(struct journal_log *log, struct txn *txn, uint64_t n, uint64_t erasure, struct bytes left,
                       struct fault *fault)
{
    (void)log;
    struct key key = key_of(n);
    struct bytes value;
    struct journal_entry entry;
    if (!txn_get(txn, TABLE_JOURNAL, key_view(&key), &value)) {
        int absent = txn_absent(txn, fault);
        return absent < 0 ? absent : fault_set(fault, -ENOENT, "no journal entry %llu", (unsigned long long)n);
    }
    if (!parse_entry(key_view(&key), value, &entry))
        return bad_row(n, value.size, fault);
    if (entry.payload_hash)
        return 0;
    struct hash hash = journal_payload_hash(&entry);
    uint8_t chained[HASH_BYTES];
    memcpy(chained, entry.hash.bytes, HASH_BYTES);
    entry.payload_hash = hash.bytes;
    entry.erased_by = erasure;
    entry.payload = left;
    struct buffer *row = txn_scratch(txn, 0);
    write_row(buffer_reserve(row, row_size(&entry)), &entry, chained);
    txn_put(txn, TABLE_JOURNAL, key_view(&key), (struct bytes){ row->bytes, row_size(&entry) });
    return txn_error(txn, fault);
}

struct journal journal_in_store(void)
{
    static const struct journal_ops ops = { store_append, store_last, store_read, store_erase };
    return (struct journal){ &ops, NULL };
}

/* ---- looking up ---- */

static int note_entry(void *context, const struct journal_entry *entry)
{
    *(struct journal_entry *)context = *entry;
    return 0;
}

int journal_get(const struct journal *journal, struct txn *txn, uint64_t n, struct journal_entry *entry,
                struct fault *fault)
{
    entry->n = 0;
    int result = journal->ops->read(journal->log, txn, n, 1, note_entry, entry, fault);
    return result ? result : entry->n != n;
}
