#include "ingest/sources/chat/memory.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/external.h"

ENUM_DEFINE(chat_memo_kind, CHAT_MEMOS)
#define RECORD_TYPE struct chat_owed
RECORD_DEFINE(chat_owed, 1, CHAT_OWED_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct chat_talk
RECORD_DEFINE(chat_talk, 1, CHAT_TALK_FIELDS)
#undef RECORD_TYPE

/* ---- to memos ---- */

static const char *prefix_of(const char *chat, enum chat_memo_kind kind, struct arena *arena)
{
    return arena_format(arena, "chat/%s/%s/", chat, enum_name(&chat_memo_kind_desc, (int)kind));
}

static struct event_memo memo_of(const char *chat, enum chat_memo_kind kind, const char *key, struct bytes value,
                                 struct arena *arena)
{
    return (struct event_memo){ arena_format(arena, "%s%s", prefix_of(chat, kind, arena), key), value };
}

static struct event_memo memo_of_record(const char *chat, enum chat_memo_kind kind, const char *key,
                                        const struct record_desc *desc, const void *record, struct arena *arena)
{
    struct buffer bytes = { 0 };
    record_encode(desc, record, &bytes);
    const char *copy = arena_text(arena, (const char *)bytes.bytes, bytes.size);
    struct event_memo memo = memo_of(chat, kind, key, (struct bytes){ (const uint8_t *)copy, bytes.size }, arena);
    buffer_finish(&bytes);
    return memo;
}

struct event_memo chat_memo_owed(const char *chat, const char *key, const struct chat_owed *owed, struct arena *arena)
{
    return memo_of_record(chat, CHAT_OWED, key, &chat_owed_desc, owed, arena);
}

struct event_memo chat_memo_talk(const char *chat, const char *key, const struct chat_talk *talk, struct arena *arena)
{
    return memo_of_record(chat, CHAT_TALK, key, &chat_talk_desc, talk, arena);
}

struct event_memo chat_memo_done(const char *chat, const char *key, int64_t until_ms, struct arena *arena)
{
    const char *until = arena_format(arena, "%" PRId64, until_ms);
    return memo_of(chat, CHAT_DONE, key, (struct bytes){ (const uint8_t *)until, strlen(until) }, arena);
}

struct event_memo chat_memo_forget(const char *chat, enum chat_memo_kind kind, const char *key, struct arena *arena)
{
    return memo_of(chat, kind, key, (struct bytes){ NULL, 0 }, arena);
}

const char *chat_key(const char *chat, const char *first, const char *second, struct arena *arena)
{
    return external_event_id("chat", arena_format(arena, "chat/%s\n%s", chat, first), second, arena);
}

/* ---- from the log ---- */

static int recall(struct event_log *log, const char *chat, enum chat_memo_kind kind, const char *key,
                  struct arena *arena, struct bytes *value, struct fault *fault)
{
    return event_log_memo(log, arena_format(arena, "%s%s", prefix_of(chat, kind, arena), key), arena, value, fault);
}

int chat_recall_talk(struct event_log *log, const char *chat, const char *key, struct arena *arena,
                     struct chat_talk *talk, struct fault *fault)
{
    struct bytes value;
    *talk = (struct chat_talk){ .asked_about = "", .text = "", .event = "" };
    int result = recall(log, chat, CHAT_TALK, key, arena, &value, fault);
    if (!result && record_decode(&chat_talk_desc, value, arena, talk, fault) < 0)
        result = -EBADMSG;
    return result;
}

/* 0 where it is no number. */
static int64_t read_until(struct bytes value, struct arena *arena)
{
    return strtoll(arena_text(arena, (const char *)value.data, value.size), NULL, 10);
}

int chat_recall_done(struct event_log *log, const char *chat, const char *key, int64_t now_ms, struct arena *arena,
                     struct fault *fault)
{
    struct bytes value;
    int result = recall(log, chat, CHAT_OWED, key, arena, &value, fault);
    if (result != 1)
        return result;
    result = recall(log, chat, CHAT_DONE, key, arena, &value, fault);
    return result ? result : read_until(value, arena) <= now_ms;
}

/* ---- all of a kind ---- */

/* One walk over the memos of a kind. */
struct walk {
    const char *chat;
    struct arena *arena;
    size_t prefix_size, most, count, all;
    struct chat_debt *debts;
    struct event_memo *memos;
    int64_t now_ms, talk_ms;
    struct fault *fault;
};

static const char *key_in(struct walk *walk, struct bytes key)
{
    return arena_text(walk->arena, (const char *)key.data + walk->prefix_size, key.size - walk->prefix_size);
}

/* Keeps the oldest, in order. */
static void keep(struct walk *walk, const struct chat_debt *debt)
{
    size_t at = walk->count;
    while (at > 0 && walk->debts[at - 1].owed.at_ms > debt->owed.at_ms)
        at--;
    if (at == walk->most)
        return;
    size_t kept = walk->count < walk->most ? walk->count : walk->most - 1;
    memmove(walk->debts + at + 1, walk->debts + at, (kept - at) * sizeof *walk->debts);
    walk->debts[at] = *debt;
    walk->count = kept + 1;
}

static int take_owed(void *context, struct bytes key, struct bytes value)
{
    struct walk *walk = context;
    struct chat_debt debt = { .key = key_in(walk, key) };
    if (record_decode(&chat_owed_desc, value, walk->arena, &debt.owed, walk->fault) < 0)
        return -EBADMSG;
    walk->all++;
    keep(walk, &debt);
    return 0;
}

int chat_recall_owed(struct event_log *log, const char *chat, size_t most, struct arena *arena, struct chat_debt *debts,
                     size_t *count, size_t *all, struct fault *fault)
{
    const char *prefix = prefix_of(chat, CHAT_OWED, arena);
    struct walk walk = { .arena = arena, .prefix_size = strlen(prefix), .most = most, .debts = debts, .fault = fault };
    int result = event_log_memos(log, prefix, take_owed, &walk, fault);
    *count = walk.count;
    *all = walk.all;
    return result;
}

static void forget(struct walk *walk, enum chat_memo_kind kind, struct bytes key, bool is_over)
{
    if (is_over && walk->count < walk->most)
        walk->memos[walk->count++] = chat_memo_forget(walk->chat, kind, key_in(walk, key), walk->arena);
}

static int take_done(void *context, struct bytes key, struct bytes value)
{
    struct walk *walk = context;
    forget(walk, CHAT_DONE, key, read_until(value, walk->arena) <= walk->now_ms);
    return 0;
}

static int take_talk(void *context, struct bytes key, struct bytes value)
{
    struct walk *walk = context;
    struct chat_talk talk;
    if (record_decode(&chat_talk_desc, value, walk->arena, &talk, walk->fault) < 0)
        return -EBADMSG;
    int64_t last_ms = talk.asked_at_ms > talk.event_at_ms ? talk.asked_at_ms : talk.event_at_ms;
    forget(walk, CHAT_TALK, key, last_ms + walk->talk_ms <= walk->now_ms);
    return 0;
}

int chat_recall_over(struct event_log *log, const char *chat, int64_t now_ms, int64_t talk_ms, size_t most,
                     struct arena *arena, struct event_memo *memos, size_t *count, struct fault *fault)
{
    struct walk walk = {
        .chat = chat, .arena = arena, .most = most, .memos = memos, .now_ms = now_ms, .talk_ms = talk_ms, .fault = fault
    };
    const char *prefix = prefix_of(chat, CHAT_DONE, arena);
    walk.prefix_size = strlen(prefix);
    int result = event_log_memos(log, prefix, take_done, &walk, fault);
    prefix = prefix_of(chat, CHAT_TALK, arena);
    walk.prefix_size = strlen(prefix);
    if (!result)
        result = event_log_memos(log, prefix, take_talk, &walk, fault);
    *count = walk.count;
    return result;
}
