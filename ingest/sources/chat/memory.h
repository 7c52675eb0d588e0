/* What a chat has to remember, as memos of the event log, put in the commit of the event that goes with them:
 *
 *   owed   an answer that was not delivered yet; until then nothing is answered twice or lost, whatever is killed
 *   done   a message that was answered, or a report that was urged, until when: the same again is met with silence
 *   talk   of one sender in one group: the words that a question of ours is about, and the last report
 */
#pragma once

#include "proto/record/event.h"
#include "proto/store/event_log.h"

#define CHAT_OWED_FIELDS(X) \
    X(1, INT, at_ms, 0) /* since when; they are delivered in this order */ \
    X(2, TEXT, group, 64) \
    X(3, TEXT, to, 128)       /* the sender, as the chat system names it */ \
    X(4, TEXT, reply_to, 128) /* the sender's message; "" = it answers none */ \
    X(5, TEXT, event, 64)     /* the event whose number in the log "{number}" in the text stands for; "" = none */ \
    X(6, TEXT, text, 4000)
RECORD_DECLARE(chat_owed, CHAT_OWED_FIELDS)

#define CHAT_TALK_FIELDS(X) \
    X(1, INT, asked_at_ms, 0)    /* 0: nothing was asked */ \
    X(2, TEXT, asked_about, 128) /* the sender's message that a question is about */ \
    X(3, TEXT, text, EVENT_TEXT_BYTES) \
    X(4, LIST, media, media) \
    X(5, TEXT, event, 64) /* of the last report; "" = none */ \
    X(6, INT, event_at_ms, 0)
RECORD_DECLARE(chat_talk, CHAT_TALK_FIELDS)

#define CHAT_MEMOS(X) \
    X(CHAT, OWED, "owed") \
    X(CHAT, DONE, "done") \
    X(CHAT, TALK, "talk")
ENUM_DECLARE(chat_memo_kind, CHAT_MEMOS)

/* The memos; key: of message or sender, see chat_key(). Everything lives in the arena. */
struct event_memo chat_memo_owed(const char *chat, const char *key, const struct chat_owed *owed, struct arena *arena);
struct event_memo chat_memo_done(const char *chat, const char *key, int64_t until_ms, struct arena *arena);
struct event_memo chat_memo_talk(const char *chat, const char *key, const struct chat_talk *talk, struct arena *arena);
struct event_memo chat_memo_forget(const char *chat, enum chat_memo_kind kind, const char *key, struct arena *arena);

/* A message's own number, or a group and a sender, as a key of fixed size that names nobody. */
const char *chat_key(const char *chat, const char *first, const char *second, struct arena *arena);

/* 1: there is none. -EBADMSG: there is, and it cannot be read. */
int chat_recall_talk(struct event_log *log, const char *chat, const char *key, struct arena *arena,
                     struct chat_talk *talk, struct fault *fault);
/* Is it owed, or done still? 1: no. */
int chat_recall_done(struct event_log *log, const char *chat, const char *key, int64_t now_ms, struct arena *arena,
                     struct fault *fault);

struct chat_debt {
    const char *key;
    struct chat_owed owed;
};
/* The oldest `most` of what is owed, oldest first; *count of them, and *all there are. */
int chat_recall_owed(struct event_log *log, const char *chat, size_t most, struct arena *arena, struct chat_debt *debts,
                     size_t *count, size_t *all, struct fault *fault);
/* What is remembered no longer, as memos that forget it: at most `most`. Talks are kept for `talk_ms`. */
int chat_recall_over(struct event_log *log, const char *chat, int64_t now_ms, int64_t talk_ms, size_t most,
                     struct arena *arena, struct event_memo *memos, size_t *count, struct fault *fault);
