#include "dispatcher/engine/clocks.h"

#include <string.h>

#include "proto/book/calendar.h"

#define BIT(kind) (1u << CLOCK_##kind)
/* What a department has to answer for while the case is with it. */
#define OF_LEAD (BIT(RECEIVE) | BIT(TAKE) | BIT(RESPOND) | BIT(DISPOSE) | BIT(TIER))
#define ALL (~0u)
/* X(verb, stops, starts). What is to be read out of the table:
 * - the receive clock ends with whatever the department does first: taking the case or asking to give it back;
 * - a return that is asked for stops nothing else: the limit runs on until the shift leader agrees;
 * - a rework is a new promise: a fresh limit from the moment of the failed check, whatever was left of the old one; of a chain the same link;
 * - what starts does so only where the case then waits for it: take where a worker was asked, supervise where somebody supervises what is not
 *   disposed. */
#define CLOCK_MOVES(X) \
    X(REPORT, 0, BIT(ACCEPT) | BIT(DISPOSE) | BIT(ANSWER)) \
    X(VERIFY, BIT(ACCEPT) | BIT(VERIFY), BIT(VERIFY)) \
    X(CONFIRM, BIT(VERIFY), BIT(ACCEPT)) \
    X(UNFOUNDED, BIT(VERIFY), BIT(ACCEPT)) \
    X(ACCEPT, BIT(ACCEPT) | BIT(VERIFY), BIT(DISPATCH)) \
    X(REFUSE, ALL, 0) \
    X(SELF_DISPOSE, BIT(ACCEPT) | BIT(DISPOSE), BIT(CHECK)) \
    X(DISPATCH, BIT(DISPATCH), OF_LEAD) \
    X(RECEIVE, BIT(RECEIVE), 0) \
    X(ASSIGN, BIT(TAKE), BIT(TAKE)) \
    X(OFFER, BIT(TAKE), BIT(TAKE)) \
    X(TAKE, BIT(RECEIVE) | BIT(TAKE), 0) \
    X(ARRIVE, BIT(TAKE) | BIT(RESPOND), 0) \
    X(ADVANCE, BIT(DISPOSE), BIT(DISPOSE)) \
    X(DISPOSE, OF_LEAD | BIT(SUPERVISE), BIT(CHECK)) \
    X(RETURN, BIT(RECEIVE) | BIT(TAKE), 0) \
    X(CONFIRM_RETURN, OF_LEAD, BIT(DISPATCH)) \
    X(DENY_RETURN, 0, BIT(RECEIVE) | BIT(TAKE)) \
    X(TRANSFER, OF_LEAD, OF_LEAD) \
    X(HAND_UP, OF_LEAD, OF_LEAD) \
    X(JOIN, 0, BIT(RECEIVE) | BIT(TAKE) | BIT(RESPOND) | BIT(DISPOSE)) \
    X(CHECK, BIT(CHECK), BIT(CLOSE)) \
    X(REWORK, BIT(CHECK) | BIT(CLOSE), OF_LEAD | BIT(SUPERVISE)) \
    X(CLOSE, ALL, 0) \
    X(SUPERVISE, 0, BIT(SUPERVISE)) \
    X(END_SUPERVISION, BIT(SUPERVISE), 0) \
    X(REPLY, BIT(ANSWER), 0) \
    X(MERGE, ALL, 0) \
    X(UNMERGE, 0, BIT(ACCEPT) | BIT(DISPATCH) | BIT(DISPOSE) | BIT(SUPERVISE) | BIT(ANSWER)) \
    X(CANCEL, ALL, 0) \
    X(REOPEN, 0, BIT(ACCEPT) | BIT(DISPATCH) | BIT(SUPERVISE)) \
    X(RESUME, BIT(RESUME), 0)

static const struct clock_move {
    unsigned stops, starts;
} moves[] = {
#define MOVE_ROW(verb, stops_, starts_) [VERB_##verb] = { stops_, starts_ },
    CLOCK_MOVES(MOVE_ROW)
#undef MOVE_ROW
};

/* Each department's own, where several are at work. */
static bool of_disposal(enum clock_kind kind)
{
    return OF_LEAD >> kind & 1;
}

