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

/* Applies all of the journal in `from` to `to` (a turn on an empty store), `inputs` at a time: how many makes no difference to the state.
 * *entries: how many were applied. -EINVAL: `to` is not empty, an entry does not decode, or its book is not at hand. */
int replay_journal(struct store *from, struct turn *to, const struct replay_books *books, size_t inputs,
                   uint64_t *entries, struct fault *fault);

/* BLAKE2b over every table, key and value of a cases environment, in order. */
int replay_state_hash(struct store *store, struct hash *hash, struct fault *fault);

/* Which tables differ, for a person: "cases, outbox"; "" where none does. `out` is the caller's. */
int replay_compare(struct store *a, struct store *b, struct buffer *out, struct fault *fault);
