#include "dispatcher/engine/firing.h"

#include <inttypes.h>

#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/notices.h"
#include "dispatcher/engine/transition.h"

static void tell(struct draft *draft, enum verb verb, const struct clock *clock, const struct book_escalation *to)
{
    const struct task *task = case_task(&draft->record, clock->task);
    draft_add_step(draft, &(struct step){
                              .role = ROLE_SYSTEM,
                              .verb = verb,
                              .from = draft->record.state,
                              .to = draft->record.state,
                              .department = task ? task->department : "",
                              .worker = task ? task->worker : "",
                              .clock = clock->kind,
                              .note = to ? to->rule : NULL,
                          });
    notices_clock(draft, verb, clock, to);
}

static void warn(struct draft *draft, struct clock *clock)
{
    clock->warned++;
    clocks_set_warning(draft, clock);
    tell(draft, VERB_WARN, clock, NULL);
}

static void fire(struct draft *draft, struct clock *clock)
{
    clock->state = CLOCK_STATE_FIRED;
    clock->fired_at_ms = draft->in->now_ms;
    clock->warn_at_ms = 0;
    if (case_is_limit(&draft->record, clock)) /* who assists is late alone */
        draft->record.overdue = true;
    clocks_set_escalation(draft, clock);
    tell(draft, VERB_OVERDUE, clock, NULL);
}

static void escalate(struct draft *draft, struct clock *clock)
{
    int64_t level;
    const struct book_escalation *to = clocks_next_escalation(draft, clock, &level);
    clock->level = level;
    clocks_set_escalation(draft, clock);
    if (to) /* else book or priority have changed since */
        tell(draft, VERB_ESCALATE, clock, to);
}

/* ---- what follows from it ---- */

static void act_alone(struct draft *draft, enum verb verb, int64_t task)
{
    struct act act = act_of(verb, ROLE_SYSTEM, "");
    act.task = task;
    struct refusal refusal = transition_try(draft, &act, NULL);
    if (!refusal.status)
        transition_follow(draft);
}

/* Layered disposal: the tier's clock, or silence of a department that has one, takes the case up. */
static bool goes_up(const struct draft *draft, const struct clock *clock)
{
    const struct task *lead = case_lead_task(&draft->record);
    return lead && clock->task == lead->id &&
           (clock->kind == CLOCK_TIER ||
            (clock->kind == CLOCK_RECEIVE && clocks_limit(draft, CLOCK_TIER, lead)->unit != UNIT_NONE));
}

/* What the case does by itself then. The list of clocks may have moved after it. */
static void follow(struct draft *draft, struct clock *clock)
{
    if (clock->kind == CLOCK_TAKE)
        act_alone(draft, VERB_OFFER, clock->task);
    else if (goes_up(draft, clock))
        act_alone(draft, VERB_HAND_UP, clock->task);
}

/* One thing that is to happen at that moment, or false. One at a time: what follows may change the others. */
static bool run_one(struct draft *draft, int64_t due_ms)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        bool runs = clock->state == CLOCK_STATE_RUNNING;
        if (runs && clock->warn_at_ms && clock->warn_at_ms <= due_ms) {
            warn(draft, clock);
        } else if (runs && clock->deadline_ms <= due_ms && clock->kind == CLOCK_RESUME) {
            act_alone(draft, VERB_RESUME, 0);
        } else if (runs && clock->deadline_ms <= due_ms) {
            fire(draft, clock);
            follow(draft, &draft->record.clocks.items[i]);
        } else if (clock->state == CLOCK_STATE_FIRED && clock->escalate_at_ms && clock->escalate_at_ms <= due_ms) {
            escalate(draft, clock);
        } else {
            continue;
        }
        return true;
    }
    return false;
}

int64_t firing_next_ms(struct txn *txn)
{
    int64_t due_ms, id;
    return index_first(txn, "due", &due_ms, &id) == 0 ? due_ms + 1 : ORDER_NONE;
}

/* All that is due of the case, at `due_ms` by the list; *fired: how many. */
static int run_case(const struct scope *moment, int64_t id, int64_t due_ms, int *fired, struct fault *fault)
{
    struct draft draft;
    int result = draft_open(&draft, moment, id, fault);
    if (result < 0)
        return result;
    int told = 0;
    while (!result && case_next_due_ms(&draft.record) <= due_ms && run_one(&draft, due_ms))
        told++;
    if (!told)
        return fault_set(fault, -EBADMSG, "list 'due' names case %" PRId64 " at %" PRId64 ": it has no such clock", id,
                         due_ms);
    draft_put(&draft);
    *fired += told;
    return 0;
}

int firing_run(const struct scope *in, int64_t last_ms, int64_t until_ms, struct fault *fault)
{
    int fired = 0, result = 0;
    struct arena arena = { 0 }; /* of one case: after a night without the dispatcher thousands are due at once */
    struct scope moment = { in->book, in->txn, &arena, 0 };
    int64_t due_ms, id;
    while (!result && index_first(in->txn, "due", &due_ms, &id) == 0 && due_ms < until_ms) {
        arena_reset(&arena);
        moment.now_ms = due_ms > last_ms ? due_ms : last_ms;
        result = run_case(&moment, id, due_ms, &fired, fault);
    }
    arena_finish(&arena);
    return result ? result : fired;
}
