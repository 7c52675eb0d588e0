/* Verification of the journal: its chain, its tree, its erasures and its signed heads. */
#pragma once

#include "proto/store/journal_head.h"

enum { JOURNAL_BROKEN = 1 };

/* Where a verification stands; zeroed at its start but for what it is given. */
struct journal_check {
    const struct public_key *key; /* given: whose signature every head must bear; NULL: signatures are not looked at */
    const struct journal_head *head; /* given: one that was kept elsewhere; NULL: none */
    uint64_t entries;                /* found whole so far */
    uint64_t erased;                 /* of these: payloads that were erased, as the journal says itself */
    uint64_t heads;                  /* signed heads that fit */
    uint64_t signed_entries;         /* covered by the last of them */
    struct hash hash;                /* chain hash of the last entry */
    struct merkle_peaks tree;        /* of the entries */
    bool done;                       /* the end was reached */
};

/* Checks up to `max` entries more. 0, or JOURNAL_BROKEN: the fault names the entry, node or head and what is wrong with it. What is cut off at the end is found by the last signed head; whoever can write the store can cut off the heads too: `head` is the
 * defence against that. */
int journal_check_some(const struct journal *journal, struct txn *txn, struct journal_check *check, size_t max,
                       struct fault *fault);
/* Checks to the end, in pieces, each in a transaction of its own: no old snapshot is kept while the dispatcher writes. Results as above.
 * progress: after each piece; NULL: nobody asks. */
int journal_verify(const struct journal *journal, struct store *store, struct journal_check *check, struct fault *fault,
                   void (*progress)(void *context, uint64_t done, uint64_t all), void *context);
