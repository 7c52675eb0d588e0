#include "dispatcher/engine/effect.h"

#include <string.h>

#include "dispatcher/engine/assign.h"
#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/merge.h"
#include "dispatcher/engine/requests.h"
#include "dispatcher/engine/routing.h"
#include "dispatcher/engine/tasks.h"
#include "proto/book/permit.h"

enum { TASK_NOTE_BYTES = 1000 };

/* The act's own task, which may have moved with the list. */
static struct task *own_task(struct draft *draft, const struct act *act)
{
    return case_task(&draft->record, act->task);
}

static void keep_words(struct draft *draft, struct task *task, const struct act *act)
{
    if (!*act->note)
        return;
    task->note = draft_cut(draft->in, act->note, TASK_NOTE_BYTES);
    task->note_step = draft->record.steps; /* the act's own step comes after its effect */
}

static void keep_note(struct draft *draft, struct task *task, const struct act *act)
{
    keep_words(draft, task, act);
    draft_add_media(draft, &task->media, &act->media);
}

/* ---- before dispatch ---- */

static void classify(struct draft *draft, const struct act *act)
{
    struct case_file *record = &draft->record;
    if (act->service) {
        draft->service = act->service;
        draft->condition = act->condition;
        record->service = act->service->code;
        record->condition = act->condition ? act->condition->code : "";
        merge_set_cell(draft);
        clocks_reclassify(draft);
    }
    if (act->to_priority)
        record->priority = act->to_priority;
    routing_mark(draft);
}

static void reclassify(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)telling;
    classify(draft, act);
    draft->record.reclassified += draft->record.accepted_at_ms != 0;
}

static void accept_case(struct draft *draft, struct act *act, struct telling *telling)
{
    struct task *verifying = case_verify_task(&draft->record);
    if (act->service || act->to_priority)
        classify(draft, act);
    if (verifying && task_is_open(verifying))
        tasks_withdraw(draft, verifying, telling);
    draft->record.accepted_at_ms = draft->in->now_ms;
    draft->record.filed_by = act->actor;
}

static void verify(struct draft *draft, struct act *act, struct telling *telling)
{
    struct task *before = case_verify_task(&draft->record);
    if (before && task_is_open(before))
        tasks_withdraw(draft, before, telling);
    tasks_give(draft,
               &(struct recipient){ .role = TASK_ROLE_VERIFY,
                                    .department = act->worker->department,
                                    .code = act->worker->department ? act->worker->department->code : "",
                                    .named = act->worker,
                                    .rule = "" },
               telling);
}

static void end_verification(struct draft *draft, struct act *act, struct telling *telling)
{
    struct task *task = own_task(draft, act);
    tasks_finish(draft, task, TASK_DONE, telling);
    task->done_at_ms = draft->in->now_ms;
    task->done_by = act->actor;
    keep_note(draft, task, act);
    draft_add_media(draft, &draft->record.media, &act->media);
    draft->record.verified_at_ms = draft->in->now_ms;
    draft->record.verified_by = act->actor;
    draft->record.unfounded = act->verb == VERB_UNFOUNDED;
}

/* ---- to a department ---- */

static void give_to_target(struct draft *draft, const struct act *act, struct telling *telling)
{
    draft->record.dispatched_at_ms = draft->in->now_ms;
    draft->record.route_rule = act->rule;
    draft->record.no_rule = false; /* triage is over */
    tasks_give_lead(draft,
                    &(struct recipient){ .role = TASK_ROLE_LEAD,
                                         .department = act->target,
                                         .code = act->target->code,
                                         .named = act->worker,
                                         .rule = act->rule },
                    telling);
}

static void dispatch_case(struct draft *draft, struct act *act, struct telling *telling)
{
    give_to_target(draft, act, telling);
}

/* Straight from one department to the next. What the first one asked for is not for the next. */
static void pass_to_target(struct draft *draft, struct act *act, struct telling *telling)
{
    request_drop(draft);
    struct task *lead = case_lead_task(&draft->record),
                *assisting = case_assist_task(&draft->record, act->target->code);
    tasks_withdraw(draft, lead, telling);
    if (assisting) /* it leads now */
        tasks_withdraw(draft, assisting, telling);
    draft->record.transferred += act->verb == VERB_TRANSFER;
    draft->record.handed_up += act->verb == VERB_HAND_UP;
    give_to_target(draft, act, telling);
}

/* ---- on a task ---- */