/* ---- limits ---- */

static bool limit_from_report(const struct draft *draft)
{
    return draft->service && draft->service->limit_from_report && !draft->record.reopened;
}

static const struct book_limit *link_limit(const struct draft *draft, int64_t link)
{
    const struct book_condition *condition = draft->condition;
    return link > 0 && condition && (size_t)link < condition->link_count ? &condition->links[link].limit : NULL;
}

const struct book_limit *clocks_limit(const struct draft *draft, enum clock_kind kind, const struct task *task)
{
    const struct book *book = draft->in->book;
    const char *code = task ? task->department : draft->record.department;
    return book_stage_limit(book, draft->service, draft->condition, book_department(book, code), kind);
}

static const struct calendar *calendar_of(const struct draft *draft, const struct clock *clock)
{
    const struct calendar *calendar = book_calendar(draft->in->book, clock->calendar);
    return calendar ? calendar : draft->in->book->calendar_count ? draft->in->book->calendars[0] : NULL;
}

/* ---- warnings and escalations ---- */

/* Shares of the span from the start to the deadline, in which no time counts that the clock stood still. */
static int64_t warn_point(const struct draft *draft, const struct clock *clock, size_t i)
{
    int64_t from_ms = clock->armed_at_ms, percent = draft->in->book->warn_percents[i];
    for (size_t k = 0; k < clock->pauses.count; k++)
        if (clock->pauses.items[k].to_ms)
            from_ms += clock->pauses.items[k].to_ms - clock->pauses.items[k].from_ms;
    int64_t span_ms = clock->deadline_ms - from_ms;
    return from_ms + span_ms / 100 * percent + span_ms % 100 * percent / 100;
}

void clocks_set_warning(const struct draft *draft, struct clock *clock)
{
    clock->warn_at_ms = 0;
    for (size_t i = 0; i < draft->in->book->warn_percent_count && !clock->warn_at_ms; i++) {
        int64_t at_ms = warn_point(draft, clock, i);
        if (at_ms > draft->in->now_ms && at_ms < clock->deadline_ms)
            clock->warn_at_ms = at_ms;
    }
}

const struct book_escalation *clocks_next_escalation(const struct draft *draft, const struct clock *clock,
                                                     int64_t *level)
{
    const struct book *book = draft->in->book;
    *level = 0;
    for (size_t i = 0; i < book->escalation_count; i++) {
        const struct book_escalation *step = &book->escalations[i];
        bool meant = !step->priority_at_most || draft->record.priority <= step->priority_at_most;
        if (step->clock == clock->kind && ++*level > clock->level && meant)
            return step;
    }
    return NULL;
}

void clocks_set_escalation(const struct draft *draft, struct clock *clock)
{
    int64_t level, now_ms = draft->in->now_ms;
    const struct book_escalation *step = clocks_next_escalation(draft, clock, &level);
    clock->escalate_at_ms = 0;
    if (!step)
        return;
    const struct book_limit *after = &step->after;
    int64_t at_ms = after->unit == UNIT_NONE
                        ? clock->fired_at_ms
                        : calendar_deadline(after->calendar, clock->fired_at_ms, after->unit, after->amount);
    if (at_ms != INT64_MAX) /* a calendar without working time: the book's check refuses it */
        clock->escalate_at_ms = at_ms > now_ms ? at_ms : now_ms;
}

/* ---- starting ---- */

/* The first of its residents' reports; NULL: none is a resident's. */
static const struct voice *first_resident(const struct draft *draft)
{
    const struct voice_list *voices = &draft->record.voices;
    for (size_t i = 0; i < voices->count; i++)
        if (voices->items[i].source == SOURCE_RESIDENT)
            return &voices->items[i];
    return NULL;
}

/* What the city promises whoever reports, from the report on. */
static bool is_promised(const struct draft *draft, enum verb verb, enum clock_kind kind)
{
    return kind == CLOCK_DISPOSE && limit_from_report(draft) &&
           (verb == VERB_REPORT || verb == VERB_UNMERGE || verb == VERB_DISPATCH);
}

