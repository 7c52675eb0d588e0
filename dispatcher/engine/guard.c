#include "dispatcher/engine/guard.h"

#include <string.h>

#include "dispatcher/engine/assign.h"

static bool is(const char *a, const char *b)
{
    return *a && strcmp(a, b) == 0;
}

static bool supervises(enum verb verb)
{
    return verb == VERB_CHECK || verb == VERB_REWORK || verb == VERB_CLOSE;
}

/* Of every round, also those before a rework or a return: an account that had its hands in the work does not judge it. A worker whose
 * task the liaison reported as done counts too. */
static bool has_disposed(const struct case_file *record, const char *account)
{
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        if (is(task->done_by, account) || (task->state == TASK_DONE && is(task->worker, account)))
            return true;
    }
    return false;
}

static bool serves_here(const struct draft *draft, const char *account)
{
    const struct book_person *person = book_person(draft->in->book, account);
    return person && assign_serves(draft->in->book, person, draft->record.place.area);
}

static struct refusal guard_worker(struct draft *draft, const struct act *act)
{
    if (supervises(act->verb))
        return serves_here(draft, act->actor) ? agree()
                                              : refuse(ANSWER_FORBIDDEN, "this case is outside your area: a worker of "
                                                                         "its area checks it");
    const struct task *lead = case_lead_task(&draft->record);
    if (lead && is(lead->worker, act->actor))
        return agree();
    if (lead && *lead->worker)
        return refuse(ANSWER_FORBIDDEN, "this task is another worker's; ask the department's liaison");
    if (!lead || !is(lead->department, act->department))
        return refuse(ANSWER_FORBIDDEN, "this task is not your department's");
    return serves_here(draft, act->actor) ? agree()
                                          : refuse(ANSWER_FORBIDDEN, "this task is outside your area; the department's "
                                                                     "liaison can assign it to you");
}

static struct refusal guard_liaison(struct draft *draft, const struct act *act)
{
    return is(draft->record.department, act->department) ? agree()
                                                         : refuse(ANSWER_FORBIDDEN, "this case is not at your "
                                                                                    "department");
}

static struct refusal (*const guards[])(struct draft *draft, const struct act *act) = {
    [ROLE_WORKER] = guard_worker,
    [ROLE_LIAISON] = guard_liaison,
};

struct refusal guard_check(struct draft *draft, const struct act *act)
{
    if (supervises(act->verb) && has_disposed(&draft->record, act->actor))
        return refuse(ANSWER_FORBIDDEN, "you took part in the disposal: somebody else checks and closes this case");
    bool has_guard = (size_t)act->role < sizeof guards / sizeof *guards && guards[act->role];
    return has_guard ? guards[act->role](draft, act) : agree();
}
