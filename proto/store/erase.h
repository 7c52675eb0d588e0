/* Erasure of personal data, with a mark left (invariant I6). What a person wrote stands in the event log, in the journal's payloads
 * and in what the engine made of them; who the person is, in the contacts. An erasure takes the words out of all of these and leaves
 * everything that the engine decides by (service, place, times, ids), so that a replay of the journal still gives the same state, with
 * ERASED_MARK in the place of the words.
 *
 * An erasure is an input: a journal entry of kind INPUT_ERASURE, whose payload is the record below. Chain and tree stay whole, because
 * they commit to a payload by its hash (journal.h); verification checks that an erased entry and its erasure name each other.
 *
 * Not reached: pages of the LMDB file that were freed and not used again yet, backups, exports, logs of other systems.
 */
#pragma once

#include "proto/record/event.h"
#include "proto/store/journal.h"

/* In the place of words. What an engine makes of words it may shorten, but never to less than this. */
#define ERASED_MARK "[erased 已删除]"

#define ERASURE_FIELDS(X) \
    X(1, INT, entry, 0)       /* the journal entry whose words are gone; 0: the contact alone */ \
    X(2, INT, event_seq, 0)   /* the report that it is about; 0: a command */ \
    X(3, TEXT, left_hash, 64) /* BLAKE2b-256, hex, of what is left of the entry's payload */ \
    X(4, TEXT, actor, 64)     /* who erased */ \
    X(5, TEXT, reason, 1000)  /* why: must not tell the words again */ \
    X(6, INT, at_ms, 0)
RECORD_DECLARE(erasure, ERASURE_FIELDS)

enum { ERASE_NOTHING = 1, ERASE_ALREADY = 2 };

/* ---- one payload ---- */

/* Appends what is left of an event or a command: the same record, with the mark for its words. ERASE_NOTHING: it has none, or is of
 * another kind. Fields that this version does not know could be words: they go. */
int erase_words(enum input_kind kind, struct bytes payload, struct arena *arena, struct buffer *left,
                struct fault *fault);

/* ---- the cases environment ---- */

/* All in one: journals the erasure and applies it. In: entry (0: only the mark is journaled), event_seq where entry is 0, actor, reason,
 * at_ms; the rest is filled in. *n: the erasure's entry. -ENOENT: no such entry. */
int erase_in_journal(const struct journal *journal, struct txn *txn, struct erasure *erasure, struct arena *arena,
                     uint64_t *n, struct fault *fault);

/* The two halves of it, for a turn that journals its inputs itself and for a replay. */
int erase_prepare(const struct journal *journal, struct txn *txn, struct erasure *erasure, struct arena *arena,
                  struct fault *fault);
/* `n`: the erasure's own entry, which is in the journal. Once or again: the outcome is the same. */
int erase_apply(const struct journal *journal, struct txn *txn, uint64_t n, const struct erasure *erasure,
                struct arena *arena, struct fault *fault);

/* Takes the words of one input out of its case, and out of those to which they went on: titles, texts and addresses, tasks, requests,
 * histories and notices. `left`: what is left of its payload. Goes by structure alone (who, what, when), never by the words, so that live
 * and at a replay the same is marked. */
int erase_in_case(struct txn *txn, enum input_kind kind, int64_t at_ms, struct bytes left, struct arena *arena,
                  struct fault *fault);
