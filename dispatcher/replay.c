#include "dispatcher/replay.h"

#include <inttypes.h>
#include <string.h>

/* ---- one entry as it was ---- */

static int apply_book(struct replay *replay, struct bytes payload)
{
    struct hash hash;
    if (payload.size != sizeof hash.bytes)
        return fault_set(replay->fault, -EINVAL, "%zu bytes, expected the %zu of a book's hash", payload.size,
                         sizeof hash.bytes);
    memcpy(hash.bytes, payload.data, sizeof hash.bytes);
    const struct book *book = replay->books->find(replay->books->context, &hash);
    char hex[HASH_HEX];
    if (!book)
        return fault_set(replay->fault, -EINVAL,
                         "from here on it was book %s, which is not at hand: put it into a folder of books, and name "
                         "that "
                         "by --books (drumtower-dispatcher: --replay-books)",
                         hash_hex(hex, &hash));
    return turn_book(replay->to, book, replay->fault);
}

static int apply_event(struct replay *replay, struct bytes payload)
{
    struct event event;
    int result = record_decode(&event_desc, payload, &replay->arena, &event, replay->fault);
    return result ? result : turn_event(replay->to, &event, payload, replay->fault);
}

static int apply_command(struct replay *replay, struct bytes payload)
{
    struct command command;
    struct bytes answer;
    int result = record_decode(&command_desc, payload, &replay->arena, &command, replay->fault);
    return result ? result : turn_command(replay->to, &command, payload, &answer, replay->fault);
}

int replay_entry(struct replay *replay, const struct journal_entry *entry)
{
    switch (entry->kind) {
    case INPUT_BOOK:
        return apply_book(replay, entry->payload);
    case INPUT_EVENT:
        return apply_event(replay, entry->payload);
    case INPUT_COMMAND:
        return apply_command(replay, entry->payload);
    case INPUT_PULSE:
        return turn_pulse(replay->to, replay->fault);
    case INPUT_ERASURE:
        return turn_erasure(replay->to, entry->payload, replay->fault);
    default:
        return fault_set(replay->fault, -EINVAL, "kind %d is not one", (int)entry->kind);
    }
}

/* ---- all of them ---- */

static int take(void *context, const struct journal_entry *entry)
{
    struct replay *replay = context;
    if (replay->until_ms && entry->at_ms >= replay->until_ms)
        return 1;
    replay->to->now_ms = entry->at_ms;
    replay->to->origin = entry;
    arena_reset(&replay->arena);
    int result = replay->take ? replay->take(replay, entry) : replay_entry(replay, entry);
    replay->to->origin = NULL;
    replay->n = entry->n;
    if (result < 0 && entry->payload_hash)
        return fault_prefix(replay->fault, result,
                            "journal entry %" PRIu64 " was erased by entry %" PRIu64 " and cannot be replayed",
                            entry->n, entry->erased_by);
    return result < 0 ? fault_prefix(replay->fault, result, "journal entry %" PRIu64, entry->n) : 0;
}

/* One turn; 1 where it was the last one. */
static int replay_turn(struct replay *replay, struct store *from)
{
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_read(from);
    uint64_t before = replay->n;
    turn_begin(replay->to, 0);
    int result = journal.ops->read(journal.log, txn, before + 1, replay->inputs, take, replay, replay->fault);
    if (result < 0 || replay->n == before) {
        turn_abort(replay->to);
    } else {
        int committed = turn_commit(replay->to, replay->fault);
        result = committed < 0 ? committed : result;
    }
    if (replay->progress)
        replay->progress(replay->progress_context, replay->n, journal.ops->last(journal.log, txn));
    txn_abort(txn); /* after the commit: payloads point into it */
    return result ? result : replay->n == before;
}

static int expect_empty(struct store *store, struct fault *fault)
{
    struct txn *txn = txn_begin_read(store);
    uint64_t rows = txn_count(txn, TABLE_JOURNAL) + txn_count(txn, TABLE_CASES) + txn_count(txn, TABLE_META);
    int result = txn_error(txn, fault);
    txn_abort(txn);
    return result || !rows ? result : fault_set(fault, -EINVAL, "a journal is replayed into an empty data folder only");
}

int replay_run(struct replay *replay, struct store *from, struct fault *fault)
{
    replay->fault = fault;
    int result = expect_empty(replay->to->store, fault);
    while (result == 0)
        result = replay_turn(replay, from);
    arena_finish(&replay->arena);
    return result < 0 ? result : 0;
}

int replay_journal(struct store *from, struct turn *to, const struct replay_books *books, size_t inputs,
                   uint64_t *entries, struct fault *fault)
{
    struct replay replay = { .to = to, .books = books, .inputs = inputs };
    int result = replay_run(&replay, from, fault);
    *entries = replay.n;
    return result;
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
