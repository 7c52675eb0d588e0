/* Clocks: which verbs start and stop which, and what happens when one runs out. */
#pragma once

#include "dispatcher/engine/draft.h"
#include "proto/store/case_index.h"

/* Stops and starts the clocks of the verb's row, after its effect on the case. */
void clocks_follow(struct draft *draft, enum verb verb);

/* The first moment at which something fires or warns; ORDER_NONE where nothing does. */
int64_t clocks_next_ms(struct txn *txn);

/* Fires and warns, for all cases, whatever lies before `until_ms`; each at its own moment, or at `last_ms` where that has passed.
 * Returns how many; <0: the store holds what cannot be. */
int clocks_fire_due(const struct scope *in, int64_t last_ms, int64_t until_ms, struct fault *fault);
