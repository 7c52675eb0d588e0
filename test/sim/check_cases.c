/* States, exclusiveness, receipts, effects: what a case and its history say of each other and of those who sent something. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/store/presence.h"
#include "test/sim/checks.h"
#include "test/sim/sim.h"
#include "tools/benches/grow.h"

/* ---- states ---- */

/* Said in any state; or by the clocks. */
static bool changes_no_state(enum verb verb)
{
    return verb == VERB_NOTE || verb == VERB_ATTACH || verb == VERB_WARN || verb == VERB_OVERDUE ||
           verb == VERB_ESCALATE || verb == VERB_MERGE || verb == VERB_SPLIT || verb == VERB_UNMERGE ||
           verb == VERB_EVIDENCE;
}

static bool begins_a_case(const struct step *step)
{
    return (step->verb == VERB_REPORT && step->from == CASE_NONE && step->to == CASE_REPORTED) ||
           (step->verb == VERB_SPLIT && step->from == CASE_REPORTED && step->to == CASE_REPORTED);
}

static const char *wrong_with_step(const struct step *step, const struct step *before)
{
    const struct transition *row = transition_find(step->from, step->verb);
    if (!before)
        return begins_a_case(step) ? NULL : "begins no case";
    if (step->from != before->to)
        return "does not begin where the one before it ended";
    if (step->at_ms < before->at_ms)
        return "is earlier than the one before it";
    if (!row)
        return changes_no_state(step->verb) && step->from == step->to ? NULL : "is not in the table";
    if (!(row->roles & ROLE_BIT(step->role)) && !changes_no_state(step->verb))
        return "was not for that role";
    if (row->to != CASE_NONE && step->to != row->to && step->to != step->from)
        return "leads to another state than the table";
    return NULL;
}

void check_states_case(struct sim *sim, const struct seen_case *seen, const struct step_list *steps)
{
    const struct case_file *record = &seen->record;
    for (size_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];
        const char *wrong = wrong_with_step(step, i ? step - 1 : NULL);
        if (wrong)
            verdict_fail(&sim->verdict, CHECK_STATES, record->id, "step %zu (%s by %s as %s, %s → %s) %s", i + 1,
                         enum_name(&verb_desc, (int)step->verb), step->actor, enum_name(&role_desc, (int)step->role),
                         enum_name(&case_state_desc, (int)step->from), enum_name(&case_state_desc, (int)step->to),
                         wrong);
    }
    if (!steps->count || record->state != steps->items[steps->count - 1].to ||
        record->revision != (int64_t)steps->count || record->steps != record->revision)
        verdict_fail(&sim->verdict, CHECK_STATES, record->id, "case %s: revision %" PRId64 ", %zu steps, state %s",
                     record->number, record->revision, steps->count, enum_name(&case_state_desc, (int)record->state));
}

/* ---- exclusive ---- */

static bool is_on_duty(struct sim *sim, const char *worker, int64_t at_ms)
{
    for (int book = 0; book < STATION_BOOKS; book++) {
        int person = district_person(&sim->districts[book], worker);
        if (person >= 0 && oracle_on_duty(&sim->oracle, &sim->districts[book], person, at_ms))
            return true;
    }
    return false;
}

/* Gone before, and not back yet. */
static bool is_away(struct sim *sim, const char *worker, int64_t at_ms)
{
    struct presence presence;
    struct txn *txn = txn_begin_read(sim->station.town.store);
    presence_get(txn, worker, &sim->view.scratch, &presence);
    txn_abort(txn);
    return presence.away && presence.at_ms < at_ms;
}

/* Those whom the engine asked; whom a person names may be anywhere. */
static void check_offers(struct sim *sim, const struct seen_case *seen, const struct task *old, const struct task *task)
{
    size_t before = old ? old->offers.count : 0;
    for (size_t i = before; i < task->offers.count && !seen->worker_is_named; i++) {
        const struct offer *offer = &task->offers.items[i];
        if (!is_on_duty(sim, offer->worker, offer->at_ms) || is_away(sim, offer->worker, offer->at_ms))
            verdict_fail(&sim->verdict, CHECK_EXCLUSIVE, seen->record.id,
                         "task %" PRId64 " is offered to %s, who is off duty", task->id, offer->worker);
    }
}