/* Whether the case, or the task, now waits for what the clock is about. */
static bool is_waited_for(const struct draft *draft, const struct act *act, enum clock_kind kind,
                          const struct task *task)
{
    const struct case_file *record = &draft->record;
    switch (kind) {
    case CLOCK_ACCEPT:
        return record->state == CASE_REPORTED;
    case CLOCK_DISPATCH:
        return record->state == CASE_ACCEPTED;
    case CLOCK_TAKE:
        return task && !task->taken_at_ms && task_has_open_offers(task);
    case CLOCK_ANSWER:
        return (first_resident(draft) || record->answer_by_ms) && !record->answered_at_ms;
    case CLOCK_SUPERVISE:
        return *record->supervised_by && !record->disposed_at_ms;
    case CLOCK_DISPOSE:
        if (act->verb == VERB_REPORT || act->verb == VERB_UNMERGE)
            return limit_from_report(draft);
        return act->verb == VERB_JOIN || !case_open_clock(&draft->record, CLOCK_DISPOSE);
    default:
        return true;
    }
}

/* The dispose clock of most services belongs to the department and counts from dispatch. A report that was split off is new to the desk. */
static int64_t counts_from(const struct draft *draft, const struct act *act, enum clock_kind kind)
{
    bool new_report = act->verb == VERB_REPORT && !*draft->record.split_from;
    if (kind == CLOCK_ANSWER)
        return first_resident(draft)->at_ms;
    return new_report || is_promised(draft, act->verb, kind) ? draft->record.reported_at_ms : draft->in->now_ms;
}

static struct clock *add(struct draft *draft, enum clock_kind kind, const struct task *task)
{
    return draft_add_clock(draft, &(struct clock){ .task = task ? task->id : 0,
                                                   .kind = kind,
                                                   .state = CLOCK_STATE_RUNNING,
                                                   .calendar = "",
                                                   .rule = "",
                                                   .acknowledged_by = "" });
}

struct clock *clocks_start_until(struct draft *draft, enum clock_kind kind, int64_t deadline_ms)
{
    struct clock *clock = add(draft, kind, NULL);
    clock->armed_at_ms = draft->in->now_ms;
    clock->deadline_ms = deadline_ms;
    return clock;
}

static void start(struct draft *draft, const struct act *act, enum clock_kind kind, const struct task *task,
                  int64_t link)
{
    if (kind == CLOCK_ANSWER && draft->record.answer_by_ms) { /* a superior's date comes before the book's limit */
        clocks_set_warning(draft, clocks_start_until(draft, kind, draft->record.answer_by_ms));
        return;
    }
    const struct book_limit *limit = clocks_limit(draft, kind, of_disposal(kind) ? task : NULL);
    if (kind == CLOCK_DISPOSE && link_limit(draft, link))
        limit = link_limit(draft, link);
    if (limit->unit == UNIT_NONE)
        return;
    int64_t from_ms = counts_from(draft, act, kind);
    int64_t deadline_ms = calendar_deadline(limit->calendar, from_ms, limit->unit, limit->amount);
    if (deadline_ms == INT64_MAX) /* a calendar without working time: the book's check refuses it */
        return;
    struct clock *clock = add(draft, kind, task);
    clock->unit = limit->unit;
    clock->amount = limit->amount;
    clock->calendar = limit->calendar ? calendar_code(limit->calendar) : "";
    clock->armed_at_ms = from_ms;
    clock->deadline_ms = deadline_ms;
    clock->rule = limit->rule ? limit->rule : "";
    clock->link = kind == CLOCK_DISPOSE ? link : 0;
    clocks_set_warning(draft, clock);
    if (kind == CLOCK_DISPOSE && !act->aside)
        draft->record.deadline_ms = deadline_ms;
}

/* ---- pauses ---- */

/* Lists from the store are shared with the case as it was: a copy with room for one more. */
static struct pause *own_pauses(const struct draft *draft, struct clock *clock)
{
    struct pause *items = arena_array(draft->in->arena, clock->pauses.count + 1, sizeof *items);
    if (clock->pauses.count)
        memcpy(items, clock->pauses.items, clock->pauses.count * sizeof *items);
    clock->pauses.items = items;
    return items;
}

