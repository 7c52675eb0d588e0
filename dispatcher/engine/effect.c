#include "dispatcher/engine/effect.h"

#include <string.h>

#include "dispatcher/engine/assign.h"

enum { TASK_NOTE_BYTES = 1000 };

/* A new lead task, at a worker on duty where the book wants that. `preferred`: who had it before, or was named. */
static void give(struct draft *draft, const struct book_department *department, const char *code,
                 const struct book_person *named, const char *preferred, const char *rule, struct telling *telling)
{
    const struct scope *in = draft->in;
    const struct book_person *worker = named;
    if (!worker && department && department->assignment == ASSIGNMENT_ASSIGN) {
        worker = assign_choose(draft, department, preferred);
        if (!worker)
            telling->text = arena_format(in->arena, "nobody of %s is on duty for this place: its liaison assigns",
                                         department->name.en);
    }
    const char *name = worker                                                      ? worker->id
                       : department && department->assignment == ASSIGNMENT_ASSIGN ? ""
                       : preferred                                                 ? preferred
                                                                                   : "";
    draft_add_task(draft, &(struct task){
                              .role = TASK_ROLE_LEAD,
                              .state = TASK_OFFERED,
                              .department = code,
                              .worker = name,
                              .offered_at_ms = in->now_ms,
                              .done_by = "",
                              .note = "",
                              .rule = rule,
                          });
    draft->record.department = code;
    draft->record.received_at_ms = 0;
}

/* Once more to the department, and if possible the worker, that had it. */
static void give_again(struct draft *draft, const struct task *before, struct telling *telling)
{
    const struct task copy = *before; /* the list may move */
    give(draft, book_department(draft->in->book, copy.department), copy.department, NULL, copy.worker, copy.rule,
         telling);
}

static struct task *last_lead(struct draft *draft)
{
    for (size_t i = draft->record.tasks.count; i-- > 0;)
        if (draft->record.tasks.items[i].role == TASK_ROLE_LEAD)
            return &draft->record.tasks.items[i];
    return NULL;
}

static void accept_case(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)telling;
    draft->record.accepted_at_ms = draft->in->now_ms;
    draft->record.filed_by = act->actor;
}

static void dispatch_case(struct draft *draft, const struct act *act, struct telling *telling)
{
    draft->record.dispatched_at_ms = draft->in->now_ms;
    draft->record.route_rule = act->rule;
    draft->record.no_rule = false; /* triage is over */
    give(draft, act->target, act->target->code, act->worker, NULL, act->rule, telling);
}

/* The department, or its worker, has the case in hand. */
static void mark_received(struct draft *draft, struct task *task)
{
    if (!task->received_at_ms)
        task->received_at_ms = draft->in->now_ms;
    if (!draft->record.received_at_ms)
        draft->record.received_at_ms = draft->in->now_ms;
}

static void receive_case(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)act;
    (void)telling;
    struct task *task = case_lead_task(&draft->record);
    task->state = TASK_RECEIVED;
    mark_received(draft, task);
}

/* What a worker has begun stays with that worker: the next one gets a task anew. */
static struct task *begin_anew(struct draft *draft, struct task *task)
{
    struct task next = { .role = task->role,
                         .state = TASK_RECEIVED,
                         .department = task->department,
                         .offered_at_ms = draft->in->now_ms,
                         .received_at_ms = task->received_at_ms,
                         .done_by = "",
                         .note = "",
                         .rule = task->rule };
    task->state = TASK_WITHDRAWN;
    return draft_add_task(draft, &next);
}

static void assign_worker(struct draft *draft, const struct act *act, struct telling *telling)
{
    struct task *task = case_lead_task(&draft->record);
    if (*task->worker && strcmp(task->worker, act->worker->id) != 0) {
        telling->former_worker = task->worker;
        if (task->taken_at_ms || task->done_at_ms)
            task = begin_anew(draft, task);
    }
    task->worker = act->worker->id;
    if (!book_on_duty(draft->in->book, act->worker, draft->in->now_ms))
        telling->text = arena_format(draft->in->arena, "%s is off duty now", act->worker->id);
}

