#include "dispatcher/engine/resolve.h"

#include <inttypes.h>
#include <string.h>

#include "dispatcher/engine/assign.h"
#include "dispatcher/engine/merge.h"
#include "dispatcher/engine/requests.h"
#include "dispatcher/engine/routing.h"
#include "dispatcher/engine/tasks.h"
#include "proto/base/timestamp.h"
#include "proto/book/permit.h"

/* ---- departments ---- */

static struct refusal find_department(const struct draft *draft, struct act *act)
{
    act->target = book_department(draft->in->book, act->to_department);
    return act->target ? agree()
                       : refuse(ANSWER_INVALID,
                                arena_format(draft->in->arena, "no department '%s' in the book", act->to_department));
}

/* Dispatch: the desk's department before the book's. */
static struct refusal find_target(const struct draft *draft, struct act *act)
{
    struct route route;
    if (*act->to_department)
        return find_department(draft, act);
    if (!routing_choose(draft, &route))
        return refuse(ANSWER_INVALID, "no routing rule matches this case: name a department");
    act->target = route.department;
    act->rule = route.rule;
    return agree();
}

static struct refusal find_next_tier(const struct draft *draft, struct act *act)
{
    const struct scope *in = draft->in;
    const struct book_department *now = book_department(in->book, draft->record.department);
    const char *rule = "";
    act->target = now ? book_hand_up(in->book, &draft->record, in->now_ms, now, &rule) : NULL;
    act->rule = rule;
    return act->target ? agree() : refuse(ANSWER_INVALID, "no department of a higher tier has cases like this one");
}

static struct refusal not_the_same(const struct draft *draft, const struct act *act)
{
    return strcmp(act->target->code, draft->record.department) != 0 ? agree()
                                                                    : refuse(ANSWER_INVALID, "this department has the "
                                                                                             "case already");
}

static struct refusal may_join(const struct draft *draft, const struct act *act)
{
    const struct task *task = case_assist_task(&draft->record, act->target->code);
    return task && task_is_open(task) ? refuse(ANSWER_INVALID, "this department assists already")
                                      : not_the_same(draft, act);
}

static struct refusal find_assistant(const struct draft *draft, struct act *act)
{
    const struct task *task = case_assist_task(&draft->record, act->to_department);
    if (!task || !task_is_open(task))
        return refuse(ANSWER_INVALID, arena_format(draft->in->arena, "department '%s' has nothing to do on this case",
                                                   act->to_department));
    act->task = task->id;
    act->aside = true;
    return agree();
}

/* ---- people ---- */

static struct refusal find_worker(const struct draft *draft, struct act *act)
{
    if (!*act->to_worker)
        return agree();
    act->worker = book_person(draft->in->book, act->to_worker);
    if (act->worker && act->worker->role == ROLE_WORKER && act->worker->department == act->target)
        return agree();
    return refuse(ANSWER_INVALID, arena_format(draft->in->arena, "'%s' is no worker of department '%s'", act->to_worker,
                                               act->target ? act->target->code : ""));
}

static struct refusal find_verifier(const struct draft *draft, struct act *act)
{
    const struct assign_search search = { .task = case_verify_task(&draft->record) };
    if (*act->to_worker) {
        act->worker = book_person(draft->in->book, act->to_worker);
        return act->worker && act->worker->role == ROLE_WORKER
                   ? agree()
                   : refuse(ANSWER_INVALID, arena_format(draft->in->arena, "'%s' is no worker", act->to_worker));
    }
    act->worker = assign_best(draft, &search);
    return act->worker ? agree() : refuse(ANSWER_INVALID, "nobody is on duty here who could look: name a worker");
}

static struct refusal find_person(const struct draft *draft, const struct act *act)
{
    return !*act->to_person || book_person(draft->in->book, act->to_person)
               ? agree()
               : refuse(ANSWER_INVALID, arena_format(draft->in->arena, "no person '%s' in the book", act->to_person));
}

static struct refusal may_pass_on(const struct draft *draft, const struct act *act)
{
    const struct task *task = case_task(&draft->record, act->task);
    return task && tasks_may_pass_on(draft, task) ? agree()
                                                  : refuse(ANSWER_CONFLICT, "the liaison decides who is next");
}

/* ---- what kind of trouble ---- */

static struct refusal find_class(const struct draft *draft, struct act *act)
{
    struct arena *arena = draft->in->arena;
    if (act->to_priority && (act->to_priority < 1 || act->to_priority > DRAFT_PRIORITY_LOWEST))
        return refuse(ANSWER_INVALID, arena_format(arena, "priority %" PRId64 " is not between 1 and %d",
                                                   act->to_priority, DRAFT_PRIORITY_LOWEST));
    if (!*act->to_service && !*act->to_condition)
        return agree();
    const struct book_service *service =
        *act->to_service ? book_service(draft->in->book, act->to_service) : draft->service;
    if (!service && !*act->to_service)
        return refuse(ANSWER_INVALID, "this case has no service yet: name it with the filing condition");
    if (!service)
        return refuse(ANSWER_INVALID, arena_format(arena, "no service '%s' in the book", act->to_service));
    act->service = service;
    act->condition = book_condition(service, act->to_condition);
    return act->condition ? agree()
                          : refuse(ANSWER_INVALID, arena_format(arena, "no filing condition '%s' in service '%s'",
                                                                act->to_condition, service->code));
}

/* ---- time ---- */