static void begin_pause(const struct draft *draft, struct clock *clock)
{
    own_pauses(draft, clock)[clock->pauses.count] = (struct pause){ .from_ms = draft->in->now_ms };
    clock->pauses.count++;
    clock->state = CLOCK_STATE_PAUSED;
}

static const struct pause *end_pause(const struct draft *draft, struct clock *clock)
{
    struct pause *pause = &own_pauses(draft, clock)[clock->pauses.count - 1];
    pause->to_ms = draft->in->now_ms;
    return pause;
}

/* ---- stopping ---- */

static void stop(const struct draft *draft, struct clock *clock)
{
    bool paused = clock->state == CLOCK_STATE_PAUSED;
    if (paused)
        end_pause(draft, clock);
    clock->stopped_at_ms = draft->in->now_ms;
    /* by the time, not by the state: a report that came late to the engine may be accepted in the same step */
    bool late = clock->fired_at_ms || (!paused && clock->stopped_at_ms > clock->deadline_ms);
    clock->state = late ? CLOCK_STATE_STOPPED_LATE : CLOCK_STATE_STOPPED;
    clock->warn_at_ms = clock->escalate_at_ms = 0;
}

static bool is_of(const struct draft *draft, const struct clock *clock, const struct act *act)
{
    const struct task *task = case_task(&draft->record, clock->task);
    if (act->aside)
        return clock->task == act->task;
    return !of_disposal(clock->kind) || !task || task->role != TASK_ROLE_ASSIST;
}

/* Where the city promises from the report on, no change of department interrupts that. */
static bool runs_on(const struct draft *draft, const struct clock *clock, enum verb verb)
{
    bool other_department = verb == VERB_CONFIRM_RETURN || verb == VERB_TRANSFER || verb == VERB_HAND_UP;
    return clock->kind == CLOCK_DISPOSE && other_department && limit_from_report(draft);
}

static void stop_all(struct draft *draft, const struct act *act, unsigned kinds)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        bool whole = kinds == ALL;
        if (!clock_is_open(clock) || !(kinds >> clock->kind & 1) || !(whole || is_of(draft, clock, act)) ||
            runs_on(draft, clock, act->verb))
            continue;
        stop(draft, clock);
        if (clock->kind == CLOCK_DISPOSE && act->verb == VERB_CONFIRM_RETURN)
            draft->record.deadline_ms = 0; /* the next department's limit will be the promise */
    }
}

void clocks_stop_task(struct draft *draft, int64_t task_id)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        const struct task *task = case_task(&draft->record, clock->task);
        if (clock->task == task_id && clock_is_open(clock) && task && task->role == TASK_ROLE_ASSIST)
            stop(draft, clock);
    }
}

void clocks_move_to(struct draft *draft, int64_t from_task, int64_t to_task)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        if (clock->task == from_task && clock_is_open(clock))
            clock->task = to_task;
    }
}

/* ---- the moves of a verb ---- */

/* Whose the clock is; NULL: the case's own. */
static const struct task *task_of(const struct draft *draft, const struct act *act, enum clock_kind kind)
{
    const struct task *check = case_check_task(&draft->record);
    if (kind == CLOCK_VERIFY)
        return case_verify_task(&draft->record);
    if (kind == CLOCK_CHECK)
        return check && task_is_open(check) ? check : NULL; /* else of an earlier round */
    if (!of_disposal(kind))
        return NULL;
    return act->aside ? case_task(&draft->record, act->task) : case_lead_task(&draft->record);
}

/* The last limit that the lead of this round had; 0: none. */
static int64_t last_link(const struct draft *draft)
{
    int64_t link = 0;
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        const struct clock *clock = &draft->record.clocks.items[i];
        if (case_is_limit(&draft->record, clock))
            link = clock->link;
    }
    return link;
}

/* Of the chain: what went before the stage that failed its check was good. */
static int64_t link_of(struct draft *draft, enum verb verb)
{
    const struct clock *dispose = verb == VERB_ADVANCE ? case_open_clock(&draft->record, CLOCK_DISPOSE) : NULL;
    if (verb == VERB_REWORK)
        return last_link(draft);
    return dispose ? dispose->link + 1 : 0;
}

