#include "dispatcher/engine/transition.h"

#include <inttypes.h>
#include <string.h>

#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/effect.h"
#include "dispatcher/engine/requests.h"
#include "dispatcher/engine/resolve.h"
#include "proto/book/permit.h"

enum { ANSWER_BYTES = 500 };

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

static struct refusal permit(const struct draft *draft, const struct act *act)
{
    const struct permit_person person = { act->role, act->actor, act->department };
    enum permit permit = permit_ask(draft->in->book, &person, &draft->record, act->verb);
    if (permit == PERMIT_GIVEN)
        return agree();
    return refuse(permit_is_conflict(permit) ? ANSWER_CONFLICT : ANSWER_FORBIDDEN,
                  enum_name(&permit_desc, (int)permit));
}

static const struct transition *row_of(enum case_state state, enum verb verb)
{
    return verb == VERB_NOTE ? &transition_words : transition_find(state, verb);
}

/* What this person may do with the case instead: "; possible now: take, return". */
static const char *what_else(const struct draft *draft, const struct act *act)
{
    const struct permit_person person = { act->role, act->actor, act->department };
    const char *list = "";
    size_t count;
    const struct transition *rows = transitions_of(draft->record.state, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].roles & ROLE_BIT(act->role) &&
            permit_ask(draft->in->book, &person, &draft->record, rows[i].verb) == PERMIT_GIVEN)
            list = arena_format(draft->in->arena, "%s%s %s", list,
                                *list ? "," : "; possible now:", enum_name(&verb_desc, (int)rows[i].verb));
    return list;
}

static const char *whose(const struct draft *draft, const struct transition *row)
{
    const char *list = "";
    for (int role = ROLE_RESIDENT; role <= ROLE_SYSTEM; role++)
        if (row->roles >> role & 1)
            list = arena_format(draft->in->arena, "%s%s%s", list, *list ? ", " : "", enum_name(&role_desc, role));
    return list;
}

static struct refusal judge(struct draft *draft, struct act *act, const struct transition *row, struct fault *fault)
{
    struct arena *arena = draft->in->arena;
    if (!row)
        return refuse(ANSWER_CONFLICT,
                      arena_format(arena, "case %s is %s: '%s' is not possible%s", draft->record.number,
                                   enum_name(&case_state_desc, (int)draft->record.state),
                                   enum_name(&verb_desc, (int)act->verb), what_else(draft, act)));
    if (!(row->roles & ROLE_BIT(act->role)))
        return refuse(ANSWER_FORBIDDEN, arena_format(arena, "'%s' is not for the role %s; it is for: %s",
                                                     enum_name(&verb_desc, (int)act->verb),
                                                     enum_name(&role_desc, (int)act->role), whose(draft, row)));
    struct refusal refusal = check_needs(act, row->needs);
    if (!refusal.status)
        refusal = permit(draft, act);
    if (!refusal.status)
        refusal = resolve_act(draft, act, fault);
    return refusal;
}

/* ---- applying ---- */

static bool at_department(enum case_state state)
{
    return state == CASE_DISPATCHED || state == CASE_RECEIVED || state == CASE_IN_PROGRESS;
}

/* Whose the step is: of an act aside the assisting task's. */
static void add_step(struct draft *draft, const struct act *act, enum case_state from, const struct telling *telling)
{
    const struct task *lead = case_lead_task(&draft->record);
    const struct task *task = act->task ? case_task(&draft->record, act->task) : lead;
    draft_add_step(draft, &(struct step){
                              .actor = act->actor,
                              .role = act->role,
                              .verb = act->verb,
                              .from = from,
                              .to = draft->record.state,
                              .note = *act->note ? act->note : telling->text,
                              .department = act->aside && task ? task->department : draft->record.department,
                              .worker = act->aside && task ? task->worker
                                        : lead             ? lead->worker
                                                           : "",
                              .media = act->media,
                              .other = act->other ? act->other->record.number : "",
                          });
}

static void apply(struct draft *draft, struct act *act, const struct transition *row)
{
    struct telling telling = { 0 };
    enum case_state from = draft->record.state;
    effect_apply(draft, act, &telling);
    if (!act->inside && !act->aside && row->to != CASE_NONE)
        draft->record.state = row->to;
    clocks_follow(draft, act);
    if (!at_department(draft->record.state) && draft->record.request.verb)
        request_drop(draft);
    add_step(draft, act, from, &telling);
    if (!telling.text && *act->note)
        telling.text = act->note;
    telling.assisting = act->aside ? case_task(&draft->record, act->task) : NULL;
    notices_tell(draft, act->verb, &telling);
}

struct refusal transition_try(struct draft *draft, struct act *act, struct fault *fault)
{
    const struct transition *row = row_of(draft->record.state, act->verb);
    struct refusal refusal = judge(draft, act, row, fault);
    if (!refusal.status)
        apply(draft, act, row);
    return refusal;
}

/* A resident's report of such a service is filed only when somebody has looked. */
static bool waits_for_verification(const struct draft *draft)
{
    return draft->service->verify && draft->record.source == SOURCE_RESIDENT && !draft->record.verified_at_ms;
}