static struct task *by_worker(struct draft *draft, const struct act *act)
{
    struct task *task = case_lead_task(&draft->record);
    if (act->role == ROLE_WORKER && !*task->worker)
        task->worker = act->actor;
    if (act->role == ROLE_WORKER && !task->taken_at_ms)
        task->taken_at_ms = draft->in->now_ms;
    mark_received(draft, task);
    return task;
}

static void take_task(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)telling;
    struct task *task = by_worker(draft, act);
    if (task->state == TASK_OFFERED || task->state == TASK_RECEIVED)
        task->state = TASK_TAKEN;
}

static void arrive(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)telling;
    struct task *task = by_worker(draft, act);
    task->state = TASK_ON_SITE;
    task->arrived_at_ms = draft->in->now_ms;
}

static void dispose(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)telling;
    struct task *task = by_worker(draft, act);
    if (task->state != TASK_DONE)
        task->done_at_ms = draft->in->now_ms;
    task->state = TASK_DONE;
    task->done_by = act->actor; /* a liaison who reports a worker's work: both stay known, the worker as task->worker */
    if (*act->note)
        task->note = draft_cut(draft->in, act->note, TASK_NOTE_BYTES);
    draft_add_media(draft, &task->media, &act->media);
    if (!act->inside)
        draft->record.disposed_at_ms = draft->in->now_ms;
}

static void ask_return(struct draft *draft, const struct act *act, struct telling *telling)
{
    struct task *task = case_lead_task(&draft->record);
    task->state = TASK_RETURNED;
    task->note = draft_cut(draft->in, act->note, TASK_NOTE_BYTES);
    telling->former_worker = task->worker;
}

static void confirm_return(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)act;
    const struct task *returned = last_lead(draft);
    telling->former_department = draft->record.department;
    telling->former_worker = returned ? returned->worker : "";
    draft->record.returned++;
    draft->record.department = "";
    draft->record.dispatched_at_ms = draft->record.received_at_ms = 0;
    draft->record.route_rule = "";
}

static void give_back(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)act;
    give_again(draft, last_lead(draft), telling);
}

static void rework(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)act;
    draft->record.reworked++;
    draft->record.disposed_at_ms = draft->record.checked_at_ms = 0; /* the failed round's times stay in its task */
    draft->record.checked_by = "";
    give_again(draft, last_lead(draft), telling);
}

static void check(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)telling;
    draft->record.checked_at_ms = draft->in->now_ms;
    draft->record.checked_by = act->actor;
}

static void close_case(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)telling;
    draft->record.closed_at_ms = draft->in->now_ms;
    draft->record.closed_by = act->actor;
}

static void rate(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)telling;
    draft->record.score = act->score;
    draft->record.solved = act->solved;
}

static void urge(struct draft *draft, const struct act *act, struct telling *telling)
{
    (void)act;
    (void)telling;
    draft->record.urged++;
}

static void (*const effects[])(struct draft *draft, const struct act *act, struct telling *telling) = {
    [VERB_ACCEPT] = accept_case,
    [VERB_DISPATCH] = dispatch_case,
    [VERB_RECEIVE] = receive_case,
    [VERB_ASSIGN] = assign_worker,
    [VERB_TAKE] = take_task,
    [VERB_ARRIVE] = arrive,
    [VERB_DISPOSE] = dispose,
    [VERB_RETURN] = ask_return,
    [VERB_CONFIRM_RETURN] = confirm_return,
    [VERB_REWORK] = rework,
    [VERB_DENY_RETURN] = give_back,
    [VERB_CHECK] = check,
    [VERB_CLOSE] = close_case,
    [VERB_RATE] = rate,
    [VERB_URGE] = urge,
};

void effect_apply(struct draft *draft, const struct act *act, struct telling *telling)
{
    if ((size_t)act->verb < sizeof effects / sizeof *effects && effects[act->verb])
        effects[act->verb](draft, act, telling);
}