/* A promise that had run out before the merge goes on as what it was: a clock fires once. False: there is none. */
static bool revive(struct draft *draft, enum clock_kind kind)
{
    struct clock *last = NULL;
    for (size_t i = 0; i < draft->record.clocks.count; i++)
        if (draft->record.clocks.items[i].kind == kind)
            last = &draft->record.clocks.items[i];
    if ((kind != CLOCK_DISPOSE && kind != CLOCK_ANSWER) || !last || !last->fired_at_ms)
        return false;
    last->state = CLOCK_STATE_FIRED;
    last->stopped_at_ms = 0;
    if (!last->acknowledged_at_ms)
        clocks_set_escalation(draft, last);
    return true;
}

void clocks_follow(struct draft *draft, const struct act *act)
{
    enum verb verb = act->inside ? VERB_ARRIVE : act->verb; /* done inside: what is left is the department's promise */
    if ((size_t)verb >= sizeof moves / sizeof *moves)
        return;
    const struct clock_move *move = &moves[verb];
    int64_t link = link_of(draft, act->verb);
    stop_all(draft, act, move->stops);
    unsigned starts = act->aside && act->verb != VERB_JOIN ? move->starts & BIT(TAKE) : move->starts;
    for (enum clock_kind kind = CLOCK_NONE + 1; kind < CLOCK_KIND_COUNT; kind++) {
        const struct task *task = task_of(draft, act, kind);
        if (starts >> kind & 1 && is_waited_for(draft, act, kind, task) &&
            !(act->verb == VERB_UNMERGE && revive(draft, kind)))
            start(draft, act, kind, task, link);
    }
    struct clock *dispose = case_open_clock(&draft->record, CLOCK_DISPOSE);
    const struct task *lead = case_lead_task(&draft->record);
    if (dispose && lead)
        dispose->task = lead->id; /* one that ran before there was a task, or on to another department */
}

/* A superior's date has come that is earlier, or that of the clock has gone with the report that had it. What has run out already does so once. */
static bool has_another_date(const struct case_file *record, const struct clock *answer)
{
    bool sooner = answer->state == CLOCK_STATE_RUNNING && record->answer_by_ms < answer->deadline_ms;
    bool gone = answer->unit == UNIT_NONE && record->answer_by_ms > answer->deadline_ms;
    return record->answer_by_ms ? sooner || gone : answer->unit == UNIT_NONE;
}

void clocks_follow_voices(struct draft *draft)
{
    const struct act attach = { .verb = VERB_ATTACH };
    struct clock *answer = case_open_clock(&draft->record, CLOCK_ANSWER);
    bool waits = is_waited_for(draft, &attach, CLOCK_ANSWER, NULL);
    bool holds = answer && waits && !has_another_date(&draft->record, answer);
    if (answer && !holds)
        stop(draft, answer);
    if (waits && !holds)
        start(draft, &attach, CLOCK_ANSWER, NULL, 0);
}

void clocks_reclassify(struct draft *draft)
{
    struct act report = { .verb = VERB_REPORT };
    struct clock *dispose = case_open_clock(&draft->record, CLOCK_DISPOSE);
    if (dispose)
        stop(draft, dispose);
    draft->record.deadline_ms = 0;
    if (limit_from_report(draft))
        start(draft, &report, CLOCK_DISPOSE, NULL, 0);
}

/* ---- more time ---- */

static void move_deadline(struct draft *draft, struct clock *clock, int64_t deadline_ms)
{
    const struct task *lead = case_lead_task(&draft->record);
    clock->deadline_ms = deadline_ms;
    if (clock->kind == CLOCK_DISPOSE && (!lead || !clock->task || clock->task == lead->id))
        draft->record.deadline_ms = deadline_ms;
}

static int64_t after_pause(const struct draft *draft, const struct clock *clock, int64_t deadline_ms,
                           const struct pause *pause)
{
    const struct calendar *calendar = calendar_of(draft, clock);
    enum limit_unit unit = calendar ? clock->unit : UNIT_CLOCK_HOUR;
    return calendar_after_pause(calendar, deadline_ms, unit, pause->from_ms, pause->to_ms);
}

