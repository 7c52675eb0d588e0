#include "dispatcher/replay.h"

#include <inttypes.h>
#include <string.h>

struct replaying {
    struct turn *to;
    const struct replay_books *books;
    uint64_t n; /* the last entry applied */
    struct arena arena;
    struct fault *fault;
};

static int apply_book(struct replaying *replaying, struct bytes payload)
{
    struct hash hash;
    if (payload.size != sizeof hash.bytes)
        return fault_set(replaying->fault, -EINVAL, "%zu bytes, expected the %zu of a book's hash", payload.size,
                         sizeof hash.bytes);
    memcpy(hash.bytes, payload.data, sizeof hash.bytes);
    const struct book *book = replaying->books->find(replaying->books->context, &hash);
    char hex[HASH_HEX];
    if (!book)
        return fault_set(replaying->fault, -EINVAL,
                         "from here on it was book %s, which is not at hand: name its folder", hash_hex(hex, &hash));
    return turn_book(replaying->to, book, replaying->fault);
}

static int apply_event(struct replaying *replaying, struct bytes payload)
{
    struct event event;
    int result = record_decode(&event_desc, payload, &replaying->arena, &event, replaying->fault);
    return result ? result : turn_event(replaying->to, &event, payload, replaying->fault);
}

static int apply_command(struct replaying *replaying, struct bytes payload)
{
    struct command command;
    struct bytes answer;
    int result = record_decode(&command_desc, payload, &replaying->arena, &command, replaying->fault);
    return result ? result : turn_command(replaying->to, &command, payload, &answer, replaying->fault);
}

static int apply(void *context, const struct journal_entry *entry)
{
    struct replaying *replaying = context;
    int result;
    replaying->to->now_ms = entry->at_ms;
    replaying->to->origin = entry;
    arena_reset(&replaying->arena);
    switch (entry->kind) {
    case INPUT_BOOK:
        result = apply_book(replaying, entry->payload);
        break;
    case INPUT_EVENT:
        result = apply_event(replaying, entry->payload);
        break;
    case INPUT_COMMAND:
        result = apply_command(replaying, entry->payload);
        break;
    case INPUT_PULSE:
        result = turn_pulse(replaying->to, replaying->fault);
        break;
    case INPUT_ERASURE:
        result = turn_erasure(replaying->to, entry->payload, replaying->fault);
        break;
    default:
        result = fault_set(replaying->fault, -EINVAL, "kind %d is not one", (int)entry->kind);
    }
    replaying->to->origin = NULL;
    replaying->n = entry->n;
    if (result < 0 && entry->payload_hash)
        return fault_prefix(replaying->fault, result,
                            "journal entry %" PRIu64 " was erased by entry %" PRIu64 " and cannot be replayed",
                            entry->n, entry->erased_by);
    return result < 0 ? fault_prefix(replaying->fault, result, "journal entry %" PRIu64, entry->n) : 0;
}

/* One turn of up to `inputs` entries; 1 where there were none left. */
static int replay_turn(struct store *from, struct replaying *replaying, size_t inputs)
{
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_read(from);
    uint64_t before = replaying->n;
    turn_begin(replaying->to, 0);
    int result = journal.ops->read(journal.log, txn, before + 1, inputs, apply, replaying, replaying->fault);
    if (result < 0 || replaying->n == before)
        turn_abort(replaying->to);
    else
        result = turn_commit(replaying->to, replaying->fault);
    txn_abort(txn); /* after the commit: payloads point into it */
    return result ? result : replaying->n == before;
}

static int expect_empty(struct store *store, struct fault *fault)
{
    struct txn *txn = txn_begin_read(store);
    uint64_t rows = txn_count(txn, TABLE_JOURNAL) + txn_count(txn, TABLE_CASES) + txn_count(txn, TABLE_META);
    int result = txn_error(txn, fault);
    txn_abort(txn);
    return result || !rows ? result : fault_set(fault, -EINVAL, "a journal is replayed into an empty data folder only");
}

int replay_journal(struct store *from, struct turn *to, const struct replay_books *books, size_t inputs,
                   uint64_t *entries, struct fault *fault)
{
    struct replaying replaying = { .to = to, .books = books, .fault = fault };
    int result = expect_empty(to->store, fault);
    while (result == 0)
        result = replay_turn(from, &replaying, inputs);
    *entries = replaying.n;
    arena_finish(&replaying.arena);
    return result < 0 ? result : 0;
}

/* ---- states compared ---- */

static const char *const table_names[] = {
#define TABLE_NAME(name, text) text,
    CASE_TABLES(TABLE_NAME)
#undef TABLE_NAME
};
enum { TABLE_COUNT = sizeof table_names / sizeof *table_names };

static struct hash hash_table(struct txn *txn, int table, struct buffer *row)
{
    struct hash hash = { { 0 } };
    struct txn_walk walk;
    walk_open(txn, &walk, table, (struct bytes){ NULL, 0 }, 0);
    while (walk_next(&walk)) {
        buffer_clear(row);
        buffer_be64(row, walk.key.size);
        buffer_append(row, walk.key.data, walk.key.size);
        buffer_append(row, walk.value.data, walk.value.size);
        hash = hash_of_two(hash.bytes, sizeof hash.bytes, row->bytes, row->size);
    }
    walk_close(&walk);
    return hash;
}

static int hash_tables(struct store *store, struct hash hashes[TABLE_COUNT], struct fault *fault)
{
    struct buffer row = { 0 };
    struct txn *txn = txn_begin_read(store);
    for (int table = 0; table < TABLE_COUNT;
         table++) /* who signed the journal, and when, does not follow from the inputs */
        hashes[table] = table == TABLE_HEADS ? (struct hash){ { 0 } } : hash_table(txn, table, &row);
    int result = txn_error(txn, fault);
    txn_abort(txn);
    buffer_finish(&row);
    return result;
}

int replay_state_hash(struct store *store, struct hash *hash, struct fault *fault)
{
    struct hash hashes[TABLE_COUNT];
    int result = hash_tables(store, hashes, fault);
    *hash = hash_of(hashes, sizeof hashes);
    return result;
}

int replay_compare(struct store *a, struct store *b, struct buffer *out, struct fault *fault)
{
    struct hash of_a[TABLE_COUNT], of_b[TABLE_COUNT];
    int result = hash_tables(a, of_a, fault);
    if (result == 0)
        result = hash_tables(b, of_b, fault);
    for (int table = 0; result == 0 && table < TABLE_COUNT; table++)
        if (!hash_equal(&of_a[table], &of_b[table]))
            buffer_format(out, "%s%s", out->size ? ", " : "", table_names[table]);
    return result;
}