/* The department that has the case has received it since the dispatch; a denied return and a rework take nothing back of that. */
static bool lead_has_received(const struct case_file *record)
{
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        if (task->role == TASK_ROLE_LEAD && task->received_at_ms && task->offered_at_ms >= record->dispatched_at_ms &&
            strcmp(task->department, record->department) == 0)
            return true;
    }
    return false;
}

/* Of those who are called together, who is first to receive is responsible, and stays so. */
static void lead_first(struct draft *draft, struct act *act)
{
    struct task *task = own_task(draft, act), *lead = case_lead_task(&draft->record);
    if (!act->aside || !lead || lead_has_received(&draft->record) || task->received_at_ms)
        return;
    request_drop(draft);
    lead->role = TASK_ROLE_ASSIST;
    task->role = TASK_ROLE_LEAD;
    draft->record.department = task->department;
    act->aside = false;
    clocks_change_lead(draft, lead, task);
    struct clock *clock = case_open_clock(&draft->record, CLOCK_DISPOSE);
    draft->record.deadline_ms = clock ? clock->deadline_ms : 0;
}

static void receive_task(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)telling;
    lead_first(draft, act);
    struct task *task = own_task(draft, act);
    task->state = TASK_RECEIVED;
    tasks_receive(draft, task);
}

static void assign_worker(struct draft *draft, struct act *act, struct telling *telling)
{
    act->task = tasks_assign(draft, own_task(draft, act), act->worker, telling)->id;
}

static void take_task(struct draft *draft, struct act *act, struct telling *telling)
{
    lead_first(draft, act);
    struct task *task = own_task(draft, act);
    tasks_take(draft, task, act->actor, telling);
    task->state = TASK_TAKEN;
}

static void arrive(struct draft *draft, struct act *act, struct telling *telling)
{
    struct task *task = own_task(draft, act);
    tasks_take(draft, task, act->actor, telling);
    task->state = TASK_ON_SITE;
    task->arrived_at_ms = draft->in->now_ms;
}

static void offer_next(struct draft *draft, struct act *act, struct telling *telling)
{
    tasks_pass_on(draft, own_task(draft, act), telling);
}

static void advance(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)telling;
    keep_note(draft, own_task(draft, act), act);
    if (draft->record.request.verb == VERB_EXTEND) /* of the limit that is over */
        request_drop(draft);
}

static void give_check(struct draft *draft, struct telling *telling)
{
    const struct assign_search search = { .not_disposers = true };
    const struct book_person *worker = draft->service && draft->service->check_task && !draft->service->auto_check
                                           ? assign_best(draft, &search)
                                           : NULL;
    if (worker)
        tasks_give(draft,
                   &(struct recipient){ .role = TASK_ROLE_CHECK,
                                        .department = worker->department,
                                        .code = worker->department ? worker->department->code : "",
                                        .named = worker,
                                        .rule = "" },
                   telling);
}

static void self_dispose(struct draft *draft, struct act *act, struct telling *telling)
{
    struct case_file *record = &draft->record;
    int64_t now_ms = draft->in->now_ms;
    struct task *task = draft_add_task(draft, &(struct task){ .role = TASK_ROLE_LEAD,
                                                              .state = TASK_DONE,
                                                              .department = act->department,
                                                              .worker = act->actor,
                                                              .offered_at_ms = now_ms,
                                                              .received_at_ms = now_ms,
                                                              .taken_at_ms = now_ms,
                                                              .done_at_ms = now_ms,
                                                              .done_by = act->actor,
                                                              .note = "",
                                                              .rule = "" });
    keep_note(draft, task, act);
    record->department = act->department;
    record->self_disposed = true;
    record->no_rule = false;
    record->route_rule = "";
    record->accepted_at_ms = record->dispatched_at_ms = record->received_at_ms = record->disposed_at_ms = now_ms;
    give_check(draft, telling);
}

static void dispose(struct draft *draft, struct act *act, struct telling *telling)
{
    struct task *task = own_task(draft, act);
    if (act->role == ROLE_WORKER)
        tasks_take(draft, task, act->actor, telling);
    tasks_receive(draft, task);
    if (task->state != TASK_DONE)
        task->done_at_ms = draft->in->now_ms;
    tasks_finish(draft, task, TASK_DONE, telling);
    task->done_by = act->actor; /* a liaison who reports a worker's work: both stay known, the worker as task->worker */
    keep_note(draft, task, act);
    if (act->inside || act->aside)
        return;
    draft->record.disposed_at_ms = draft->in->now_ms;
    give_check(draft, telling);
}

