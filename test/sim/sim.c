#include "test/sim/sim.h"

#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/checks.h"

static bool open_sim(struct sim *sim, const struct plan *plan)
{
    memset(sim, 0, sizeof *sim);
    sim->plan = sim->tape.plan = *plan;
    district_invent(&sim->districts[0], plan->seed, plan->days);
    sim->dice = chance_begin(plan->seed, 6);
    sim->districts[1] = sim->districts[0];
    district_change(&sim->districts[1], &sim->dice);
    oracle_begin(&sim->oracle, sim->districts[0].first_day);
    sim->start_ms = sim->now_ms = sim->districts[0].first_day * MS_PER_DAY;
    sim->end_ms = sim->start_ms + plan->days * MS_PER_DAY;
    channel_open(sim);
    readers_open(sim);
    return station_open(sim);
}

void sim_finish(struct sim *sim)
{
    if (sim->spool)
        fclose(sim->spool);
    agenda_finish(&sim->agenda);
    tape_finish(&sim->tape);
    station_finish(&sim->station);
    view_finish(&sim->view);
    channel_finish(&sim->channel);
    verdict_finish(&sim->verdict);
}

static void live_until(struct sim *sim, int64_t until_ms)
{
    while (agenda_first(&sim->agenda) && agenda_first(&sim->agenda)->at_ms < until_ms && !sim->verdict.failed) {
        struct agenda_item item = agenda_take(&sim->agenda);
        sim->now_ms = item.at_ms;
        item.happen(sim, &item);
    }
}

static bool end(struct sim *sim)
{
    if (!sim->verdict.failed)
        sim_rest(sim);
    if (!sim->verdict.failed)
        check_all(sim);
    return !sim->verdict.failed;
}

bool sim_run(struct sim *sim, const struct plan *plan, const char *spool)
{
    if (!open_sim(sim, plan))
        return false;
    sim->spool = spool ? fopen(spool, "w") : NULL;
    if (sim->spool)
        tape_write(&sim->tape, NULL, sim->spool);
    sim->peopled = true;
    people_open(sim);
    live_until(sim, sim->end_ms);
    return end(sim);
}

bool sim_play(struct sim *sim, struct tape *tape)
{
    struct plan plan = tape->plan;
    if (!open_sim(sim, &plan))
        return false;
    sim->tape = *tape;
    *tape = (struct tape){ 0 };
    for (size_t at = 0; at < sim->tape.count && !sim->verdict.failed;)
        at += sim->tape.entries[at].kind == TAPE_TURN ? station_play(sim, at) : 1;
    return end(sim);
}
