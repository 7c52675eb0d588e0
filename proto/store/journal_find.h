/* Finding entries: the journal has no index but its own order. */
#pragma once

#include "proto/store/journal.h"

/* Binary search: the entry after the last one that is before what is looked for; 1 where none is. `compare` says of an entry whether
 * it is. */
enum journal_order { JOURNAL_BEFORE, JOURNAL_NOT_BEFORE, JOURNAL_UNORDERED /* ask the next one */ };
int journal_search(const struct journal *journal, struct txn *txn,
                   enum journal_order (*compare)(void *context, const struct journal_entry *entry), void *context,
                   uint64_t *n, struct fault *fault);

/* The entry of the event with that sequence number, also where it is erased; 1: the dispatcher has not taken it. */
int journal_find_event(const struct journal *journal, struct txn *txn, int64_t seq, uint64_t *n, struct fault *fault);
