#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/permit.h"
#include "test/sim/sim.h"

/* X(verb, share of operators, leaders, liaisons, workers; whether it brings the case on). Of what a person may do at a look one is drawn by
 * these shares, beside NOTHING. A verb that the table gives nobody is never drawn, whatever stands here. */
#define HABITS(X) \
    X(ACCEPT, 90, 40, 0, 0, true) \
    X(VERIFY, 3, 2, 0, 0, false) \
    X(REFUSE, 3, 2, 0, 0, false) \
    X(RECLASSIFY, 4, 2, 0, 0, false) \
    X(MERGE, 3, 2, 0, 0, false) \
    X(UNMERGE, 200, 20, 0, 0, false) \
    X(CONFIRM, 0, 0, 0, 80, true) \
    X(UNFOUNDED, 0, 0, 0, 15, false) \
    X(DISPATCH, 90, 40, 0, 0, true) \
    X(RECEIVE, 0, 0, 50, 0, true) \
    X(ASSIGN, 0, 0, 50, 0, true) \
    X(TAKE, 0, 0, 0, 90, true) \
    X(ARRIVE, 0, 0, 0, 90, true) \
    X(ADVANCE, 0, 0, 10, 20, false) \
    X(DISPOSE, 0, 0, 90, 90, true) \
    X(RETURN, 0, 0, 2, 1, false) \
    X(CONFIRM_RETURN, 0, 70, 0, 0, true) \
    X(DENY_RETURN, 0, 30, 0, 0, false) \
    X(TRANSFER, 0, 10, 0, 0, false) \
    X(HAND_UP, 0, 0, 10, 0, false) \
    X(JOIN, 5, 15, 0, 0, false) \
    X(RELEASE, 20, 20, 0, 0, false) \
    X(EXTEND, 0, 0, 6, 0, false) \
    X(GRANT_EXTENSION, 0, 250, 0, 0, false) \
    X(DENY_EXTENSION, 0, 70, 0, 0, false) \
    X(SUSPEND, 1, 1, 4, 0, false) \
    X(GRANT_SUSPENSION, 0, 250, 0, 0, false) \
    X(DENY_SUSPENSION, 0, 70, 0, 0, false) \
    X(RESUME, 0, 30, 0, 0, true) \
    X(CHECK, 85, 20, 0, 60, true) \
    X(REWORK, 5, 2, 0, 6, false) \
    X(CLOSE, 95, 20, 0, 0, true) \
    X(URGE, 1, 2, 0, 0, false) \
    X(SUPERVISE, 0, 15, 0, 0, false) \
    X(END_SUPERVISION, 0, 30, 0, 0, false) \
    X(ACKNOWLEDGE, 8, 8, 8, 0, false) \
    X(REPLY, 4, 2, 3, 0, false) \
    X(SPLIT, 15, 5, 0, 0, false) \
    X(CANCEL, 0, 4, 0, 0, false) \
    X(REOPEN, 0, 30, 0, 0, false) \
    X(APPEAL, 0, 0, 200, 0, false) \
    X(GRANT_APPEAL, 0, 200, 0, 0, false) \
    X(DENY_APPEAL, 0, 150, 0, 0, false) \
    X(NOTE, 1, 1, 1, 1, false)
enum { NOTHING = 8, NOTHING_TO_BRING_ON = 100, NOTHING_IGNORING = 120, BOUNCING = 6, RETURNS_MAX = 3, OFFERS_MAX = 20 };

static const struct habit {
    unsigned share[4];
    bool brings_on;
} habits[] = {
#define HABIT_ROW(verb, operator, leader, liaison, worker, on) \
    [VERB_##verb] = { { operator, leader, liaison, worker }, on },
    HABITS(HABIT_ROW)
#undef HABIT_ROW
};
enum { VERB_COUNT = sizeof habits / sizeof *habits };

static int column_of(enum role role)
{
    switch (role) {
    case ROLE_OPERATOR:
        return 0;
    case ROLE_LEADER:
        return 1;
    case ROLE_LIAISON:
        return 2;
    default:
        return 3;
    }
}

static const struct habit *habit_of(enum verb verb)
{
    static const struct habit none = { 0 };
    return (int)verb < VERB_COUNT ? &habits[verb] : &none;
}

/* The rows of a state, found once: everybody asks for them all the time. */
static const struct transition *rows_of(enum case_state state, size_t *count)
{
    static struct {
        const struct transition *rows;
        size_t count;
    } known[CASE_STATE_COUNT];
    if (!known[state].rows)
        known[state].rows = transitions_of(state, &known[state].count);
    *count = known[state].count;
    return known[state].rows;
}

bool habits_concern(enum role role, enum case_state state)
{
    size_t count;
    const struct transition *rows = rows_of(state, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].roles & ROLE_BIT(role) && habit_of(rows[i].verb)->brings_on &&
            habit_of(rows[i].verb)->share[column_of(role)])
            return true;
    return false;
}

