/* The turn (ARCHITECTURE.md): some inputs, one write transaction, one commit. The transaction holds the journal entries, what the engine
 * changed, its notices, the answers by command id, and the cursor into the event log; so all of it happened, or nothing.
 *
 *     turn_begin(&turn, now_ms);
 *     turn_event(…) … turn_command(…) … turn_pulse(…);
 *     turn_commit(…);            only now: answer, publish
 * Any error: turn_abort(), do not answer, stop the process. Tests and the replay of a journal go the same way as the service.
 */
#pragma once

#include "dispatcher/engine/engine.h"
#include "proto/store/case_store.h"
#include "proto/store/journal_head.h"

enum { TURN_ENTRIES = 256 };

/* Counts since turn_init(). */
struct turn_counts {
    int64_t turns, events, commands, pulses, repeated, refused, fired;
    int64_t lateness_ms; /* of the first clock of the last turn in which one was due */
};

struct turn {
    struct store *store;
    struct journal journal;
    struct engine engine;
    struct txn *txn; /* NULL between turns */
    int64_t now_ms;
    int64_t cursor;
    bool cursor_moved;
    struct arena arena;   /* what lives until the end of the turn: answers, payloads that the caller copies into it */
    struct arena scratch; /* of one input */
    struct buffer bytes;
    struct journal_entry entries[TURN_ENTRIES];
    size_t entry_count;
    uint64_t journal_last;
    const struct journal_entry *origin; /* a replay's: the entry that the next input has in the journal it comes from */
    const struct journal_signer
        *signer;         /* signs a head of the journal with the turn in which one is due; NULL: nobody does */
    int64_t head_due_ms; /* when a head is due even if nothing comes; ORDER_NONE: the last one holds all */
    struct turn_counts counts;
};

/* The store must be writable; store and book outlive the turns. Counters get the book's time zone. */
void turn_init(struct turn *turn, struct store *store, const struct book *book);
void turn_finish(struct turn *turn); /* aborts a turn under way; safe on a zeroed struct */

/* `now_ms` is the time of the commands and pulses to come; a replay sets turn->now_ms anew before each input. */
void turn_begin(struct turn *turn, int64_t now_ms);
/* From here on this book, if it is another than the last turn's: an input like any other. -EINVAL where the district's
 * time zone has changed: the counters' days would mean something else. */
int turn_book(struct turn *turn, const struct book *book, struct fault *fault);
/* An event at or before the cursor was taken already: nothing happens. `bytes`: its record, kept until the turn ends. */
int turn_event(struct turn *turn, const struct event *event, struct bytes bytes, struct fault *fault);
/* *answer: the answer's record, until the next turn_begin(). A command id that was answered before gets its first answer again. */
int turn_command(struct turn *turn, const struct command *command, struct bytes bytes, struct bytes *answer,
                 struct fault *fault);
/* An erasure that somebody has prepared (erase_prepare): journals it, and takes the words out of the journal and the cases. `bytes`: its
 * record. */
int turn_erasure(struct turn *turn, struct bytes bytes, struct fault *fault);
/* Lets fire what is due; no input at all where nothing is. */
int turn_pulse(struct turn *turn, struct fault *fault);
/* Durable on return of 0. */
int turn_commit(struct turn *turn, struct fault *fault);
void turn_abort(struct turn *turn);

/* The bytes of an answer, in the turn's arena. */
struct bytes turn_answer_bytes(struct turn *turn, const struct answer *answer);
