#include "dispatcher/engine/clocks.h"

#include <inttypes.h>

#include "dispatcher/engine/notices.h"
#include "proto/book/calendar.h"

#define BIT(kind) (1u << CLOCK_##kind)
/* X(verb, stops, starts). What is to be read out of the table:
 * - the receive clock ends with whatever the department does first: taking the case or asking to give it back;
 * - a return that is asked for stops nothing else: the limit runs on until the shift leader agrees;
 * - a rework is a new promise: a fresh limit from the moment of the failed check, whatever was left of the old one. */
#define CLOCK_MOVES(X) \
    X(REPORT, 0, BIT(ACCEPT) | BIT(DISPOSE)) \
    X(ACCEPT, BIT(ACCEPT), BIT(DISPATCH)) \
    X(REFUSE, BIT(ACCEPT) | BIT(DISPATCH) | BIT(DISPOSE), 0) \
    X(DISPATCH, BIT(DISPATCH), BIT(RECEIVE) | BIT(DISPOSE)) \
    X(RECEIVE, BIT(RECEIVE), 0) \
    X(TAKE, BIT(RECEIVE), 0) \
    X(DISPOSE, BIT(RECEIVE) | BIT(DISPOSE), BIT(CHECK)) \
    X(RETURN, BIT(RECEIVE), 0) \
    X(CONFIRM_RETURN, BIT(RECEIVE) | BIT(DISPOSE), BIT(DISPATCH)) \
    X(DENY_RETURN, 0, BIT(RECEIVE)) \
    X(CHECK, BIT(CHECK), 0) \
    X(REWORK, BIT(CHECK), BIT(RECEIVE) | BIT(DISPOSE))

static const struct clock_move {
    unsigned stops, starts;
} moves[] = {
#define MOVE_ROW(verb, stops_, starts_) [VERB_##verb] = { stops_, starts_ },
    CLOCK_MOVES(MOVE_ROW)
#undef MOVE_ROW
};

static bool limit_from_report(const struct draft *draft)
{
    return draft->service && draft->service->limit_from_report;
}

/* The dispose clock of most services belongs to the department and counts from dispatch. Where the city promises from the
 * report on, it starts with the report and no return interrupts it. */
static bool dispose_stops(const struct draft *draft, enum verb verb)
{
    return verb != VERB_CONFIRM_RETURN || !limit_from_report(draft);
}

static bool dispose_starts(struct draft *draft, enum verb verb)
{
    if (verb == VERB_REPORT)
        return limit_from_report(draft);
    return !case_open_clock(&draft->record, CLOCK_DISPOSE);
}

static const struct book_limit *limit_of(const struct draft *draft, enum clock_kind kind)
{
    const struct book *book = draft->in->book;
    return book_stage_limit(book, draft->service, draft->condition, book_department(book, draft->record.department),
                            kind);
}

/* When to warn: after that share of the span. 0 where the moment is not to come any more. */
static int64_t warn_at(const struct scope *in, int64_t from_ms, int64_t deadline_ms)
{
    int64_t percent = in->book->warn_percent_count ? in->book->warn_percents[0] : 0;
    if (percent <= 0 || percent >= 100)
        return 0;
    int64_t span_ms = deadline_ms - from_ms;
    int64_t at_ms = from_ms + span_ms / 100 * percent + span_ms % 100 * percent / 100;
    return at_ms > in->now_ms && at_ms < deadline_ms ? at_ms : 0;
}

static bool of_department(enum clock_kind kind)
{
    return kind == CLOCK_RECEIVE || kind == CLOCK_DISPOSE;
}

static void start(struct draft *draft, enum verb verb, enum clock_kind kind)
{
    const struct scope *in = draft->in;
    const struct book_limit *limit = limit_of(draft, kind);
    if (limit->unit == UNIT_NONE)
        return;
    int64_t from_ms = verb == VERB_REPORT ? draft->record.reported_at_ms : in->now_ms;
    if (kind == CLOCK_DISPOSE && verb == VERB_DISPATCH && limit_from_report(draft))
        from_ms = draft->record.reported_at_ms;
    int64_t deadline_ms = calendar_deadline(limit->calendar, from_ms, limit->unit, limit->amount);
    if (deadline_ms == INT64_MAX) /* a calendar without working time: the book's check refuses it */
        return;
    const struct task *lead = of_department(kind) ? case_lead_task(&draft->record) : NULL;
    draft_add_clock(draft, &(struct clock){
                               .task = lead ? lead->id : 0,
                               .kind = kind,
                               .state = CLOCK_STATE_RUNNING,
                               .unit = limit->unit,
                               .amount = limit->amount,
                               .calendar = limit->calendar ? calendar_code(limit->calendar) : "",
                               .armed_at_ms = from_ms,
                               .deadline_ms = deadline_ms,
                               .warn_at_ms = warn_at(in, from_ms, deadline_ms),
                               .rule = limit->rule ? limit->rule : "",
                           });
    if (kind == CLOCK_DISPOSE)
        draft->record.deadline_ms = deadline_ms;
}

