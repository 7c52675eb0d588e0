/* Replay: a journal applied to an empty store gives the same state, byte for byte: the proof of determinism and the
 * recovery of last resort. */
#pragma once

#include "dispatcher/turn.h"
#include "proto/base/crypto.h"

/* Where a replay gets the book of a hash from; NULL: it has none such. */
struct replay_books {
    const struct book *(*find)(void *context, const struct hash *hash);
    void *context;
};

/* A replay under way: zeroed but for what is set before. */
struct replay {
    struct turn *to; /* on an empty store */
    const struct replay_books *books;
    size_t inputs;    /* in one turn: how many makes no difference to the state */
    int64_t until_ms; /* no input of that moment or later is taken; 0: all are */
    /* Takes an entry in another way than replay_entry(); NULL: all as they were. 0, or an error. */
    int (*take)(struct replay *replay, const struct journal_entry *entry);
    void *context;
    void (*progress)(void *context, uint64_t done, uint64_t all); /* after each turn, entries; NULL: nobody asks */
    void *progress_context;
    uint64_t n;         /* the last entry taken */
    struct arena arena; /* of one entry */
    struct fault *fault;
};

/* Applies the journal in `from`. -EINVAL: `to` is not empty, an entry does not decode, or its book is not at hand. */
int replay_run(struct replay *replay, struct store *from, struct fault *fault);
/* The entry as it was, in the turn that is under way. */
int replay_entry(struct replay *replay, const struct journal_entry *entry);

/* All of it, as it was. *entries: how many were applied. */
int replay_journal(struct store *from, struct turn *to, const struct replay_books *books, size_t inputs,
                   uint64_t *entries, struct fault *fault);

/* BLAKE2b over every table, key and value of a cases environment, in order. */
int replay_state_hash(struct store *store, struct hash *hash, struct fault *fault);

/* Which tables differ, for a person: "cases, outbox"; "" where none does. `out` is the caller's. */
int replay_compare(struct store *a, struct store *b, struct buffer *out, struct fault *fault);