/* Since when nothing more was done; of a refused case its history alone knows. */
static int64_t ended_at_ms(const struct draft *draft)
{
    if (draft->record.closed_at_ms)
        return draft->record.closed_at_ms;
    struct step_list steps = draft_steps(draft);
    while (steps.count && steps.items[steps.count - 1].verb != VERB_REFUSE)
        steps.count--;
    return steps.count ? steps.items[steps.count - 1].at_ms : draft->in->now_ms;
}

static struct refusal may_reopen(const struct draft *draft, const struct act *act)
{
    int64_t days = draft->in->book->rules.reopen_days;
    bool late = act->role == ROLE_RESIDENT && draft->in->now_ms > ended_at_ms(draft) + days * MS_PER_DAY;
    return late ? refuse(ANSWER_INVALID,
                         arena_format(draft->in->arena,
                                      "this case was ended more than %" PRId64 " days ago: report anew", days))
                : agree();
}

/* ---- all of them ---- */

/* The task that it is done on, and whether that is aside of the case's way. */
static void find_task(const struct draft *draft, struct act *act)
{
    const struct permit_person person = { act->role, act->actor, act->department };
    const struct task *task = act->task ? case_task(&draft->record, act->task) /* the engine's own acts name it */
                                        : permit_task(&person, &draft->record, act->verb);
    act->task = task ? task->id : 0;
    act->aside = task && task->role == TASK_ROLE_ASSIST;
}

static struct refusal chained(struct refusal first, struct refusal (*next)(const struct draft *, const struct act *),
                              const struct draft *draft, const struct act *act)
{
    return first.status ? first : next(draft, act);
}

static struct refusal resolve_to_department(struct draft *draft, struct act *act)
{
    struct refusal refusal;
    switch (act->verb) {
    case VERB_DISPATCH:
        refusal = find_target(draft, act);
        break;
    case VERB_TRANSFER:
        refusal = chained(find_department(draft, act), not_the_same, draft, act);
        break;
    case VERB_JOIN:
        act->aside = true;
        refusal = chained(find_department(draft, act), may_join, draft, act);
        break;
    default:
        refusal = find_next_tier(draft, act);
    }
    return refusal.status ? refusal : find_worker(draft, act);
}

static struct refusal resolve_assignment(struct draft *draft, struct act *act)
{
    const struct task *task = case_task(&draft->record, act->task);
    act->target = task ? book_department(draft->in->book, task->department) : NULL;
    struct refusal refusal = find_worker(draft, act);
    bool has_it = !refusal.status && task && task->taken_at_ms && strcmp(task->worker, act->worker->id) == 0;
    return has_it && !task->done_at_ms ? refuse(ANSWER_INVALID, "this worker has taken the task already") : refusal;
}

static void resolve_disposal(struct draft *draft, struct act *act)
{
    const struct task *task = case_task(&draft->record, act->task);
    const struct book_department *own = task ? book_department(draft->in->book, task->department) : NULL;
    act->inside = act->role == ROLE_WORKER && !act->aside && own && !own->worker_reports;
}

static struct refusal resolve_verb(struct draft *draft, struct act *act, struct fault *fault)
{
    switch (act->verb) {
    case VERB_DISPATCH:
    case VERB_TRANSFER:
    case VERB_HAND_UP:
    case VERB_JOIN:
        return resolve_to_department(draft, act);
    case VERB_RELEASE:
        return find_assistant(draft, act);
    case VERB_ASSIGN:
        return resolve_assignment(draft, act);
    case VERB_DISPOSE:
        resolve_disposal(draft, act);
        return agree();
    case VERB_OFFER:
        return may_pass_on(draft, act);
    case VERB_VERIFY:
        return find_verifier(draft, act);
    case VERB_ACCEPT:
    case VERB_RECLASSIFY:
        return find_class(draft, act);
    case VERB_SUSPEND:
        return suspension_check(draft, act->until_ms);
    case VERB_GRANT_SUSPENSION:
        return draft->record.request.until_ms > draft->in->now_ms ? agree()
                                                                  : refuse(ANSWER_CONFLICT, "the day that was asked "
                                                                                            "for is past: deny the "
                                                                                            "request");
    case VERB_SUPERVISE:
        return find_person(draft, act);
    case VERB_MERGE:
        return merge_resolve(draft, act, fault);
    case VERB_UNMERGE:
        return unmerge_resolve(draft, act, fault);
    case VERB_SPLIT:
        return split_resolve(draft, act);
    case VERB_REOPEN:
        return may_reopen(draft, act);
    default:
        return agree();
    }
}

/* Which a case has room for only so many times; all others lead to its end or leave it as large as it is. */
static bool begins_a_round(enum verb verb)
{
    static const enum verb verbs[] = { VERB_VERIFY,   VERB_RECLASSIFY, VERB_ASSIGN, VERB_OFFER,   VERB_RETURN,
                                       VERB_TRANSFER, VERB_HAND_UP,    VERB_JOIN,   VERB_SUSPEND, VERB_SUPERVISE,
                                       VERB_REWORK,   VERB_REOPEN,     VERB_UNMERGE };
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (verbs[i] == verb)
            return true;
    return false;
}

struct refusal resolve_act(struct draft *draft, struct act *act, struct fault *fault)
{
    if (begins_a_round(act->verb) && !draft_has_room(draft))
        return refuse(ANSWER_INVALID, "this case has gone round too often: close it and open another");
    find_task(draft, act);
    return resolve_verb(draft, act, fault);
}
