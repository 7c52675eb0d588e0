/* Shrink: from a run that fails to the smallest that still fails in the same way. First a smaller plan (days, reports, classes of faults), then
 * fewer inputs of its tape: those of the case alone where that is enough, then by delta debugging (Zeller, Hildebrandt 2002).
 */
#pragma once

#include "test/sim/trial.h"

/* The smallest plan found with which the run fails as `wanted` says. */
struct plan shrink_plan(const struct plan *plan, const struct outcome *wanted);
/* Clears `keep` where an entry is not needed. Returns how many are left. */
size_t shrink_tape(const struct tape *tape, const struct outcome *wanted, bool *keep);
