/* Rest: the faults end, nobody reports any more, and everybody does the obvious. Then every case must end, and no clock be left. */
#include <inttypes.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/checks.h"
#include "test/sim/sim.h"

enum { ROUND_MS = 10 * MS_PER_MINUTE, QUIET_ROUNDS = 6, ROUNDS_MAX = 40 * 24 * 6 };

/* The first of the staff who may and would bring the case on. */
static bool bring_on(struct sim *sim, struct seen_case *seen)
{
    const struct district *district = sim_district(sim);
    struct command command;
    for (int person = 0; person < district->person_count; person++)
        if (habits_concern(district->people[person].role, seen->record.state) &&
            oracle_on_duty(&sim->oracle, district, person, sim->now_ms) &&
            habits_choose(sim, person, seen, true, &command)) {
            channel_send(sim, &command, seen->birth, (struct birth){ 0 }, 0);
            return true;
        }
    return false;
}

static size_t make_round(struct sim *sim, int64_t round)
{
    size_t open = 0;
    for (size_t i = 0; i < sim->view.count; i++) {
        struct seen_case *seen = &sim->view.cases[i];
        if (!case_state_is_open(seen->record.state))
            continue;
        open++;
        bool news = seen->record.revision != seen->acted_on;
        if (news || round % QUIET_ROUNDS == (int64_t)(i % QUIET_ROUNDS)) /* perhaps somebody has come on duty */
            bring_on(sim, seen);
        seen->acted_on = seen->record.revision;
    }
    return open;
}

/* What is on its way still comes: letters, turns. */
static void pass(struct sim *sim, int64_t until_ms)
{
    while (agenda_first(&sim->agenda) && agenda_first(&sim->agenda)->at_ms < until_ms && !sim->verdict.failed) {
        struct agenda_item item = agenda_take(&sim->agenda);
        sim->now_ms = item.at_ms;
        item.happen(sim, &item);
    }
    sim->now_ms = until_ms;
    channel_wake(sim, sim->now_ms);
}

static void name_restless(struct sim *sim)
{
    for (size_t i = 0; i < sim->view.count; i++)
        if (case_state_is_open(sim->view.cases[i].record.state))
            verdict_fail(&sim->verdict, CHECK_REST, sim->view.cases[i].record.id, "case %s stays %s",
                         sim->view.cases[i].record.number,
                         enum_name(&case_state_desc, (int)sim->view.cases[i].record.state));
}

static void no_clock_is_left(struct sim *sim)
{
    for (size_t i = 0; i < sim->view.count; i++) {
        const struct case_file *record = &sim->view.cases[i].record;
        for (size_t j = 0; j < record->clocks.count; j++)
            if (clock_is_open(&record->clocks.items[j]))
                verdict_fail(&sim->verdict, CHECK_REST, record->id, "case %s is %s, its clock %" PRId64 " (%s) is %s",
                             record->number, enum_name(&case_state_desc, (int)record->state),
                             record->clocks.items[j].id, enum_name(&clock_kind_desc, (int)record->clocks.items[j].kind),
                             enum_name(&clock_state_desc, (int)record->clocks.items[j].state));
    }
    if (sim->station.next_due_ms != ORDER_NONE)
        verdict_fail(&sim->verdict, CHECK_REST, 0, "all cases have ended, yet something is due at %" PRId64,
                     sim->station.next_due_ms);
}

void sim_rest(struct sim *sim)
{
    sim->resting = true;
    sim->peopled = false; /* from here on everybody looks at everything */
    agenda_clear(&sim->agenda);
    sim->now_ms = sim->station.town.now_ms > sim->now_ms ? sim->station.town.now_ms : sim->now_ms;
    sim->now_ms = sim->station.engine_ms > sim->now_ms ? sim->station.engine_ms : sim->now_ms;
    channel_calm(sim);
    size_t open = 1;
    for (int64_t round = 0; open && round < ROUNDS_MAX && !sim->verdict.failed; round++) {
        pass(sim, sim->now_ms + ROUND_MS);
        open = make_round(sim, round);
    }
    pass(sim, sim->now_ms + ROUND_MS);
    if (open)
        name_restless(sim);
    no_clock_is_left(sim);
}
