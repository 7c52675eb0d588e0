#include "test/sim/plan.h"

#include "proto/base/timestamp.h"
#include "test/sim/chance.h"

const char *const plan_fault_names[FAULT_COUNT] = {
#define FAULT_NAME(name, text) text,
    FAULTS(FAULT_NAME)
#undef FAULT_NAME
};

struct plan plan_of_seed(uint64_t seed, int64_t days, int64_t reports_per_day)
{
    static const int64_t busy_s[] = { 0, 60, 120, 300, 300, 300, 600, 600, 600, 900, 900, 900 };
    static const int64_t replay_inputs[] = { 1, 3, 50, 1000, INT64_MAX };
    struct dice dice = chance_begin(seed, 0);
    struct plan plan = { .seed = seed, .days = days, .reports_per_day = reports_per_day };
    for (int fault = 0; fault < FAULT_COUNT; fault++)
        plan.faults |= (uint32_t)chance(&dice, 400) << fault;
    plan.busy_ms = busy_s[dice_roll(&dice, sizeof busy_s / sizeof *busy_s)] * MS_PER_SECOND;
    /* a replay costs as much as what it repeats: mostly the first day, in some runs all of it */
    plan.replay_at_ms = between(&dice, 1, (chance(&dice, 100) ? days : 1) * (int64_t)MS_PER_DAY);
    plan.replay_inputs = replay_inputs[dice_roll(&dice, sizeof replay_inputs / sizeof *replay_inputs)];
    return plan;
}
