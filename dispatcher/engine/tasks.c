#include "dispatcher/engine/tasks.h"

#include <string.h>

#include "dispatcher/engine/assign.h"
#include "dispatcher/engine/clocks.h"

/* A broadcast goes to all, up to this: a task has to fit into its case. */
enum { ASKED_AT_ONCE_MAX = 100, ASKED_MAX = 400 };

/* ---- offers ---- */

static void ask(struct draft *draft, struct task *task, const struct book_person *person)
{
    struct offer_list *list = &task->offers;
    struct offer *items = arena_array(draft->in->arena, list->count + 1, sizeof *items);
    if (list->count)
        memcpy(items, list->items, list->count * sizeof *items);
    items[list->count] = (struct offer){ .worker = person->id, .at_ms = draft->in->now_ms };
    *list = (struct offer_list){ items, list->count + 1 };
}

/* Those who were asked and do not have it will hear of it. */
static void end_offers(struct draft *draft, struct task *task, const char *taker, struct telling *telling)
{
    if (!task->offers.count)
        return;
    struct offer *items = arena_array(draft->in->arena, task->offers.count, sizeof *items);
    memcpy(items, task->offers.items, task->offers.count * sizeof *items);
    for (size_t i = 0; i < task->offers.count; i++) {
        if (items[i].ended_at_ms)
            continue;
        items[i].ended_at_ms = draft->in->now_ms;
        if (strcmp(items[i].worker, taker) != 0)
            names_add(draft->in->arena, &telling->workers, items[i].worker);
    }
    task->offers.items = items;
}

static size_t how_many(const struct draft *draft, enum assignment assignment, const struct task *task)
{
    size_t left = task->offers.count < ASKED_MAX ? ASKED_MAX - task->offers.count : 0;
    size_t wanted = assignment == ASSIGNMENT_ASSIGN      ? 1
                    : assignment == ASSIGNMENT_OFFER     ? (size_t)draft->in->book->rules.offer_to
                    : assignment == ASSIGNMENT_BROADCAST ? ASKED_AT_ONCE_MAX
                                                         : 0;
    return wanted < left ? wanted : left;
}

/* Asks the best of those who were not asked before; false: nobody. Who alone is asked has it. */
static bool ask_next(struct draft *draft, struct task *task, const struct book_department *department,
                     const char *preferred)
{
    const struct book_person *people[ASKED_AT_ONCE_MAX];
    const struct assign_search search = { .department = department, .task = task, .preferred = preferred };
    size_t count = assign_rank(draft, &search, people, how_many(draft, department->assignment, task));
    for (size_t i = 0; i < count; i++)
        ask(draft, task, people[i]);
    task->worker = count && department->assignment == ASSIGNMENT_ASSIGN ? people[0]->id : "";
    return count;
}

static const char *nobody(const struct draft *draft, const struct book_department *department, const char *why)
{
    return arena_format(draft->in->arena, "nobody of %s %s: its liaison assigns", department->name.en, why);
}

bool tasks_may_pass_on(const struct draft *draft, const struct task *task)
{
    const struct book_department *department = book_department(draft->in->book, task->department);
    return task_is_open(task) && !task->taken_at_ms && task_has_open_offers(task) && task_is_disposal(task) &&
           department && department->assignment != ASSIGNMENT_LIAISON;
}

void tasks_pass_on(struct draft *draft, struct task *task, struct telling *telling)
{
    const struct book_department *department = book_department(draft->in->book, task->department);
    end_offers(draft, task, "", telling);
    if (!ask_next(draft, task, department, NULL))
        telling->text = nobody(draft, department, "took it");
}

/* ---- giving ---- */

