#include "dispatcher/engine/transition.h"

#include <inttypes.h>
#include <string.h>

#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/effect.h"
#include "dispatcher/engine/routing.h"
#include "proto/book/permit.h"

/* Possible in every state, so not in the lifecycle table. */
static const struct transition words_only = { CASE_NONE, VERB_NOTE, BY_DESK | BY_LIAISON | BY_WORKER, CASE_NONE,
                                              NEEDS_REASON };

/* ---- judging ---- */

/* X(need, whether it is there, what is said where it is not) */
#define NEED_CHECKS(X) \
    X(REASON, *act->note, "a reason is needed") \
    X(DEPARTMENT, *act->to_department, "a department is needed") \
    X(WORKER, *act->to_worker, "a worker is needed") \
    X(SCORE, act->score >= 1 && act->score <= 5, "a score from 1 to 5 is needed") \
    X(UNTIL, act->until_ms > 0, "a date is needed") \
    X(CASE, *act->to_case, "the number of the other case is needed") \
    X(VOICE, act->voice_seq > 0, "the report that is meant is needed") \
    X(SERVICE, *act->to_service || *act->to_condition || act->to_priority, \
      "a service, a filing condition or a priority is needed")

static struct refusal check_needs(const struct act *act, unsigned needs)
{
#define NEED_CHECK(need, is_there, message) \
    if (needs & NEEDS_##need && !(is_there)) \
        return refuse(ANSWER_INVALID, message);
    NEED_CHECKS(NEED_CHECK)
#undef NEED_CHECK
    return agree();
}

/* Dispatch: the desk's department before the book's. */
static struct refusal find_target(struct draft *draft, struct act *act)
{
    act->rule = "";
    if (*act->to_department) {
        act->target = book_department(draft->in->book, act->to_department);
        return act->target ? agree()
                           : refuse(ANSWER_INVALID, arena_format(draft->in->arena, "no department '%s' in the book",
                                                                 act->to_department));
    }
    struct route route;
    if (!routing_choose(draft, &route))
        return refuse(ANSWER_INVALID, "no routing rule matches this case: name a department");
    act->target = route.department;
    act->rule = route.rule;
    return agree();
}

static struct refusal find_worker(struct draft *draft, struct act *act)
{
    if (!*act->to_worker)
        return agree();
    act->worker = book_person(draft->in->book, act->to_worker);
    if (act->worker && act->worker->role == ROLE_WORKER && act->worker->department == act->target)
        return agree();
    return refuse(ANSWER_INVALID, arena_format(draft->in->arena, "'%s' is no worker of department '%s'", act->to_worker,
                                               act->target ? act->target->code : ""));
}

static struct refusal room_for_a_round(const struct draft *draft)
{
    return draft->record.tasks.count < DRAFT_TASKS_MAX ? agree()
                                                       : refuse(ANSWER_INVALID, "this case has gone round too often: "
                                                                                "close it and open another");
}

/* Fills in what the verb points at. */
static struct refusal resolve(struct draft *draft, struct act *act)
{
    struct refusal refusal = agree();
    const struct task *lead = case_lead_task(&draft->record);
    switch (act->verb) {
    case VERB_DISPATCH:
        refusal = find_target(draft, act);
        return refusal.status ? refusal : find_worker(draft, act);
    case VERB_ASSIGN:
        act->target = lead ? book_department(draft->in->book, lead->department) : NULL;
        refusal = find_worker(draft, act);
        return refusal.status ? refusal : room_for_a_round(draft);
    case VERB_DISPOSE: {
        const struct book_department *own = lead ? book_department(draft->in->book, lead->department) : NULL;
        act->inside = act->role == ROLE_WORKER && own && !own->worker_reports;
        return refusal;
    }
    case VERB_RETURN:
    case VERB_REWORK:
        return room_for_a_round(draft);
    default:
        return refusal;
    }
}

static struct refusal permit(const struct draft *draft, const struct act *act)
{
    const struct permit_person person = { act->role, act->actor, act->department };
    enum permit permit = permit_ask(draft->in->book, &person, &draft->record, act->verb);
    return permit == PERMIT_GIVEN ? agree() : refuse(ANSWER_FORBIDDEN, enum_name(&permit_desc, (int)permit));
}

static const struct transition *row_of(enum case_state state, enum verb verb)
{
    return verb == VERB_NOTE ? &words_only : transition_find(state, verb);
}

static struct refusal judge(struct draft *draft, struct act *act, const struct transition *row)
{
    struct arena *arena = draft->in->arena;
    if (!row)
        return refuse(ANSWER_CONFLICT, arena_format(arena, "case %s is %s: '%s' is not possible", draft->record.number,
                                                    enum_name(&case_state_desc, (int)draft->record.state),
                                                    enum_name(&verb_desc, (int)act->verb)));
    if (!(row->roles & ROLE_BIT(act->role)))
        return refuse(ANSWER_FORBIDDEN,
                      arena_format(arena, "'%s' is not for the role %s", enum_name(&verb_desc, (int)act->verb),
                                   enum_name(&role_desc, (int)act->role)));
    struct refusal refusal = check_needs(act, row->needs);
    if (!refusal.status)
        refusal = permit(draft, act);
    if (!refusal.status)
        refusal = resolve(draft, act);
    return refusal;
}

/* ---- applying ---- */

static void apply(struct draft *draft, const struct act *act, const struct transition *row)
{
    struct telling telling = { 0 };
    enum case_state from = draft->record.state;
    effect_apply(draft, act, &telling);
    if (!act->inside) {
        draft->record.state = row->to == CASE_NONE ? from : row->to;
        clocks_follow(draft, act->verb);
    }
    const struct task *lead = case_lead_task(&draft->record);
    draft_add_step(draft, &(struct step){
                              .actor = act->actor,
                              .role = act->role,
                              .verb = act->verb,
                              .from = from,
                              .to = draft->record.state,
                              .note = *act->note ? act->note : telling.text,
                              .department = draft->record.department,
                              .worker = lead ? lead->worker : "",
                              .media = act->media,
                          });
    if (!telling.text && *act->note)
        telling.text = act->note;
    notices_tell(draft, act->verb, &telling);
}

struct refusal transition_try(struct draft *draft, struct act *act)
{
    const struct transition *row = row_of(draft->record.state, act->verb);
    struct refusal refusal = judge(draft, act, row);
    if (!refusal.status)
        apply(draft, act, row);
    return refusal;
}

/* What the book does by itself in this state. A case that came back is the desk's: its rule was wrong once. */
static enum verb automatic(const struct draft *draft)
{
    const struct book_service *service = draft->service;
    if (!service)
        return VERB_NONE;
    switch (draft->record.state) {
    case CASE_REPORTED:
        return service->auto_accept ? VERB_ACCEPT : VERB_NONE;
    case CASE_ACCEPTED:
        return service->auto_dispatch && !draft->record.returned ? VERB_DISPATCH : VERB_NONE;
    case CASE_DISPOSED:
        return service->auto_check ? VERB_CHECK : VERB_NONE;
    default:
        return VERB_NONE;
    }
}

void transition_follow(struct draft *draft)
{
    struct refusal refusal = agree();
    for (enum verb verb; !refusal.status && (verb = automatic(draft)) != VERB_NONE;) {
        struct act act = { .verb = verb,
                           .role = ROLE_SYSTEM,
                           .actor = "",
                           .department = "",
                           .note = "",
                           .to_department = "",
                           .to_worker = "",
                           .to_service = "",
                           .to_condition = "",
                           .to_case = "",
                           .to_person = "" };
        refusal = transition_try(draft, &act); /* no route: it waits for the desk */
    }
}

/* ---- commands ---- */

/* Verbs that tell something and change nothing which a person decides by: a warning that fires while the operator's hand
 * is on the key must not cost the key. */
static bool only_tells(enum verb verb)
{
    return verb == VERB_ATTACH || verb == VERB_URGE || verb == VERB_NOTE || verb == VERB_RATE || verb == VERB_WARN ||
           verb == VERB_OVERDUE;
}

/* 1: somebody did something since the revision that the actor saw. A revision is the number of steps. */
static int is_stale(const struct draft *draft, int64_t seen, struct fault *fault)
{
    if (!seen || seen == draft->record.revision)
        return 0;
    if (seen < 0 || seen > draft->record.revision)
        return 1;
    struct step_list steps = { 0 };
    int result = step_list_of(draft->in->txn, draft->record.id, draft->in->arena, &steps, fault);
    if (result < 0)
        return result;
    for (size_t i = (size_t)seen; i < steps.count; i++)
        if (!only_tells(steps.items[i].verb))
            return 1;
    return 0;
}

void transition_answer(const struct draft *draft, struct refusal refusal, struct answer *answer)
{
    *answer = (struct answer){
        .status = refusal.status ? refusal.status : ANSWER_OK,
        .message = refusal.message,
        .case_number = draft->record.number,
        .revision = draft->record.revision,
        .state = draft->record.state,
    };
}

/* A report, a further voice and a rating come as events, from who holds the receipt; warn and overdue are the clocks'. */
static bool by_command(enum verb verb)
{
    return verb != VERB_NONE && verb != VERB_REPORT && verb != VERB_ATTACH && verb != VERB_RATE &&
           verb != VERB_OVERDUE && verb != VERB_WARN;
}

static struct act act_of(const struct command *command)
{
    return (struct act){
        .verb = command->verb,
        .role = command->role,
        .actor = command->actor,
        .department = command->department,
        .note = command->reason,
        .to_department = command->to_department,
        .to_worker = command->to_worker,
        .to_service = command->to_service,
        .to_condition = command->to_condition,
        .to_case = command->to_case,
        .to_person = command->to_person,
        .to_priority = command->to_priority,
        .until_ms = command->until_ms,
        .voice_seq = command->voice_seq,
        .media = command->media,
        .score = command->score,
    };
}

int transition_command(const struct scope *in, const struct command *command, struct answer *answer,
                       struct fault *fault)
{
    if (!by_command(command->verb) || command->role == ROLE_SYSTEM || command->role == ROLE_NONE) {
        *answer = (struct answer){ .status = ANSWER_INVALID,
                                   .message = arena_format(in->arena, "'%s' is not a command of the role %s",
                                                           enum_name(&verb_desc, (int)command->verb),
                                                           enum_name(&role_desc, (int)command->role)) };
        return 0;
    }
    int64_t id;
    struct draft draft;
    int result = *command->case_number ? case_find_number(in->txn, command->case_number, &id) : 1;
    if (result == 0)
        result = draft_open(&draft, in, id, fault);
    if (result < 0)
        return result;
    if (result > 0) {
        *answer = (struct answer){ .status = ANSWER_NOT_FOUND,
                                   .message = arena_format(in->arena, "no case '%s'", command->case_number) };
        return 0;
    }
    int stale = is_stale(&draft, command->revision, fault);
    if (stale < 0)
        return stale;
    struct act act = act_of(command);
    struct refusal refusal =
        stale ? refuse(ANSWER_CONFLICT,
                       arena_format(in->arena, "case %s has changed since you saw it: it is %s now, look again",
                                    draft.record.number, enum_name(&case_state_desc, (int)draft.record.state)))
              : transition_try(&draft, &act);
    if (!refusal.status) {
        transition_follow(&draft);
        draft_put(&draft);
    }
    transition_answer(&draft, refusal, answer);
    return 0;
}