void clocks_excuse(struct draft *draft)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        clock->excused |= clock->kind == CLOCK_DISPOSE && clock->state == CLOCK_STATE_STOPPED_LATE;
    }
}

/* What each has promised about the disposal is the other's now. */
static void exchange_limits(struct draft *draft, const struct task *before, const struct task *lead)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        bool meant = clock->kind == CLOCK_DISPOSE && clock_is_open(clock);
        if (meant && (clock->task == before->id || clock->task == lead->id))
            clock->task = clock->task == lead->id ? before->id : lead->id;
    }
}

void clocks_change_lead(struct draft *draft, const struct task *before, const struct task *lead)
{
    const struct act act = { .verb = VERB_HAND_UP };
    struct clock *tier = case_task_clock(&draft->record, CLOCK_TIER, before->id);
    if (limit_from_report(draft)) /* it is the city's promise: it stays that of the case */
        exchange_limits(draft, before, lead);
    if (tier)
        stop(draft, tier);
    start(draft, &act, CLOCK_TIER, lead, 0);
}

/* The limit so many times, as the book has the calendar now. */
static int64_t after_amounts(const struct draft *draft, const struct clock *clock, int64_t amounts)
{
    int64_t deadline_ms =
        calendar_deadline(calendar_of(draft, clock), clock->armed_at_ms, clock->unit, clock->amount * amounts);
    for (size_t i = 0; i < clock->pauses.count; i++)
        deadline_ms = after_pause(draft, clock, deadline_ms, &clock->pauses.items[i]);
    return deadline_ms;
}

/* Counted from the start, as one limit of that length; where the deadline was promised by another calendar, from the deadline: more time is
 * never less. */
static int64_t extended(const struct draft *draft, const struct clock *clock)
{
    const struct calendar *calendar = calendar_of(draft, clock);
    bool is_elapsed = clock->unit == UNIT_CLOCK_HOUR || clock->unit == UNIT_CLOCK_MINUTE;
    if (!calendar && !is_elapsed)
        return clock->deadline_ms + (clock->deadline_ms - clock->armed_at_ms) / (clock->extensions + 1);
    if (after_amounts(draft, clock, clock->extensions + 1) == clock->deadline_ms)
        return after_amounts(draft, clock, clock->extensions + 2);
    return calendar_deadline(calendar, clock->deadline_ms, clock->unit, clock->amount);
}

void clocks_extend(struct draft *draft, struct clock *clock)
{
    move_deadline(draft, clock, extended(draft, clock));
    clock->extensions++;
    clocks_set_warning(draft, clock);
}

void clocks_pause(struct draft *draft)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++) {
        struct clock *clock = &draft->record.clocks.items[i];
        bool runs_on = clock->kind == CLOCK_ANSWER || clock->kind == CLOCK_SUPERVISE || clock->kind == CLOCK_RESUME;
        if (clock->state == CLOCK_STATE_RUNNING && !runs_on)
            begin_pause(draft, clock);
    }
}

/* The warn point that was next is the next one still, by the span as it is now. */
static void go_on(struct draft *draft, struct clock *clock)
{
    int64_t now_ms = draft->in->now_ms, warn_at_ms = clock->warn_at_ms;
    size_t count = draft->in->book->warn_percent_count, next = 0;
    while (next < count && warn_point(draft, clock, next) != warn_at_ms)
        next++;
    move_deadline(draft, clock, after_pause(draft, clock, clock->deadline_ms, end_pause(draft, clock)));
    clock->state = CLOCK_STATE_RUNNING;
    if (warn_at_ms && next == count) /* another book was read since */
        clocks_set_warning(draft, clock);
    else if (warn_at_ms)
        clock->warn_at_ms = warn_point(draft, clock, next) > now_ms ? warn_point(draft, clock, next) : now_ms;
}

void clocks_resume(struct draft *draft)
{
    for (size_t i = 0; i < draft->record.clocks.count; i++)
        if (draft->record.clocks.items[i].state == CLOCK_STATE_PAUSED)
            go_on(draft, &draft->record.clocks.items[i]);
}