struct task *tasks_give(struct draft *draft, const struct recipient *recipient, struct telling *telling)
{
    const struct scope *in = draft->in;
    const struct book_department *department = recipient->department;
    const struct book_person *named = recipient->named;
    bool by_engine = department && department->assignment != ASSIGNMENT_LIAISON;
    struct task *task = draft_add_task(draft, &(struct task){
                                                  .role = recipient->role,
                                                  .state = TASK_OFFERED,
                                                  .department = recipient->code,
                                                  .worker = "",
                                                  .offered_at_ms = in->now_ms,
                                                  .done_by = "",
                                                  .note = "",
                                                  .rule = recipient->rule,
                                              });
    if (named) {
        ask(draft, task, named);
        task->worker = named->id;
    } else if (by_engine && !ask_next(draft, task, department, recipient->preferred)) {
        telling->text = nobody(draft, department, "is on duty for this place");
    } else if (!by_engine && recipient->preferred) {
        task->worker = recipient->preferred;
    }
    return task;
}

void tasks_give_lead(struct draft *draft, const struct recipient *recipient, struct telling *telling)
{
    tasks_give(draft, recipient, telling);
    draft->record.department = recipient->code;
    draft->record.received_at_ms = 0;
}

void tasks_give_lead_again(struct draft *draft, struct telling *telling)
{
    const struct task *before = case_last_lead(&draft->record);
    tasks_give_lead(draft,
                    &(struct recipient){ .role = TASK_ROLE_LEAD,
                                         .department = book_department(draft->in->book, before->department),
                                         .code = before->department,
                                         .preferred = before->worker,
                                         .rule = before->rule },
                    telling);
}

/* ---- having ---- */

/* The department, or its worker, has the task in hand. */
void tasks_receive(struct draft *draft, struct task *task)
{
    if (!task->received_at_ms)
        task->received_at_ms = draft->in->now_ms;
    if (task->role == TASK_ROLE_LEAD && !draft->record.received_at_ms)
        draft->record.received_at_ms = draft->in->now_ms;
}

void tasks_take(struct draft *draft, struct task *task, const char *worker, struct telling *telling)
{
    end_offers(draft, task, worker, telling);
    task->worker = worker;
    if (!task->taken_at_ms)
        task->taken_at_ms = draft->in->now_ms;
    tasks_receive(draft, task);
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
    int64_t former = task->id;
    task->state = TASK_WITHDRAWN;
    task = draft_add_task(draft, &next);
    clocks_move_to(draft, former, task->id);
    return task;
}

struct task *tasks_assign(struct draft *draft, struct task *task, const struct book_person *worker,
                          struct telling *telling)
{
    bool has_it = strcmp(task->worker, worker->id) == 0;
    end_offers(draft, task, worker->id, telling);
    if (has_it && task->taken_at_ms && !task->done_at_ms)
        return task; /* and is at it */
    if (!has_it)
        names_add(draft->in->arena, &telling->workers, task->worker);
    if (*task->worker && (task->taken_at_ms || task->done_at_ms))
        task = begin_anew(draft, task);
    ask(draft, task, worker);
    task->worker = worker->id;
    if (!book_on_duty(draft->in->book, worker, draft->in->now_ms))
        telling->text = arena_format(draft->in->arena, "%s is off duty now", worker->id);
    return task;
}

/* ---- over ---- */

void tasks_finish(struct draft *draft, struct task *task, enum task_state state, struct telling *telling)
{
    end_offers(draft, task, task->worker, telling);
    task->state = state;
}

void tasks_withdraw(struct draft *draft, struct task *task, struct telling *telling)
{
    tasks_finish(draft, task, TASK_WITHDRAWN, telling);
    names_add(draft->in->arena, &telling->workers, task->worker);
    names_add(draft->in->arena, &telling->departments, task->department);
    clocks_stop_task(draft, task->id);
}

void tasks_withdraw_open(struct draft *draft, struct telling *telling)
{
    for (size_t i = 0; i < draft->record.tasks.count; i++)
        if (task_is_open(&draft->record.tasks.items[i]))
            tasks_withdraw(draft, &draft->record.tasks.items[i], telling);
}