static void join(struct draft *draft, struct act *act, struct telling *telling)
{
    act->task = tasks_give(draft,
                           &(struct recipient){ .role = TASK_ROLE_ASSIST,
                                                .department = act->target,
                                                .code = act->target->code,
                                                .named = act->worker,
                                                .rule = "" },
                           telling)
                    ->id;
}

static void release(struct draft *draft, struct act *act, struct telling *telling)
{
    tasks_withdraw(draft, own_task(draft, act), telling);
}

/* ---- back ---- */

static void ask_return(struct draft *draft, struct act *act, struct telling *telling)
{
    struct task *task = own_task(draft, act);
    tasks_finish(draft, task, TASK_RETURNED, telling);
    keep_words(draft, task, act);
    names_add(draft->in->arena, &telling->workers, task->worker);
}

/* The case is the desk's again, as it was before dispatch. */
static void leave_departments(struct draft *draft, struct telling *telling)
{
    names_add(draft->in->arena, &telling->departments, draft->record.department);
    tasks_withdraw_open(draft, telling);
    draft->record.department = "";
    draft->record.dispatched_at_ms = draft->record.received_at_ms = 0;
    draft->record.route_rule = "";
}

static void confirm_return(struct draft *draft, struct act *act, struct telling *telling)
{
    const struct task *returned = case_last_lead(&draft->record);
    (void)act;
    if (returned)
        names_add(draft->in->arena, &telling->workers, returned->worker);
    leave_departments(draft, telling);
    draft->record.returned++;
}

static void give_back(struct draft *draft, struct act *act, struct telling *telling)
{
    int64_t returned = case_last_lead(&draft->record)->id;
    (void)act;
    tasks_give_lead_again(draft, telling);
    clocks_move_to(draft, returned, case_lead_task(&draft->record)->id);
}

/* The worker who was to look hears that somebody else has. */
static void end_check(struct draft *draft, const struct act *act, struct telling *telling)
{
    for (size_t i = 0; i < draft->record.tasks.count; i++) {
        struct task *task = &draft->record.tasks.items[i];
        if (task->role != TASK_ROLE_CHECK || !task_is_open(task))
            continue;
        tasks_finish(draft, task, TASK_DONE, telling);
        task->done_at_ms = draft->in->now_ms;
        task->done_by = act->actor;
        names_add(draft->in->arena, &telling->workers, task->worker);
    }
}

static void rework(struct draft *draft, struct act *act, struct telling *telling)
{
    end_check(draft, act, telling);
    draft->record.reworked++;
    draft->record.disposed_at_ms = draft->record.checked_at_ms = 0; /* the failed round's times stay in its task */
    draft->record.checked_by = "";
    tasks_give_lead_again(draft, telling);
}

static void check(struct draft *draft, struct act *act, struct telling *telling)
{
    end_check(draft, act, telling);
    draft->record.checked_at_ms = draft->in->now_ms;
    draft->record.checked_by = act->actor;
}

/* ---- the end, and after it ---- */

static void close_case(struct draft *draft, struct act *act, struct telling *telling)
{
    tasks_withdraw_open(draft, telling);
    draft->record.closed_at_ms = draft->in->now_ms;
    draft->record.closed_by = act->actor;
    if (!draft->record.answered_at_ms)
        draft->record.answered_at_ms = draft->in->now_ms;
}

static void end_case(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)act;
    tasks_withdraw_open(draft, telling);
    draft->record.suspended_until_ms = 0;
    draft->record.former = CASE_NONE;
    if (!draft->record.answered_at_ms)
        draft->record.answered_at_ms = draft->in->now_ms;
}

static void merge(struct draft *draft, struct act *act, struct telling *telling)
{
    tasks_withdraw_open(draft, telling);
    merge_apply(draft, act, telling);
}

static void reopen(struct draft *draft, struct act *act, struct telling *telling)
{
    struct case_file *record = &draft->record;
    const struct task *lead = case_lead_task(record);
    (void)act;
    if (lead) /* whose work it was hears that it was not enough */
        names_add(draft->in->arena, &telling->workers, lead->worker);
    leave_departments(draft, telling);
    if (record->appeal == APPEAL_GRANTED)
        clocks_excuse(draft);
    record->appeal = APPEAL_NONE; /* what was asked is of the closing that holds no more */
    record->reopened++;
    if (record->state == CASE_REFUSED || record->state == CASE_CANCELLED) { /* whether it is filed is asked once more */
        record->accepted_at_ms = 0;
        record->filed_by = "";
    }
    record->disposed_at_ms = record->checked_at_ms = record->closed_at_ms = record->deadline_ms = 0;
    record->checked_by = record->closed_by = "";
    record->score = 0;
    record->solved = record->unfounded = false;
}

