#include "proto/store/event_log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/store/key.h"

#define EVENT_TABLES(X) \
    X(EVENTS, "events")     /* be64 seq → event */ \
    X(IDS, "ids")           /* event id → be64 seq */ \
    X(CONTACTS, "contacts") /* be64 seq → contact */ \
    X(ERASED, "erased")     /* be64 seq → erasure, of the event's contact or words */ \
    X(MEMOS, "memos")       /* key of a source → what it remembers */

enum event_table {
#define EVENT_TABLE_ENUM(name, text) TABLE_##name,
    EVENT_TABLES(EVENT_TABLE_ENUM)
#undef EVENT_TABLE_ENUM
};

static const char *const event_tables[] = {
#define EVENT_TABLE_NAME(name, text) text,
    EVENT_TABLES(EVENT_TABLE_NAME)
#undef EVENT_TABLE_NAME
};

static const struct store_layout event_layout = { .name = "events",
                                                  .tables = event_tables,
                                                  .table_count = sizeof event_tables / sizeof *event_tables };

struct event_log {
    struct store *store;
};

int event_log_open(const char *data_folder, enum store_mode mode, struct event_log **out, struct fault *fault)
{
    return event_log_open_with(data_folder, mode, NULL, out, fault);
}

int event_log_open_with(const char *data_folder, enum store_mode mode, const struct store_options *options,
                        struct event_log **out, struct fault *fault)
{
    struct store *store;
    *out = NULL;
    int result = store_open_in(data_folder, &event_layout, mode, options, &store, fault);
    if (result)
        return result;
    struct event_log *log = calloc(1, sizeof *log);
    if (!log)
        abort();
    log->store = store;
    *out = log;
    return 0;
}

void event_log_close(struct event_log *log)
{
    if (!log)
        return;
    store_close(log->store);
    free(log);
}

struct store *event_log_store(struct event_log *log)
{
    return log->store;
}

static uint64_t seq_of(struct bytes key)
{
    return key.size == 8 ? bytes_be64(key.data) : 0;
}

/* 0 and 0 where there is none; one that cannot be read fails the txn. */
static void last_event(struct txn *txn, uint64_t *seq, int64_t *received_at_ms)
{
    struct bytes key = { 0 }, value;
    struct event last = { 0 };
    struct arena arena = { 0 };
    struct fault fault;
    if (txn_last(txn, TABLE_EVENTS, &key, &value) && record_decode(&event_desc, value, &arena, &last, &fault))
        txn_fail(txn, -EBADMSG, "the last event: %s", fault.text);
    arena_finish(&arena);
    *seq = seq_of(key);
    *received_at_ms = last.received_at_ms;
}

static void append_one(struct txn *txn, struct event_append *append, uint64_t seq)
{
    uint8_t seq_bytes[8];
    bytes_put_be64(seq_bytes, seq);
    struct bytes key = { seq_bytes, sizeof seq_bytes };
    struct buffer *bytes = txn_scratch(txn, 0);
    append->event->seq = (int64_t)seq;
    record_encode(&event_desc, append->event, bytes);
    txn_append(txn, TABLE_EVENTS, key, buffer_view(bytes));
    txn_put(txn, TABLE_IDS, text_view(append->event->id), key);
    if (append->contact) {
        buffer_clear(bytes);
        record_encode(&contact_desc, append->contact, bytes);
        txn_append(txn, TABLE_CONTACTS, key, buffer_view(bytes));
    }
}

static void put_memos(struct txn *txn, const struct event_append *append)
{
    for (size_t i = 0; i < append->memo_count; i++) {
        const struct event_memo *memo = &append->memos[i];
        if (memo->value.size)
            txn_put(txn, TABLE_MEMOS, text_view(memo->key), memo->value);
        else
            txn_delete(txn, TABLE_MEMOS, text_view(memo->key));
    }
}