static void stop(struct draft *draft, enum verb verb, enum clock_kind kind)
{
    struct clock *clock = case_open_clock(&draft->record, kind);
    if (!clock)
        return;
    clock->stopped_at_ms = draft->in->now_ms;
    /* by the time, not by the state: a report that came late to the engine may be accepted in the same step */
    clock->state = clock->stopped_at_ms > clock->deadline_ms ? CLOCK_STATE_STOPPED_LATE : CLOCK_STATE_STOPPED;
    clock->warn_at_ms = 0;
    if (kind == CLOCK_DISPOSE && verb == VERB_CONFIRM_RETURN)
        draft->record.deadline_ms = 0; /* the next department's limit will be the promise */
}

void clocks_follow(struct draft *draft, enum verb verb)
{
    if ((size_t)verb >= sizeof moves / sizeof *moves)
        return;
    for (enum clock_kind kind = CLOCK_ACCEPT; kind <= CLOCK_CHECK; kind++)
        if (moves[verb].stops & 1u << kind && (kind != CLOCK_DISPOSE || dispose_stops(draft, verb)))
            stop(draft, verb, kind);
    for (enum clock_kind kind = CLOCK_ACCEPT; kind <= CLOCK_CHECK; kind++)
        if (moves[verb].starts & 1u << kind && (kind != CLOCK_DISPOSE || dispose_starts(draft, verb)))
            start(draft, verb, kind);
    struct clock *dispose = case_open_clock(&draft->record, CLOCK_DISPOSE);
    const struct task *lead = case_lead_task(&draft->record);
    if (dispose && lead)
        dispose->task = lead->id; /* one that ran before there was a task, or through a denied return */
}

/* ---- running out ---- */

static void tell(struct draft *draft, enum verb verb, const struct clock *clock)
{
    const struct task *lead = case_lead_task(&draft->record);
    draft_add_step(draft, &(struct step){
                              .role = ROLE_SYSTEM,
                              .verb = verb,
                              .from = draft->record.state,
                              .to = draft->record.state,
                              .department = of_department(clock->kind) ? draft->record.department : "",
                              .worker = of_department(clock->kind) && lead ? lead->worker : "",
                              .clock = clock->kind,
                          });
    notices_clock(draft, verb, clock);
}

/* All that one case has to say at that moment; returns how much it was. */
static int run_out(struct draft *draft, int64_t due_ms)
{
    int count = 0;
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        if (clock->state != CLOCK_STATE_RUNNING)
            continue;
        if (clock->warn_at_ms == due_ms) {
            clock->warn_at_ms = 0;
            tell(draft, VERB_WARN, clock);
            count++;
        }
        if (clock->deadline_ms == due_ms) {
            clock->state = CLOCK_STATE_FIRED;
            clock->fired_at_ms = draft->in->now_ms;
            clock->warn_at_ms = 0;
            draft->record.overdue = draft->record.overdue || clock->kind == CLOCK_DISPOSE;
            tell(draft, VERB_OVERDUE, clock);
            count++;
        }
    }
    return count;
}

int64_t clocks_next_ms(struct txn *txn)
{
    int64_t due_ms, id;
    return index_first(txn, "due", &due_ms, &id) == 0 ? due_ms + 1 : ORDER_NONE;
}

int clocks_fire_due(const struct scope *in, int64_t last_ms, int64_t until_ms, struct fault *fault)
{
    int fired = 0;
    struct scope moment = *in;
    int64_t due_ms, id;
    while (index_first(in->txn, "due", &due_ms, &id) == 0 && due_ms < until_ms) {
        struct draft draft;
        moment.now_ms = due_ms > last_ms ? due_ms : last_ms;
        int result = draft_open(&draft, &moment, id, fault);
        if (result < 0)
            return result;
        int told = result ? 0 : run_out(&draft, due_ms);
        if (!told)
            return fault_set(fault, -EBADMSG, "list 'due' names case %" PRId64 " at %" PRId64 ": it has no such clock",
                             id, due_ms);
        draft_put(&draft);
        fired += told;
    }
    return fired;
}
