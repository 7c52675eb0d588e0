/* Handsets without a network. What their worker does goes into a queue; when the network is back it is sent, by its old ids and revisions, as late,
 * doubled and disordered as the network likes. A dead battery is a longer spell.
 */
#include "proto/base/timestamp.h"
#include "test/sim/sim.h"

enum { STEPS_MAX = 4 };

static void lose_network(struct sim *sim, const struct agenda_item *item)
{
    struct dice *dice = &sim->people.dice;
    bool dead = plan_has(&sim->plan, FAULT_BATTERIES) && (!plan_has(&sim->plan, FAULT_OFFLINE) || chance(dice, 100));
    int person = (int)item->a;
    sim->people.away_until_ms[person] =
        sim->now_ms + (dead ? about_ms(dice, 8 * (int64_t)MS_PER_HOUR) : about_ms(dice, 20 * MS_PER_MINUTE));
    int64_t next_ms = sim->people.away_until_ms[person] + about_ms(dice, 6 * (int64_t)MS_PER_HOUR);
    if (next_ms < sim->end_ms)
        agenda_enter(&sim->agenda, (struct agenda_item){ .at_ms = next_ms, .happen = lose_network, .a = person });
}

/* Some leave before their shift ends; and who comes back says so. */
static void tell_presence(struct sim *sim, const struct agenda_item *item)
{
    struct dice *dice = &sim->people.dice;
    const struct district *district = sim_district(sim);
    int person = (int)item->a;
    bool leaves = item->b == 0 && chance(dice, 150);
    struct command command = { .actor = district->people[person].id,
                               .role = ROLE_WORKER,
                               .verb = leaves ? VERB_AWAY : VERB_HERE,
                               .department = district->departments[district->people[person].department].code,
                               .lat = 39.9 + (double)dice_roll(dice, 160000) * 1e-6,
                               .lon = 116.4 + (double)dice_roll(dice, 8000) * 1e-6,
                               .happened_at_ms = sim->now_ms };
    channel_send(sim, &command, (struct birth){ 0 }, (struct birth){ 0 }, 0);
    int64_t next_ms = sim->now_ms + about_ms(dice, 5 * (int64_t)MS_PER_HOUR);
    if (next_ms < sim->end_ms)
        agenda_enter(&sim->agenda,
                     (struct agenda_item){ .at_ms = next_ms, .happen = tell_presence, .a = person, .b = leaves });
}

static void open_presence(struct sim *sim)
{
    const struct district *district = sim_district(sim);
    for (int i = 0; i < district->person_count; i++)
        if (district->people[i].role == ROLE_WORKER)
            agenda_enter(
                &sim->agenda,
                (struct agenda_item){ .at_ms = sim->start_ms + about_ms(&sim->people.dice, 4 * (int64_t)MS_PER_HOUR),
                                      .happen = tell_presence,
                                      .a = i });
}

void handsets_open(struct sim *sim)
{
    const struct district *district = sim_district(sim);
    open_presence(sim);
    if (!plan_has(&sim->plan, FAULT_OFFLINE) && !plan_has(&sim->plan, FAULT_BATTERIES))
        return;
    for (int i = 0; i < district->person_count; i++)
        if (district->people[i].role == ROLE_WORKER)
            agenda_enter(
                &sim->agenda,
                (struct agenda_item){ .at_ms = sim->start_ms + about_ms(&sim->people.dice, 4 * (int64_t)MS_PER_HOUR),
                                      .happen = lose_network,
                                      .a = i });
}

/* The state that the handset believes the case to be in after that. */
static void believe(struct case_file *record, enum verb verb)
{
    const struct transition *row = transition_find(record->state, verb);
    if (row && row->to != CASE_NONE)
        record->state = row->to;
}

bool handsets_queue(struct sim *sim, int person, struct seen_case *seen)
{
    struct dice *dice = &sim->people.dice;
    const struct person_plan *who = &sim_district(sim)->people[person];
    bool spells = plan_has(&sim->plan, FAULT_OFFLINE) || plan_has(&sim->plan, FAULT_BATTERIES);
    if (who->role != ROLE_WORKER || !spells || !chance(dice, 150))
        return false;
    enum case_state state = seen->record.state;
    int64_t after_ms = about_ms(dice, 15 * MS_PER_MINUTE); /* until there is a network again */
    for (int i = 0; i < STEPS_MAX; i++) {
        struct command command;
        if (!habits_choose(sim, person, seen, true, &command))
            break;
        command.happened_at_ms = sim->now_ms + i * 5 * MS_PER_MINUTE;
        channel_send(sim, &command, seen->birth, (struct birth){ 0 }, after_ms + between(dice, 0, 2000));
        enum case_state before = seen->record.state;
        believe(&seen->record, command.verb);
        if (before == seen->record.state && command.verb != VERB_TAKE)
            break;
    }
    seen->record.state = state;
    return true;
}