static bool is_taken(const struct task *task)
{
    return task->state == TASK_TAKEN || task->state == TASK_ON_SITE || task->state == TASK_DONE;
}

void check_exclusive_step(struct sim *sim, const struct case_file *old, const struct seen_case *seen)
{
    const struct case_file *record = &seen->record;
    int leads = 0;
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        leads += task->role == TASK_ROLE_LEAD && task_is_open(task);
        check_offers(sim, seen, i < old->tasks.count ? &old->tasks.items[i] : NULL, task);
        if (is_taken(task) && task_has_open_offers(task))
            verdict_fail(&sim->verdict, CHECK_EXCLUSIVE, record->id,
                         "task %" PRId64 " is %s's, and still offered to others", task->id, task->worker);
    }
    if (leads > 1)
        verdict_fail(&sim->verdict, CHECK_EXCLUSIVE, record->id, "case %s has %d open lead tasks", record->number,
                     leads);
}

static bool disposes(enum verb verb)
{
    return verb == VERB_DISPOSE || verb == VERB_SELF_DISPOSE;
}

void check_exclusive_case(struct sim *sim, const struct seen_case *seen, const struct step_list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];
        if (step->role == ROLE_SYSTEM || (step->verb != VERB_CHECK && step->verb != VERB_CLOSE))
            continue;
        for (size_t j = 0; j < i; j++)
            if (disposes(steps->items[j].verb) && strcmp(steps->items[j].actor, step->actor) == 0)
                verdict_fail(&sim->verdict, CHECK_EXCLUSIVE, seen->record.id,
                             "%s disposed in step %zu and did %s in %zu", step->actor, j + 1,
                             enum_name(&verb_desc, (int)step->verb), i + 1);
    }
}

/* ---- receipts ---- */

/* How many voices may come of it: of a report one; of a rating none; that something is not solved is a word more while the case is open. */
static bool may_be_voices(enum event_kind kind, int64_t voices)
{
    return kind == EVENT_RATING ? voices == 0 : kind == EVENT_REOPEN ? voices <= 1 : voices == 1;
}

static void check_receipt(struct sim *sim, struct txn *txn, const struct event *event, int64_t voices)
{
    int64_t id = 0;
    int found = case_find_receipt(txn, (uint64_t)event->seq, &id);
    const struct seen_case *seen = found == 0 ? view_case(&sim->view, id) : NULL;
    bool is_voice = false;
    for (size_t i = 0; seen && i < seen->record.voices.count; i++)
        is_voice |= seen->record.voices.items[i].seq == event->seq;
    if (!may_be_voices(event->kind, voices) || (found == 0) != (voices == 1) || is_voice != (voices == 1))
        verdict_fail(&sim->verdict, CHECK_RECEIPTS, id,
                     "report %" PRId64 " (%s) %s, and is %" PRId64 " voices of cases", event->seq,
                     enum_name(&event_kind_desc, (int)event->kind),
                     !seen       ? "has no case"
                     : !is_voice ? "has a case that does not know it"
                                 : "has a case",
                     voices);
}

void check_receipts(struct sim *sim)
{
    int64_t *voices = allocate((size_t)sim->station.cursor + 1, sizeof *voices);
    for (size_t i = 0; i < sim->view.count; i++) {
        const struct case_file *record = &sim->view.cases[i].record;
        for (size_t j = 0; record->state != CASE_MERGED && j < record->voices.count; j++)
            if (record->voices.items[j].seq <= sim->station.cursor)
                voices[record->voices.items[j].seq]++;
    }
    struct txn *txn = txn_begin_read(sim->station.town.store);
    for (size_t i = 0; i < sim->station.log_count; i++) {
        struct event event;
        arena_reset(&sim->view.scratch);
        if (record_decode(&event_desc, sim->station.log[i].bytes, &sim->view.scratch, &event, NULL) == 0)
            check_receipt(sim, txn, &event, voices[event.seq]);
    }
    txn_abort(txn);
    free(voices);
}

