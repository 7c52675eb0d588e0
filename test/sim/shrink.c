#include "test/sim/shrink.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "proto/record/event.h"
#include "test/sim/sim.h"
#include "tools/benches/grow.h"

enum { TRIALS_MAX = 600 };

struct shrinking {
    const struct tape *tape;
    const struct outcome *wanted;
    struct outcome *found; /* of the last trial */
    size_t trials;
};

static bool is_wanted(const struct shrinking *shrinking)
{
    const struct outcome *found = shrinking->found, *wanted = shrinking->wanted;
    return found->failed && found->checker == wanted->checker && found->signal == wanted->signal;
}

static bool fails(struct shrinking *shrinking, const struct trial *trial)
{
    if (shrinking->trials >= TRIALS_MAX)
        return false;
    shrinking->trials++;
    trial_run(trial, shrinking->found);
    return is_wanted(shrinking);
}

/* ---- plans ---- */

struct plan shrink_plan(const struct plan *plan, const struct outcome *wanted)
{
    struct shrinking shrinking = { .wanted = wanted, .found = trial_outcomes(1) };
    struct plan best = *plan;
    for (int64_t days = 1; days < best.days; days++) {
        struct trial trial = { .plan = plan_of_seed(plan->seed, days, best.reports_per_day) };
        trial.plan.faults = plan->faults;
        if (fails(&shrinking, &trial))
            best = trial.plan;
    }
    for (int64_t reports = best.reports_per_day / 2; reports >= 5; reports /= 2) {
        struct trial trial = { .plan = best };
        trial.plan.reports_per_day = reports;
        if (!fails(&shrinking, &trial))
            break;
        best = trial.plan;
    }
    for (int fault = 0; fault < FAULT_COUNT; fault++) {
        struct trial trial = { .plan = best };
        trial.plan.faults &= ~(1u << fault);
        if (plan_has(&best, (enum fault_class)fault) && fails(&shrinking, &trial))
            best = trial.plan;
    }
    munmap(shrinking.found, sizeof *shrinking.found);
    return best;
}

/* ---- tapes ---- */

static bool is_of_case(const struct tape_entry *entry, struct birth birth)
{
    if (entry->kind == TAPE_EVENT)
        return entry->seq == birth.seq;
    return entry->kind != TAPE_COMMAND || entry->about.seq == birth.seq || entry->to.seq == birth.seq;
}

/* Most mistakes are those of one case. */
static void keep_case_alone(struct shrinking *shrinking, bool *keep)
{
    const struct tape *tape = shrinking->tape;
    struct trial trial = { .plan = tape->plan, .tape = tape };
    bool *alone = allocate(tape->count, sizeof *alone);
    for (size_t i = 0; i < tape->count; i++)
        alone[i] = is_of_case(&tape->entries[i], shrinking->wanted->birth);
    trial.keep = alone;
    if (shrinking->wanted->birth.seq && fails(shrinking, &trial))
        memcpy(keep, alone, tape->count * sizeof *keep);
    free(alone);
}

/* Without the `size` kept entries from the n-th on. */
static bool try_without(struct shrinking *shrinking, bool *keep, size_t n, size_t size)
{
    const struct tape *tape = shrinking->tape;
    bool *fewer = allocate(tape->count, sizeof *fewer);
    size_t seen = 0;
    for (size_t i = 0; i < tape->count; i++) {
        fewer[i] = keep[i] && (seen < n || seen >= n + size);
        seen += keep[i];
    }
    struct trial trial = { .plan = tape->plan, .tape = tape, .keep = fewer };
    bool failed = fails(shrinking, &trial);
    if (failed)
        memcpy(keep, fewer, tape->count * sizeof *keep);
    free(fewer);
    return failed;
}

static size_t kept(const struct tape *tape, const bool *keep)
{
    size_t count = 0;
    for (size_t i = 0; i < tape->count; i++)
        count += keep[i];
    return count;
}

size_t shrink_tape(const struct tape *tape, const struct outcome *wanted, bool *keep)
{
    struct shrinking shrinking = { .tape = tape, .wanted = wanted, .found = trial_outcomes(1) };
    keep_case_alone(&shrinking, keep);
    size_t count = kept(tape, keep);
    for (size_t size = count / 2; size >= 1; size = size > 1 ? size / 2 : 0) {
        for (size_t n = 0; n < count;) {
            bool smaller = try_without(&shrinking, keep, n, size);
            n += smaller ? 0 : size;
            count = kept(tape, keep);
        }
    }
    munmap(shrinking.found, sizeof *shrinking.found);
    return count;
}
