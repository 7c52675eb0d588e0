#include "proto/store/erase.h"

#include <string.h>

#include "proto/record/command.h"

#define RECORD_TYPE struct erasure
RECORD_DEFINE(erasure, 1, ERASURE_FIELDS)
#undef RECORD_TYPE

/* ---- one payload ---- */

static bool mark(const char **words)
{
    if (!**words || strcmp(*words, ERASED_MARK) == 0)
        return false;
    *words = ERASED_MARK;
    return true;
}

/* Where and when somebody took a photo; its marks stay, by which the engine goes. */
static bool forget_cameras(struct media_list *list)
{
    bool any = false;
    for (size_t i = 0; i < list->count; i++) {
        struct media *media = &list->items[i];
        any |= media->taken_at_ms || media->lat != 0 || media->lon != 0;
        media->taken_at_ms = 0;
        media->lat = media->lon = 0;
    }
    return any;
}

static int words_of_event(struct bytes payload, struct arena *arena, struct buffer *left, struct fault *fault)
{
    struct event event;
    int result = record_decode(&event_desc, payload, arena, &event, fault);
    if (result)
        return result;
    bool any = mark(&event.title);
    any |= mark(&event.text);
    any |= mark(&event.place.address);
    for (size_t i = 0; i < event.attributes.count; i++) {
        any |= mark(&event.attributes.items[i].value);
        event.attributes.items[i].extra = (struct record_extra){ 0 };
    }
    any |= forget_cameras(&event.media);
    event.extra = event.place.extra = (struct record_extra){ 0 };
    record_encode(&event_desc, &event, left);
    return any ? 0 : ERASE_NOTHING;
}

static int words_of_command(struct bytes payload, struct arena *arena, struct buffer *left, struct fault *fault)
{
    struct command command;
    int result = record_decode(&command_desc, payload, arena, &command, fault);
    if (result)
        return result;
    bool any = mark(&command.reason);
    command.extra = (struct record_extra){ 0 };
    record_encode(&command_desc, &command, left);
    return any ? 0 : ERASE_NOTHING;
}

int erase_words(enum input_kind kind, struct bytes payload, struct arena *arena, struct buffer *left,
                struct fault *fault)
{
    size_t before = left->size;
    int result = ERASE_NOTHING;
    if (kind == INPUT_EVENT)
        result = words_of_event(payload, arena, left, fault);
    else if (kind == INPUT_COMMAND)
        result = words_of_command(payload, arena, left, fault);
    if (result)
        left->size = before;
    return result;
}

/* ---- the journal ---- */

static int get_entry(const struct journal *journal, struct txn *txn, const struct erasure *erasure,
                     struct journal_entry *entry, struct fault *fault)
{
    int result = journal_get(journal, txn, (uint64_t)erasure->entry, entry, fault);
    return result > 0 ? fault_set(fault, -ENOENT, "no journal entry %lld", (long long)erasure->entry) : result;
}

static const char *hex_of(struct bytes bytes, struct arena *arena)
{
    char hex[HASH_HEX];
    struct hash hash = hash_of(bytes.data, bytes.size);
    return arena_text(arena, hash_hex(hex, &hash), HASH_HEX - 1);
}

int erase_prepare(const struct journal *journal, struct txn *txn, struct erasure *erasure, struct arena *arena,
                  struct fault *fault)
{
    struct journal_entry entry;
    struct event event;
    struct buffer left = { 0 };
    erasure->left_hash = "";
    if (!erasure->entry)
        return 0;
    int result = get_entry(journal, txn, erasure, &entry, fault);
    if (!result && entry.payload_hash)
        result = ERASE_ALREADY;
    if (!result)
        result = erase_words(entry.kind, entry.payload, arena, &left, fault);
    if (!result)
        erasure->left_hash = hex_of(buffer_view(&left), arena);
    if (!result && entry.kind == INPUT_EVENT) {
        result = record_decode(&event_desc, buffer_view(&left), arena, &event, fault);
        erasure->event_seq = result ? 0 : event.seq;
    }
    buffer_finish(&left);
    return result;
}

static int apply_to_whole(const struct journal *journal, struct txn *txn, uint64_t n, const struct erasure *erasure,
                          const struct journal_entry *entry, struct arena *arena, struct buffer *left,
                          struct fault *fault)
{
    int result = erase_words(entry->kind, entry->payload, arena, left, fault);
    if (result > 0 || (!result && strcmp(hex_of(buffer_view(left), arena), erasure->left_hash) != 0))
        result = fault_set(fault, -EBADMSG, "entry %llu erases another journal entry %lld than the one that is here",
                           (unsigned long long)n, (long long)erasure->entry);
    return result ? result : journal->ops->erase(journal->log, txn, entry->n, n, buffer_view(left), fault);
}

int erase_apply(const struct journal *journal, struct txn *txn, uint64_t n, const struct erasure *erasure,
                struct arena *arena, struct fault *fault)
{
    struct journal_entry entry;
    struct buffer left = { 0 };
    if (!erasure->entry)
        return 0;
    int result = get_entry(journal, txn, erasure, &entry, fault);
    if (!result && entry.payload_hash)
        buffer_append(&left, entry.payload.data, entry.payload.size);
    else if (!result)
        result = apply_to_whole(journal, txn, n, erasure, &entry, arena, &left, fault);
    if (!result)
        result = erase_in_case(txn, entry.kind, entry.at_ms, buffer_view(&left), arena, fault);
    buffer_finish(&left);
    return result;
}

int erase_in_journal(const struct journal *journal, struct txn *txn, struct erasure *erasure, struct arena *arena,
                     uint64_t *n, struct fault *fault)
{
    struct buffer bytes = { 0 };
    int result = record_check(&erasure_desc, erasure, fault);
    if (!result)
        result = erase_prepare(journal, txn, erasure, arena, fault);
    if (result)
        return result;
    record_encode(&erasure_desc, erasure, &bytes);
    uint64_t last = journal->ops->last(journal->log, txn);
    const struct journal_entry entry = { .at_ms = erasure->at_ms,
                                         .kind = INPUT_ERASURE,
                                         .payload = buffer_view(&bytes) };
    result = journal->ops->append(journal->log, txn, last, &entry, 1, fault);
    *n = last + 1;
    if (!result)
        result = erase_apply(journal, txn, *n, erasure, arena, fault);
    buffer_finish(&bytes);
    return result;
}