/* ---- effects ---- */

/* Something that somebody did to a case: as the history has it, or as it was answered. */
struct effect {
    int64_t case_id;
    enum verb verb;
    const char *actor;
};

struct effects {
    struct effect *items;
    size_t count, room;
};

static void add_effect(struct effects *effects, struct effect effect)
{
    effects->items = grow(effects->items, effects->count, &effects->room, sizeof *effects->items);
    effects->items[effects->count++] = effect;
}

static int compare_effects(const void *a, const void *b)
{
    const struct effect *left = a, *right = b;
    if (left->case_id != right->case_id)
        return left->case_id < right->case_id ? -1 : 1;
    if (left->verb != right->verb)
        return left->verb < right->verb ? -1 : 1;
    return strcmp(left->actor, right->actor);
}

/* A verb that is about two cases stands in both histories; it was done on the one whose state it moved, or whose report it took. */
static bool by_command(const struct step *step, size_t n)
{
    bool of_other = step->verb == VERB_SPLIT                                 ? n == 0
                    : step->verb == VERB_MERGE || step->verb == VERB_UNMERGE ? step->from == step->to
                                                                             : false;
    bool of_event = step->verb == VERB_REPORT || step->verb == VERB_ATTACH || step->verb == VERB_SELF_DISPOSE;
    bool by_staff = step->role == ROLE_WORKER || step->role == ROLE_LIAISON || step->role == ROLE_OPERATOR ||
                    step->role == ROLE_LEADER;
    return by_staff && !of_event && !of_other;
}

static size_t run_of(const struct effects *effects, size_t at, const struct effect *like)
{
    size_t count = 0;
    while (at + count < effects->count && compare_effects(&effects->items[at + count], like) == 0)
        count++;
    return count;
}

static void compare(struct sim *sim, struct effects *told, struct effects *done, const struct effects *unsure)
{
    for (size_t i = 0, j = 0; i < told->count || j < done->count;) {
        bool left = j == done->count || (i < told->count && compare_effects(&told->items[i], &done->items[j]) <= 0);
        struct effect effect = left ? told->items[i] : done->items[j];
        size_t in_history = run_of(told, i, &effect), answered = run_of(done, j, &effect), perhaps = 0;
        for (size_t k = 0; k < unsure->count; k++)
            perhaps += compare_effects(&unsure->items[k], &effect) == 0;
        if (in_history < answered || in_history > answered + perhaps)
            verdict_fail(&sim->verdict, CHECK_EFFECTS, effect.case_id,
                         "%s did %s %zu times by the history, and was told ok %zu times", effect.actor,
                         enum_name(&verb_desc, (int)effect.verb), in_history, answered);
        i += in_history;
        j += answered;
    }
}

void check_effects(struct sim *sim)
{
    struct effects told = { 0 }, done = { 0 }, unsure = { 0 };
    struct arena arena = { 0 };
    struct txn *txn = txn_begin_read(sim->station.town.store);
    for (size_t i = 0; i < sim->view.count; i++) {
        struct step_list steps;
        if (step_list_of(txn, &sim->view.cases[i].record, &arena, &steps, NULL) != 0)
            continue;
        for (size_t j = 0; j < steps.count; j++)
            if (by_command(&steps.items[j], j))
                add_effect(&told, (struct effect){ (int64_t)i + 1, steps.items[j].verb, steps.items[j].actor });
    }
    txn_abort(txn);
    for (size_t i = 0; i < sim->station.deed_room; i++) {
        const struct deed *deed = &sim->station.deeds[i];
        bool of_case = !verb_is_of_no_case(deed->verb);
        if (deed->given && of_case && (!deed->answered || deed->answer.status == ANSWER_OK))
            add_effect(deed->answered ? &done : &unsure, (struct effect){ deed->case_id, deed->verb, deed->actor });
    }
    qsort(told.items, told.count, sizeof *told.items, compare_effects);
    qsort(done.items, done.count, sizeof *done.items, compare_effects);
    compare(sim, &told, &done, &unsure);
    arena_finish(&arena);
    free(told.items);
    free(done.items);
    free(unsure.items);
}