static void append_all(struct txn *txn, struct event_append *batch, size_t count)
{
    uint64_t seq;
    int64_t received_at_ms;
    last_event(txn, &seq, &received_at_ms);
    for (size_t i = 0; i < count; i++) {
        struct event *event = batch[i].event;
        struct bytes first;
        put_memos(txn, &batch[i]);
        if (!event)
            continue;
        batch[i].repeated = txn_get(txn, TABLE_IDS, text_view(event->id), &first);
        if (batch[i].repeated) {
            batch[i].seq = bytes_be64(first.data);
            continue;
        }
        if (event->received_at_ms < received_at_ms)
            event->received_at_ms = received_at_ms;
        received_at_ms = event->received_at_ms;
        batch[i].seq = ++seq;
        append_one(txn, &batch[i], seq);
    }
}

/* An event that could not be read again would stop the dispatcher for good. */
int event_append_check(const struct event_append *append, struct fault *fault)
{
    const struct event *event = append->event;
    if (!event)
        return 0;
    assert(event->id && *event->id);
    int result = record_check(&event_desc, event, fault);
    return !result && append->contact ? record_check(&contact_desc, append->contact, fault) : result;
}

static int check_all(const struct event_append *batch, size_t count, struct fault *fault)
{
    int result = 0;
    for (size_t i = 0; i < count && !result; i++)
        if ((result = event_append_check(&batch[i], fault)) < 0)
            fault_prefix(fault, result, "event '%.64s'", batch[i].event->id);
    return result;
}

int event_log_append(struct event_log *log, struct event_append *batch, size_t count, struct fault *fault)
{
    int result = check_all(batch, count, fault);
    if (result || count == 0)
        return result;
    struct txn *txn = txn_begin_write(log->store);
    append_all(txn, batch, count);
    result = txn_commit(txn, fault);
    return result ? fault_prefix(fault, result, "%zu events are not in the log", count) : 0;
}

int64_t event_log_last(struct event_log *log, struct fault *fault)
{
    struct bytes key, value;
    struct txn *txn = txn_begin_read(log->store);
    int64_t last = txn_last(txn, TABLE_EVENTS, &key, &value) ? (int64_t)seq_of(key) : txn_error(txn, fault);
    txn_abort(txn);
    return last < 0 ? fault_prefix(fault, (int)last, "the end of the log") : last;
}

int event_log_read(struct event_log *log, uint64_t seq, size_t max, struct arena *arena,
                   int (*visit)(void *context, const struct event *event, struct bytes bytes), void *context,
                   struct fault *fault)
{
    struct key from;
    key_start(&from);
    key_be64(&from, seq);
    struct txn *txn = txn_begin_read(log->store);
    struct txn_walk walk;
    int result = 0;
    walk_open(txn, &walk, TABLE_EVENTS, key_view(&from), 0);
    for (size_t i = 0; i < max && !result && walk_next(&walk); i++) {
        struct event event;
        result = record_decode(&event_desc, walk.value, arena, &event, fault);
        result =
            result ? fault_prefix(fault, result, "event %llu of the log", (unsigned long long)bytes_be64(walk.key.data))
                   : visit(context, &event, walk.value);
    }
    walk_close(&walk);
    if (!result)
        result = txn_error(txn, fault);
    txn_abort(txn);
    return result;
}

static int get_record(struct event_log *log, enum event_table table, const struct record_desc *desc, uint64_t seq,
                      struct arena *arena, void *record, struct fault *fault)
{
    struct key key;
    key_start(&key);
    struct bytes value;
    key_be64(&key, seq);
    struct txn *txn = txn_begin_read(log->store);
    int result = txn_get(txn, table, key_view(&key), &value) ? record_decode(desc, value, arena, record, fault)
                                                             : txn_absent(txn, fault);
    txn_abort(txn);
    return result < 0 ? fault_prefix(fault, result, "event %llu of the log", (unsigned long long)seq) : result;
}

