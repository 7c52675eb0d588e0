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
    static const int64_t busy_ms[] = { 0, 5000, 60 * 1000, 300 * 1000, 300 * 1000, 600 * 1000, 600 * 1000, 900 * 1000 };
    static const int64_t replay_inputs[] = { 1, 3, 50, 1000, INT64_MAX };
    struct dice dice = chance_begin(seed, 0);
    struct plan plan = { .seed = seed, .days = days, .reports_per_day = reports_per_day };
    for (int fault = 0; fault < FAULT_COUNT; fault++)
        plan.faults |= (uint32_t)chance(&dice, 400) << fault;
    plan.busy_ms = busy_ms[dice_roll(&dice, sizeof busy_ms / sizeof *busy_ms)];
    /* the early days more often: a replay costs as much as what it repeats */
    plan.replay_at_ms = between(&dice, 1, days * MS_PER_DAY / (between(&dice, 1, 4)));
    plan.replay_inputs = replay_inputs[dice_roll(&dice, sizeof replay_inputs / sizeof *replay_inputs)];
    return plan;
}
