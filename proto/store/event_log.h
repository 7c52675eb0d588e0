/* The event log (events environment): what ingest appends and the dispatcher reads by sequence number.
 * Several ingest processes may append; LMDB's writer lock orders them. Group commit: collect, append many, commit once.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/record/event.h"
#include "proto/store/erase.h"
#include "proto/store/store.h"

struct event_log;

int event_log_open(const char *data_folder, enum store_mode mode, struct event_log **log, struct fault *fault);
/* `options` as in store.h, NULL for the defaults. */
int event_log_open_with(const char *data_folder, enum store_mode mode, const struct store_options *options,
                        struct event_log **log, struct fault *fault);
void event_log_close(struct event_log *log); /* takes NULL */
struct store *event_log_store(struct event_log *log);

/* What a source has to remember (which alarms stand, how far it read), put in the same commit as the events that go with it. */
struct event_memo {
    const char *key;    /* "mqtt/…": 1 to STORE_KEY_MAX bytes; the source's name comes first */
    struct bytes value; /* no bytes: it is forgotten */
};

/* One event of a batch. In: event (with an id, without seq; NULL: memos alone), contact (or NULL), memos. Out: seq, repeated, and
 * event->seq where it is new. An event whose id is in the log already is not appended again: seq is the first one's and repeated is
 * true; its memos are put all the same. received_at_ms is raised to the last event's where it is older (it never goes back along the
 * log). */
struct event_append {
    struct event *event;
    const struct contact *contact;
    const struct event_memo *memos;
    size_t memo_count;
    uint64_t seq;
    bool repeated;
};
/* Whether the log can keep it: event and contact pass record_check(). -EINVAL, -EMSGSIZE: no, the fault names the field. */
int event_append_check(const struct event_append *append, struct fault *fault);
/* All or none, durable on return. -EINVAL, -EMSGSIZE: one of them does not pass event_append_check(), nothing was tried. Any other error:
 * fail-stop, see store.h. */
int event_log_append(struct event_log *log, struct event_append *batch, size_t count, struct fault *fault);

/* The last number, 0 where it has none, or <0: that is not known. */
int64_t event_log_last(struct event_log *log, struct fault *fault);
/* Calls `visit` with up to `max` events from `seq` on, each in its bytes (only during the visit) and decoded into the arena.
 * visit: 0 goes on, else ends and is returned. */
int event_log_read(struct event_log *log, uint64_t seq, size_t max, struct arena *arena,
                   int (*visit)(void *context, const struct event *event, struct bytes bytes), void *context,
                   struct fault *fault);
/* 1 where there is none. */
int event_log_get(struct event_log *log, uint64_t seq, struct arena *arena, struct event *event, struct fault *fault);
int event_log_contact(struct event_log *log, uint64_t seq, struct arena *arena, struct contact *contact,
                      struct fault *fault);

/* The event of that id; 1 where there is none. */
int event_log_find(struct event_log *log, const char *id, struct arena *arena, struct event *event,
                   struct fault *fault);

/* 1 where there is none; the value is copied into the arena. */
int event_log_memo(struct event_log *log, const char *key, struct arena *arena, struct bytes *value,
                   struct fault *fault);
/* Calls `visit` for each memo whose key begins with the prefix, in order of the keys; key and value only live during the visit. 0 goes
 * on, else ends and is returned. */
int event_log_memos(struct event_log *log, const char *prefix,
                    int (*visit)(void *context, struct bytes key, struct bytes value), void *context,
                    struct fault *fault);

/* Deletes the contact of an event; with `words`, takes the reporter's words out of the event too (erase.h). The erasure stays in
 * their place. 1: no such event. EVENT_LOG_BARE: there is nothing of it (any more); nothing changes, the first erasure stays. */
enum { EVENT_LOG_BARE = 2 };
int event_log_erase(struct event_log *log, uint64_t seq, bool words, const struct erasure *erasure, struct arena *arena,
                    struct fault *fault);
/* The last erasure of an event or its contact; 1 where nothing of it was erased. */
int event_log_erasure(struct event_log *log, uint64_t seq, struct arena *arena, struct erasure *erasure,
                      struct fault *fault);