/* ---- what a verb needs ---- */

static const char *some_worker(struct sim *sim, const char *department, bool on_duty)
{
    struct dice *dice = &sim->people.dice;
    const struct district *district = sim_district(sim);
    int wanted = district_department(district, department), found = -1;
    for (int i = 0, seen = 0; i < district->person_count; i++)
        if (district->people[i].role == ROLE_WORKER && district->people[i].department == wanted &&
            (!on_duty || oracle_on_duty(&sim->oracle, district, i, sim->station.engine_ms)) &&
            dice_roll(dice, (uint64_t)++seen) == 0)
            found = i;
    return found < 0 ? "" : district->people[found].id;
}

static bool fill_other_case(struct sim *sim, const struct seen_case *seen, struct command *command)
{
    if (!sim->view.count)
        return false;
    size_t back = (size_t)between(&sim->people.dice, 0, 30) % sim->view.count;
    const struct seen_case *other = &sim->view.cases[sim->view.count - 1 - back];
    command->to_case = other->record.number;
    return other != seen && other->record.number;
}

static void fill_service(struct sim *sim, struct command *command)
{
    struct dice *dice = &sim->people.dice;
    const struct service_plan *service = &sim_district(sim)->services[dice_roll(dice, DISTRICT_SERVICES)];
    command->to_service = service->code;
    command->to_condition = service->conditions[dice_roll(dice, (uint64_t)service->condition_count)].code;
    command->to_priority = between(dice, 0, 5);
}

static void fill_position(struct sim *sim, struct command *command)
{
    command->lat = 39.9 + (double)dice_roll(&sim->people.dice, 160000) * 1e-6;
    command->lon = 116.4 + (double)dice_roll(&sim->people.dice, 8000) * 1e-6;
}

static struct permit_person asker(const struct district *district, const struct person_plan *who)
{
    return (struct permit_person){ who->role, who->id,
                                   who->department < 0 ? "" : district->departments[who->department].code };
}

/* Where no rule has a case, the desk names the department. */
static bool has_route(const struct sim *sim, const struct case_file *record)
{
    const struct book_department *department = NULL;
    return book_route(sim->station.town.book, record, sim->station.engine_ms, &department) && department;
}

bool habits_fill(struct sim *sim, int person, const struct seen_case *seen, const struct transition *row, bool obvious,
                 struct command *command)
{
    struct dice *dice = &sim->people.dice;
    const struct district *district = sim_district(sim);
    const struct person_plan *who = &district->people[person];
    const struct case_file *record = &seen->record;
    const struct permit_person asks = asker(district, who);
    const struct task *task = permit_task(&asks, record, row->verb);
    *command = (struct command){ .actor = who->id, .role = who->role, .verb = row->verb };
    command->department = asks.department;
    command->case_number = record->number;
    command->revision = obvious || chance(dice, 700) ? record->revision : 0;
    command->happened_at_ms = sim->now_ms;
    if (row->needs & NEEDS_REASON || chance(dice, 100))
        command->reason = "现场情况如此";
    if (row->needs & NEEDS_DEPARTMENT ||
        (row->verb == VERB_DISPATCH && (!has_route(sim, record) || (!obvious && chance(dice, 50)))))
        command->to_department = district->departments[dice_roll(dice, DISTRICT_DEPARTMENTS)].code;
    if (row->needs & NEEDS_WORKER)
        command->to_worker = some_worker(sim, task ? task->department : "", obvious || chance(dice, 900));
    if (row->verb == VERB_SUPERVISE && chance(dice, 300))
        command->to_person = district->people[dice_roll(dice, (uint64_t)district->person_count)].id;
    if (row->verb == VERB_ACCEPT && !obvious && chance(dice, 30))
        fill_service(sim, command);
    if (who->role == ROLE_WORKER && chance(dice, 300))
        fill_position(sim, command);
    if (row->needs & NEEDS_SCORE)
        command->score = between(dice, 1, 5);
    if (row->needs & NEEDS_UNTIL)
        command->until_ms = sim->station.engine_ms + about_ms(dice, 6 * MS_PER_HOUR);
    if (row->needs & NEEDS_VOICE && record->voices.count)
        command->voice_seq = record->voices.items[dice_roll(dice, record->voices.count)].seq;
    if (row->needs & NEEDS_SERVICE)
        fill_service(sim, command);
    if (row->needs & NEEDS_CASE && !fill_other_case(sim, seen, command))
        return false;
    return !(row->needs & NEEDS_WORKER) || *command->to_worker;
}