static void rate(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)telling;
    draft->record.score = act->score;
    draft->record.solved = act->solved;
}

static void appeal(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)telling;
    draft->record.appeal = act->verb == VERB_APPEAL         ? APPEAL_ASKED
                           : act->verb == VERB_GRANT_APPEAL ? APPEAL_GRANTED
                                                            : APPEAL_DENIED;
}

/* ---- beside ---- */

static void urge(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)act;
    (void)telling;
    draft->record.urged++;
}

static void supervise(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)telling;
    draft->record.supervised_by = *act->to_person ? act->to_person : act->actor;
}

static void end_supervision(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)act;
    telling->supervisor = draft->record.supervised_by;
    draft->record.supervised_by = "";
}

static void reply(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)act;
    (void)telling;
    if (!draft->record.answered_at_ms)
        draft->record.answered_at_ms = draft->in->now_ms;
}

static void acknowledge(struct draft *draft, struct act *act, struct telling *telling)
{
    const struct permit_person person = { act->role, act->actor, act->department };
    (void)telling;
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        if (!permit_acknowledges(&person, &draft->record, clock))
            continue;
        clock->acknowledged_at_ms = draft->in->now_ms;
        clock->acknowledged_by = act->actor;
        clock->escalate_at_ms = 0;
    }
}

static void ask_request(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)telling;
    request_ask(draft, act);
}

static void drop_request(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)act;
    (void)telling;
    request_drop(draft);
}

static void grant_extension(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)act;
    (void)telling;
    extension_grant(draft);
}

static void grant_suspension(struct draft *draft, struct act *act, struct telling *telling)
{
    acknowledge(draft, act, telling); /* who grants it knows what has run out */
    suspension_grant(draft);
}

static void resume(struct draft *draft, struct act *act, struct telling *telling)
{
    (void)act;
    (void)telling;
    suspension_end(draft);
}

static void (*const effects[])(struct draft *draft, struct act *act, struct telling *telling) = {
    [VERB_ACCEPT] = accept_case,
    [VERB_RECLASSIFY] = reclassify,
    [VERB_VERIFY] = verify,
    [VERB_CONFIRM] = end_verification,
    [VERB_UNFOUNDED] = end_verification,
    [VERB_SELF_DISPOSE] = self_dispose,
    [VERB_DISPATCH] = dispatch_case,
    [VERB_TRANSFER] = pass_to_target,
    [VERB_HAND_UP] = pass_to_target,
    [VERB_JOIN] = join,
    [VERB_RELEASE] = release,
    [VERB_RECEIVE] = receive_task,
    [VERB_ASSIGN] = assign_worker,
    [VERB_OFFER] = offer_next,
    [VERB_TAKE] = take_task,
    [VERB_ARRIVE] = arrive,
    [VERB_ADVANCE] = advance,
    [VERB_DISPOSE] = dispose,
    [VERB_RETURN] = ask_return,
    [VERB_CONFIRM_RETURN] = confirm_return,
    [VERB_DENY_RETURN] = give_back,
    [VERB_EXTEND] = ask_request,
    [VERB_GRANT_EXTENSION] = grant_extension,
    [VERB_DENY_EXTENSION] = drop_request,
    [VERB_SUSPEND] = ask_request,
    [VERB_GRANT_SUSPENSION] = grant_suspension,
    [VERB_DENY_SUSPENSION] = drop_request,
    [VERB_RESUME] = resume,
    [VERB_CHECK] = check,
    [VERB_REWORK] = rework,
    [VERB_CLOSE] = close_case,
    [VERB_REFUSE] = end_case,
    [VERB_CANCEL] = end_case,
    [VERB_MERGE] = merge,
    [VERB_UNMERGE] = unmerge_apply,
    [VERB_SPLIT] = split_apply,
    [VERB_REOPEN] = reopen,
    [VERB_RATE] = rate,
    [VERB_APPEAL] = appeal,
    [VERB_GRANT_APPEAL] = appeal,
    [VERB_DENY_APPEAL] = appeal,
    [VERB_URGE] = urge,
    [VERB_SUPERVISE] = supervise,
    [VERB_END_SUPERVISION] = end_supervision,
    [VERB_REPLY] = reply,
    [VERB_ACKNOWLEDGE] = acknowledge,
};

void effect_apply(struct draft *draft, struct act *act, struct telling *telling)
{
    if ((size_t)act->verb < sizeof effects / sizeof *effects && effects[act->verb])
        effects[act->verb](draft, act, telling);
}