int event_log_get(struct event_log *log, uint64_t seq, struct arena *arena, struct event *event, struct fault *fault)
{
    return get_record(log, TABLE_EVENTS, &event_desc, seq, arena, event, fault);
}

int event_log_contact(struct event_log *log, uint64_t seq, struct arena *arena, struct contact *contact,
                      struct fault *fault)
{
    return get_record(log, TABLE_CONTACTS, &contact_desc, seq, arena, contact, fault);
}

int event_log_erasure(struct event_log *log, uint64_t seq, struct arena *arena, struct erasure *erasure,
                      struct fault *fault)
{
    return get_record(log, TABLE_ERASED, &erasure_desc, seq, arena, erasure, fault);
}

int event_log_find(struct event_log *log, const char *id, struct arena *arena, struct event *event, struct fault *fault)
{
    struct bytes value;
    struct txn *txn = txn_begin_read(log->store);
    bool found = txn_get(txn, TABLE_IDS, text_view(id), &value);
    uint64_t seq = found ? bytes_be64(value.data) : 0;
    int result = found ? 0 : txn_absent(txn, fault);
    txn_abort(txn);
    return result ? result : event_log_get(log, seq, arena, event, fault);
}

int event_log_memo(struct event_log *log, const char *key, struct arena *arena, struct bytes *value,
                   struct fault *fault)
{
    struct bytes found;
    struct txn *txn = txn_begin_read(log->store);
    int result = txn_get(txn, TABLE_MEMOS, text_view(key), &found) ? 0 : txn_absent(txn, fault);
    if (!result)
        *value = (struct bytes){ (const uint8_t *)arena_text(arena, (const char *)found.data, found.size), found.size };
    txn_abort(txn);
    return result;
}

int event_log_memos(struct event_log *log, const char *prefix,
                    int (*visit)(void *context, struct bytes key, struct bytes value), void *context,
                    struct fault *fault)
{
    struct txn *txn = txn_begin_read(log->store);
    struct txn_walk walk;
    int result = 0;
    walk_open(txn, &walk, TABLE_MEMOS, text_view(prefix), strlen(prefix));
    while (!result && walk_next(&walk))
        result = visit(context, walk.key, walk.value);
    walk_close(&walk);
    if (!result)
        result = txn_error(txn, fault);
    txn_abort(txn);
    return result;
}

/* True where there was something to take out. */
static bool erase_words_of(struct txn *txn, struct bytes key, struct bytes event, struct arena *arena)
{
    struct buffer left = { 0 };
    struct fault fault = { "" };
    int result = erase_words(INPUT_EVENT, event, arena, &left, &fault);
    if (result < 0)
        txn_fail(txn, result, "%s", fault.text);
    else if (result == 0)
        txn_put(txn, TABLE_EVENTS, key, buffer_view(&left));
    buffer_finish(&left);
    return result == 0;
}

int event_log_erase(struct event_log *log, uint64_t seq, bool words, const struct erasure *erasure, struct arena *arena,
                    struct fault *fault)
{
    struct key key;
    key_start(&key);
    struct bytes event;
    int result = record_check(&erasure_desc, erasure, fault);
    if (result)
        return result;
    key_be64(&key, seq);
    struct txn *txn = txn_begin_write(log->store);
    if (!txn_get(txn, TABLE_EVENTS, key_view(&key), &event)) {
        result = txn_absent(txn, fault);
        txn_abort(txn);
        return result;
    }
    bool erased = words && erase_words_of(txn, key_view(&key), event, arena);
    erased |= txn_delete(txn, TABLE_CONTACTS, key_view(&key));
    if (erased) {
        struct buffer *bytes = txn_scratch(txn, 0);
        record_encode(&erasure_desc, erasure, bytes);
        txn_put(txn, TABLE_ERASED, key_view(&key), buffer_view(bytes));
    }
    result = txn_commit(txn, fault);
    if (result)
        return fault_prefix(fault, result, "event %llu of the log", (unsigned long long)seq);
    return erased ? 0 : EVENT_LOG_BARE;
}
