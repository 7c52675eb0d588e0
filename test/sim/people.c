#include "test/sim/people.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/sim.h"

enum { OFF_DUTY_LOOK_MS = 20 * MS_PER_MINUTE };

/* X(role, state, how long until somebody of that role comes to a case in that state: the middle) */
#define PACES(X) \
    X(OPERATOR, REPORTED, 2) \
    X(OPERATOR, ACCEPTED, 2) \
    X(OPERATOR, DISPOSED, 10) \
    X(OPERATOR, CHECKED, 4) \
    X(WORKER, DISPATCHED, 3) \
    X(WORKER, VERIFYING, 5) \
    X(WORKER, RECEIVED, 12) \
    X(WORKER, IN_PROGRESS, 20) \
    X(WORKER, DISPOSED, 30) \
    X(LIAISON, DISPATCHED, 5) \
    X(LEADER, SUSPENDED, 240) \
    X(LEADER, CLOSED, 120)
enum { PACE_MINUTES = 8, LATE_FACTOR = 20 };

static int64_t pace_ms(struct sim *sim, enum role role, enum case_state state)
{
    static const struct {
        enum role role;
        enum case_state state;
        int64_t minutes;
    } paces[] = {
#define PACE_ROW(role, state, minutes) { ROLE_##role, CASE_##state, minutes },
        PACES(PACE_ROW)
#undef PACE_ROW
    };
    int64_t middle = PACE_MINUTES;
    for (size_t i = 0; i < sizeof paces / sizeof *paces; i++)
        if (paces[i].role == role && paces[i].state == state)
            middle = paces[i].minutes;
    bool late = plan_has(&sim->plan, FAULT_LATE) && role == ROLE_LIAISON && chance(&sim->people.dice, 300);
    return about_ms(&sim->people.dice, middle * MS_PER_MINUTE) * (late ? LATE_FACTOR : 1);
}

/* ---- looking ---- */

static void look(struct sim *sim, const struct agenda_item *item);

static void look_after(struct sim *sim, int person, int64_t case_id, int64_t after_ms)
{
    agenda_enter(&sim->agenda,
                 (struct agenda_item){ .at_ms = sim->now_ms + after_ms, .happen = look, .a = person, .b = case_id });
}

/* Whoever will look at it anyway does not look twice. */
static void look_once(struct sim *sim, int person, int64_t case_id, int64_t after_ms)
{
    struct seen_case *seen = view_case(&sim->view, case_id);
    if (seen->lookers >> person & 1)
        return;
    seen->lookers |= UINT64_C(1) << person;
    look_after(sim, person, case_id, after_ms);
}

static void grow_stale(struct sim *sim, struct command *command)
{
    struct dice *dice = &sim->people.dice;
    if (plan_has(&sim->plan, FAULT_STALE) && command->revision && chance(dice, 100))
        command->revision -= between(dice, 1, 3);
}

static void act(struct sim *sim, int person, struct seen_case *seen)
{
    struct dice *dice = &sim->people.dice;
    struct command command;
    if (seen->acted_on == seen->record.revision && !chance(dice, 100))
        return;
    if (plan_has(&sim->plan, FAULT_BUTTONS) && chance(dice, 40))
        habits_press_anything(sim, person, seen, &command);
    else if (!habits_choose(sim, person, seen, false, &command))
        return;
    grow_stale(sim, &command);
    struct birth to = { 0 };
    for (size_t i = sim->view.count; command.to_case && i-- > 0 && !to.seq;)
        if (sim->view.cases[i].record.number == command.to_case)
            to = sim->view.cases[i].birth;
    seen->acted_on = seen->record.revision;
    channel_send(sim, &command, seen->birth, to, 0);
}

static void look(struct sim *sim, const struct agenda_item *item)
{
    int person = (int)item->a;
    struct seen_case *seen = view_case(&sim->view, item->b);
    int64_t away_ms = sim->people.away_until_ms[person] - sim->now_ms;
    if (away_ms > 0)
        look_after(sim, person, item->b, away_ms + between(&sim->people.dice, 0, 5 * MS_PER_MINUTE));
    else if (!oracle_on_duty(&sim->oracle, sim_district(sim), person, sim->now_ms))
        look_after(sim, person, item->b, OFF_DUTY_LOOK_MS);
    else {
        seen->lookers &= ~(UINT64_C(1) << person);
        if (!handsets_queue(sim, person, seen))
            act(sim, person, seen);
    }
}

/* ---- hearing ---- */

static int colleague(struct sim *sim, enum role role, int department, int64_t number)
{
    const struct district *district = sim_district(sim);
    int count = 0, found = -1;
    for (int i = 0; i < district->person_count; i++)
        count += district->people[i].role == role && district->people[i].department == department;
    number = count ? number % count : 0;
    for (int i = 0; count && i < district->person_count; i++)
        if (district->people[i].role == role && district->people[i].department == department && number-- == 0)
            found = i;
    return found;
}

/* Somebody of that role comes to the case, if there is something for them to bring on, and now and then without. */
static void concern(struct sim *sim, enum role role, int person, const struct notice *notice)
{
    if (person >= 0 && (habits_concern(role, notice->state) || chance(&sim->people.dice, 10)))
        look_once(sim, person, notice->case_id, pace_ms(sim, role, notice->state));
}

/* A look even where nothing can be brought on. */
static void wonder(struct sim *sim, enum role role, int person, const struct notice *notice)
{
    if (person >= 0)
        look_once(sim, person, notice->case_id, pace_ms(sim, role, notice->state));
}

void people_hear(struct sim *sim, const struct notice *notice)
{
    const struct district *district = sim_district(sim);
    if (strcmp(notice->topic, "desk") == 0) {
        concern(sim, ROLE_OPERATOR, colleague(sim, ROLE_OPERATOR, -1, notice->case_id), notice);
        if (chance(&sim->people.dice, 15))
            wonder(sim, ROLE_LEADER, colleague(sim, ROLE_LEADER, -1, notice->case_id), notice);
    } else if (strcmp(notice->topic, "leader") == 0) {
        wonder(sim, ROLE_LEADER, colleague(sim, ROLE_LEADER, -1, notice->case_id), notice);
    } else if (strncmp(notice->topic, "dept/", 5) == 0) {
        int department = district_department(district, notice->topic + 5);
        concern(sim, ROLE_LIAISON, colleague(sim, ROLE_LIAISON, department, notice->case_id), notice);
    } else if (strncmp(notice->topic, "worker/", 7) == 0) {
        concern(sim, ROLE_WORKER, district_person(district, notice->topic + 7), notice);
    } else if (strncmp(notice->topic, "receipt/", 8) == 0) {
        residents_hear(sim, notice);
    }
}

void people_open(struct sim *sim)
{
    sim->people.dice = chance_begin(sim->plan.seed, 4);
    residents_open(sim);
    handsets_open(sim);
}