/* ---- what would be sensible ---- */

/* Of what is allowed some would be a rash thing to do. */
static bool would(const struct sim *sim, const struct permit_person *person, const struct case_file *record,
                  enum verb verb)
{
    const struct task *task = permit_task(person, record, verb);
    const struct district *district = sim_district(sim);
    int department = task ? district_department(district, task->department) : -1;
    bool engine_assigns = department >= 0 && strcmp(district->departments[department].assignment, "liaison") != 0;
    bool named = task && (*task->worker || task_has_open_offers(task));
    bool done = task && task->state == TASK_DONE;
    if (verb == VERB_RETURN) /* not for ever: not even the worst do */
        return task && task->state == TASK_OFFERED && record->returned < RETURNS_MAX;
    if (verb == VERB_HAND_UP && strcmp(person->department, district->departments[DISTRICT_STATION].code) < 0)
        return false; /* there is nobody above it */
    if (verb == VERB_TRANSFER || verb == VERB_HAND_UP || verb == VERB_REOPEN)
        return record->transferred + record->handed_up + record->reopened < RETURNS_MAX;
    if (person->role != ROLE_LIAISON)
        return true;
    if (verb == VERB_ASSIGN)
        return !named && !done && (!task || task->offers.count < OFFERS_MAX); /* if nobody takes it, not for ever */
    if (verb == VERB_RECEIVE)
        return !named || !engine_assigns;
    return verb != VERB_DISPOSE || done || !named; /* the worker first, then the report for the department */
}

static unsigned share_of(const struct sim *sim, enum role role, enum verb verb)
{
    unsigned share = habit_of(verb)->share[column_of(role)];
    bool bounces = verb == VERB_RETURN && role == ROLE_LIAISON && plan_has(&sim->plan, FAULT_BOUNCING);
    return bounces ? BOUNCING : share;
}

/* The share of a row for this person at this case; 0: it is not for them, or not now. */
static unsigned weigh(const struct sim *sim, const struct permit_person *person, const struct case_file *record,
                      const struct transition *row, bool obvious)
{
    unsigned share = obvious ? habit_of(row->verb)->brings_on * habit_of(row->verb)->share[column_of(person->role)]
                             : share_of(sim, person->role, row->verb);
    if (!share || !(row->roles & ROLE_BIT(person->role)) || !would(sim, person, record, row->verb))
        return 0;
    return permit_ask(sim->station.town.book, person, record, row->verb) == PERMIT_GIVEN ? share : 0;
}

bool habits_choose(struct sim *sim, int person, const struct seen_case *seen, bool obvious, struct command *command)
{
    const struct district *district = sim_district(sim);
    const struct person_plan *who = &district->people[person];
    const struct permit_person asks = asker(district, who);
    size_t count;
    const struct transition *rows = rows_of(seen->record.state, &count), *drawn = NULL;
    bool ignores = plan_has(&sim->plan, FAULT_IGNORING) && (who->role == ROLE_LIAISON || who->role == ROLE_WORKER);
    unsigned all = 0, brings_on = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned share = weigh(sim, &asks, &seen->record, &rows[i], obvious);
        all += share;
        brings_on += habit_of(rows[i].verb)->brings_on ? share : 0;
        if (share && dice_roll(&sim->people.dice, all) < share)
            drawn = &rows[i];
    }
    unsigned nothing = ignores ? NOTHING_IGNORING : brings_on ? NOTHING : NOTHING_TO_BRING_ON;
    if (!obvious && dice_roll(&sim->people.dice, all + nothing) >= all)
        return false;
    return drawn && habits_fill(sim, person, seen, drawn, obvious, command);
}

void habits_press_anything(struct sim *sim, int person, const struct seen_case *seen, struct command *command)
{
    struct dice *dice = &sim->people.dice;
    const struct district *district = sim_district(sim);
    struct transition row = { .verb = (enum verb)dice_roll(dice, VERB_COUNT), .needs = (unsigned)dice_roll(dice, 256) };
    habits_fill(sim, person, seen, &row, false, command);
    if (chance(dice, 300))
        command->to_worker = district->people[dice_roll(dice, (uint64_t)district->person_count)].id;
    if (chance(dice, 100))
        command->case_number = "SIM-20260105-9999";
    if (chance(dice, 200))
        command->revision = seen->record.revision + between(dice, -3, 2);
    if (chance(dice, 100))
        command->until_ms = between(dice, -1000, 1000);
}
