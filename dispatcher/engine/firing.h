/* Firing: what happens when the moment of a clock comes: it warns, runs out, is taken to somebody higher, or moves its case on. */
#pragma once

#include "dispatcher/engine/draft.h"
#include "proto/store/case_index.h"

/* The first moment at which something fires or warns; ORDER_NONE where nothing does. */
int64_t firing_next_ms(struct txn *txn);

/* Fires and warns, for all cases, whatever lies before `until_ms`; each at its own moment, or at `last_ms` where that has passed.
 * Returns how many; <0: the store holds what cannot be. */
int firing_run(const struct scope *in, int64_t last_ms, int64_t until_ms, struct fault *fault);