static enum verb before_filing(const struct draft *draft)
{
    if (draft->record.source == SOURCE_ORDER) /* a superior's order is filed directly */
        return VERB_ACCEPT;
    if (!draft->service)
        return VERB_NONE;
    if (waits_for_verification(draft))
        return VERB_VERIFY;
    return draft->service->auto_accept && !draft->record.unfounded ? VERB_ACCEPT : VERB_NONE;
}

/* It ran out while a return was decided, which was denied: the time to try was over then. */
static bool is_tier_over(const struct draft *draft)
{
    const struct clock *tier = case_open_clock(&draft->record, CLOCK_TIER);
    return tier && tier->state == CLOCK_STATE_FIRED;
}

/* What the book does by itself in this state. A case that came back is the desk's: what was done with it was wrong once. */
static enum verb automatic(const struct draft *draft)
{
    const struct book_service *service = draft->service;
    const struct case_file *record = &draft->record;
    bool came_back = record->returned || record->reopened;
    switch (record->state) {
    case CASE_REPORTED:
        return came_back ? VERB_NONE : before_filing(draft);
    case CASE_ACCEPTED:
        return service && service->auto_dispatch && !came_back ? VERB_DISPATCH : VERB_NONE;
    case CASE_DISPATCHED:
        return is_tier_over(draft) ? VERB_HAND_UP : VERB_NONE;
    case CASE_DISPOSED:
        return service && service->auto_check ? VERB_CHECK : VERB_NONE;
    default:
        return VERB_NONE;
    }
}

void transition_follow(struct draft *draft)
{
    struct refusal refusal = agree();
    for (enum verb verb; !refusal.status && (verb = automatic(draft)) != VERB_NONE;) {
        struct act act = act_of(verb, ROLE_SYSTEM, "");
        refusal = transition_try(draft, &act, NULL); /* no route, nobody to look: it waits for the desk */
    }
}

/* ---- commands ---- */

/* Verbs that tell something and change nothing which a person decides by: a warning that fires while the operator's hand
 * is on the key must not cost the key. */
static bool only_tells(enum verb verb)
{
    static const enum verb verbs[] = { VERB_ATTACH,  VERB_URGE,     VERB_NOTE,        VERB_RATE,  VERB_WARN,
                                       VERB_OVERDUE, VERB_ESCALATE, VERB_ACKNOWLEDGE, VERB_REPLY, VERB_EVIDENCE };
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (verbs[i] == verb)
            return true;
    return false;
}

/* 1: somebody did something since the revision that the actor saw. A revision is the number of steps. */
static int is_stale(const struct draft *draft, int64_t seen, struct fault *fault)
{
    if (!seen || seen == draft->record.revision)
        return 0;
    if (seen < 0 || seen > draft->record.revision)
        return 1;
    struct step step = { .before = draft->record.last_step };
    for (int64_t revision = draft->record.revision; revision > seen; revision--) {
        int result = step_get(draft->in->txn, step.before, draft->in->arena, &step, fault);
        if (result)
            return result;
        if (!only_tells(step.verb))
            return 1;
    }
    return 0;
}

void transition_answer(const struct draft *draft, struct refusal refusal, struct answer *answer)
{
    *answer = (struct answer){
        .status = refusal.status ? refusal.status : ANSWER_OK,
        .message = draft_cut(draft->in, refusal.message, ANSWER_BYTES),
        .case_number = draft->record.number,
        .revision = draft->record.revision,
        .state = draft->record.state,
    };
}

/* A report, a further voice and a rating come as events, from who holds the receipt; so does the worker's own disposal. The clocks' and
 * the engine's own have no row for a person. */
static bool by_command(enum verb verb)
{
    static const enum verb others[] = { VERB_NONE, VERB_REPORT,   VERB_ATTACH, VERB_RATE,        VERB_OVERDUE,
                                        VERB_WARN, VERB_ESCALATE, VERB_OFFER,  VERB_SELF_DISPOSE };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == verb)
            return false;
    return true;
}

static struct act act_of_command(const struct command *command)
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
        .rule = "",
    };
}

/* The case first, then the other: so the receipts end at whom they belong to. */
static void put(struct draft *draft, const struct act *act)
{
    draft_put(draft);
    if (act->other && act->other->is_new)
        transition_follow(act->other);
    if (act->other)
        draft_put(act->other);
    if (act->verb == VERB_UNMERGE)
        case_claim_receipts(draft->in->txn, &draft->record);
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
    struct act act = act_of_command(command);
    struct refusal refusal =
        stale ? refuse(ANSWER_CONFLICT,
                       arena_format(in->arena, "case %s has changed since you saw it: it is %s now, look again",
                                    draft.record.number, enum_name(&case_state_desc, (int)draft.record.state)))
              : transition_try(&draft, &act, fault);
    if (!refusal.status) {
        transition_follow(&draft);
        put(&draft, &act);
    }
    transition_answer(&draft, refusal, answer);
    return 0;
}
