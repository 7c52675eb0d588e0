/* Plan: what one run is made of. It follows from the seed, but for what the command line says otherwise; a failing run is made smaller by
 * another plan of the same seed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Classes of faults and bad habits; each seed has some of them (swarm testing: Groce et al. 2012). */
#define FAULTS(X) \
    X(REPEATS, "repeats")         /* the network hands a command over twice */ \
    X(DELAYS, "delays")           /* … minutes or hours late */ \
    X(LOSSES, "losses")           /* … or not, and its sender tries again */ \
    X(ABORTS, "aborts")           /* the dispatcher dies before a commit */ \
    X(SILENCES, "silences")       /* … after a commit, before it answers */ \
    X(POWER_CUTS, "power-cuts")   /* … in the middle of a commit, with torn pages */ \
    X(OUTAGES, "outages")         /* it is down for a while */ \
    X(CLOCK_JUMPS, "clock-jumps") /* its machine's clock is set, forward and back */ \
    X(NEW_BOOKS, "new-books")     /* it restarts with another book */ \
    X(LOG_AGAIN, "log-again")     /* the log hands out what was taken already */ \
    X(OFFLINE, "offline")         /* handsets without a network: commands queue, and come late, twice, in disorder */ \
    X(BATTERIES, "batteries")     /* … dead for hours, their queues delivered the next day */ \
    X(BUTTONS, \
      "buttons")      /* people press what they may not, on cases that are not theirs, with nonsense in the fields */ \
    X(STALE, "stale") /* people act on what they saw long ago */ \
    X(IGNORING, "ignoring") /* liaisons and workers who do not look */ \
    X(BOUNCING, "bouncing") /* liaisons who give everything back */ \
    X(LATE, "late")         /* liaisons who come hours later */ \
    X(BURSTS, "bursts")     /* a whole street reports the same burst pipe */ \
    X(NONSENSE, "nonsense") /* events that name what is not in the book */

enum fault_class {
#define FAULT_ENUM(name, text) FAULT_##name,
    FAULTS(FAULT_ENUM)
#undef FAULT_ENUM
        FAULT_COUNT
};

struct plan {
    uint64_t seed;
    int64_t days;
    int64_t reports_per_day;
    uint32_t faults; /* bits 1 << enum fault_class */
    int64_t busy_ms; /* a turn begins so long after the last one at the earliest: what came in between is one turn's */
    int64_t replay_at_ms;  /* since the start: when the journal so far is replayed */
    int64_t replay_inputs; /* a turn of that replay */
};

/* `days`, `reports_per_day`: given; the rest follows from the seed. */
struct plan plan_of_seed(uint64_t seed, int64_t days, int64_t reports_per_day);

static inline bool plan_has(const struct plan *plan, enum fault_class fault)
{
    return plan->faults >> fault & 1;
}

extern const char *const plan_fault_names[FAULT_COUNT];
