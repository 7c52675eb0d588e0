/* Limits and clocks: each deadline computed anew by the oracle, each firing and warning found in the history once, in its moment. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/checks.h"
#include "test/sim/sim.h"

enum { LATE_MS = 1000, MOMENTS_MAX = 4096 };

static const char *kind_name(const struct clock *clock)
{
    return enum_name(&clock_kind_desc, (int)clock->kind);
}

/* ---- limits ---- */

/* A superior said until when, so it has no limit of the book. One that was stopped may be that of a report that has left the case. */
static bool has_date(const struct case_file *record, const struct clock *clock)
{
    return clock->kind == CLOCK_ANSWER && clock->unit == UNIT_NONE &&
           (clock->stopped_at_ms || (record->answer_by_ms && clock->deadline_ms == record->answer_by_ms));
}

/* The department whose limits the clock has: of what departments do each its own, else the one that has the case. */
static int department_of(const struct district *district, const struct case_file *record, const struct clock *clock)
{
    const struct task *task = case_task(record, clock->task);
    return district_department(district, task && task_is_disposal(task) ? task->department : record->department);
}

static const struct limit_plan *limit_of(const struct district *district, const struct case_file *record,
                                         const struct clock *clock)
{
    int service = district_service(district, record->service);
    return district_limit(district, service, district_condition(district, service, record->condition),
                          department_of(district, record, clock), clock->kind, clock->link);
}

static bool is_limit(const struct district *district, const struct clock *clock, const struct limit_plan *limit)
{
    return limit->unit == clock->unit && limit->amount == clock->amount &&
           strcmp(clock->calendar, district->tables[limit->table].code) == 0;
}

/* Where several things happened in one turn it may have been armed for another service or department than the case has now. */
static bool is_limit_of_any(const struct district *district, const struct clock *clock)
{
    for (int service = -1; service < DISTRICT_SERVICES; service++)
        for (int condition = 0; condition < (service < 0 ? 1 : district->services[service].condition_count);
             condition++)
            for (int department = -1; department < DISTRICT_DEPARTMENTS; department++)
                if (is_limit(district, clock,
                             district_limit(district, service, condition, department, clock->kind, clock->link)))
                    return true;
    return false;
}

static void check_limit(struct sim *sim, const struct seen_case *seen, size_t i, bool at_once)
{
    const struct district *district = &sim->districts[seen->clocks[i].book];
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct limit_plan *limit = limit_of(district, &seen->record, clock);
    if (clock->kind == CLOCK_RESUME || has_date(&seen->record, clock) || is_limit(district, clock, limit) ||
        (!at_once && is_limit_of_any(district, clock)))
        return;
    verdict_fail(&sim->verdict, CHECK_LIMITS, seen->record.id,
                 "clock %" PRId64 " (%s) has %" PRId64 " %s by %s, the book says %" PRId64 " %s by %s", clock->id,
                 kind_name(clock), clock->amount, enum_name(&limit_unit_desc, (int)clock->unit), clock->calendar,
                 limit->amount, enum_name(&limit_unit_desc, (int)limit->unit), district->tables[limit->table].code);
}

/* ---- deadlines ---- */

/* It was stopped while it stood still: that pause moved nothing any more. */
static bool ended_standing(const struct clock *clock, size_t pause)
{
    return clock->stopped_at_ms && pause + 1 == clock->pauses.count &&
           clock->pauses.items[pause].to_ms == clock->stopped_at_ms;
}

/* `standing`: without a pause in which it was stopped, where that cannot be told from one that ended in the moment before. */
static int64_t deadline_of(struct sim *sim, const struct district *district, const struct clock *clock, bool standing)
{
    const struct timetable *table = district_table(district, clock->calendar);
    if (!table)
        return 0;
    int64_t deadline_ms =
        oracle_deadline(&sim->oracle, table, clock->armed_at_ms, clock->unit, clock->amount * (1 + clock->extensions));
    for (size_t i = 0; i < clock->pauses.count; i++)
        if (clock->pauses.items[i].to_ms && !(standing && ended_standing(clock, i)))
            deadline_ms = oracle_after_pause(&sim->oracle, table, deadline_ms, clock->unit,
                                             clock->pauses.items[i].from_ms, clock->pauses.items[i].to_ms);
    return deadline_ms;
}

static void check_deadline(struct sim *sim, const struct seen_case *seen, size_t i)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct district *district = &sim->districts[seen->clocks[i].book];
    int64_t wanted_ms = deadline_of(sim, district, clock, false);
    char from[TIMESTAMP_TEXT], got[TIMESTAMP_TEXT], wanted[TIMESTAMP_TEXT];
    if (clock->kind == CLOCK_RESUME || has_date(&seen->record, clock) || clock->deadline_ms == wanted_ms ||
        clock->deadline_ms == deadline_of(sim, district, clock, true))
        return;
    verdict_fail(&sim->verdict, CHECK_LIMITS, seen->record.id,
                 "clock %" PRId64 " (%s): %" PRId64 " %s by calendar %s from %s (%" PRId64 "), %" PRId64
                 " times extended, %zu times paused, ends at %s (%" PRId64 "), the oracle finds %s (%" PRId64 ")",
                 clock->id, kind_name(clock), clock->amount, enum_name(&limit_unit_desc, (int)clock->unit),
                 clock->calendar, timestamp_format(from, clock->armed_at_ms, 0), clock->armed_at_ms, clock->extensions,
                 clock->pauses.count, timestamp_format(got, clock->deadline_ms, 0), clock->deadline_ms,
                 timestamp_format(wanted, wanted_ms, 0), wanted_ms);
}

/* After an extension or a pause. Where the book has changed since, its calendar is the one by which time was given. */
static void check_moved(struct sim *sim, const struct seen_case *seen, const struct clock *old, size_t i)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct district *now = sim_district(sim);
    const struct timetable *table = district_table(now, clock->calendar);
    if (station_changes_since(&sim->station, seen->clocks[i].before_ms) && table) {
        const struct pause *last = clock->pauses.count ? &clock->pauses.items[clock->pauses.count - 1] : NULL;
        if (clock->deadline_ms == deadline_of(sim, now, clock, false) ||
            (clock->extensions > old->extensions &&
             clock->deadline_ms ==
                 oracle_deadline(&sim->oracle, table, old->deadline_ms, clock->unit, clock->amount)) ||
            (last && clock->deadline_ms == oracle_after_pause(&sim->oracle, table, old->deadline_ms, clock->unit,
                                                              last->from_ms, last->to_ms)))
            return;
    }
    check_deadline(sim, seen, i);
}

/* Which clocks wait for somebody in a state that a case has just come to. */
static const struct {
    enum case_state state;
    enum clock_kind kind;
} waits[] = {
    { CASE_REPORTED, CLOCK_ACCEPT },    { CASE_ACCEPTED, CLOCK_DISPATCH }, { CASE_DISPATCHED, CLOCK_RECEIVE },
    { CASE_DISPATCHED, CLOCK_DISPOSE }, { CASE_DISPOSED, CLOCK_CHECK },
};

static void check_waits(struct sim *sim, const struct seen_case *seen)
{
    const struct case_file *record = &seen->record;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        const struct task *lead = case_lead_task(record);
        struct clock like = { .kind = waits[i].kind, .task = lead ? lead->id : 0 };
        if (waits[i].state != record->state || case_open_clock(record, waits[i].kind))
            continue;
        if (limit_of(sim_district(sim), record, &like)->unit != UNIT_NONE)
            verdict_fail(&sim->verdict, CHECK_LIMITS, record->id, "case %s is %s and has no %s clock", record->number,
                         enum_name(&case_state_desc, (int)record->state),
                         enum_name(&clock_kind_desc, (int)waits[i].kind));
    }
}

/* A superior's date is owed by the case that has the report now, however it came there. */
static void check_dates(struct sim *sim, const struct seen_case *seen)
{
    const struct case_file *record = &seen->record;
    const struct clock *answer = case_open_clock(record, CLOCK_ANSWER);
    for (size_t i = 0; i < record->voices.count; i++) {
        int64_t date_ms = record->voices.items[i].answer_by_ms;
        if (!date_ms || record->answered_at_ms || !case_state_is_open(record->state) ||
            (answer && (answer->deadline_ms <= date_ms || answer->fired_at_ms)))
            continue;
        verdict_fail(&sim->verdict, CHECK_LIMITS, record->id,
                     "case %s has no answer clock for the date of report %" PRId64, record->number,
                     record->voices.items[i].seq);
    }
}

/* ---- from one commit to the next ---- */

static bool may_become(enum clock_state from, enum clock_state to)
{
    static const unsigned next[] = {
        [CLOCK_STATE_NONE] = ~0u,
        [CLOCK_STATE_RUNNING] = 1u << CLOCK_STATE_RUNNING | 1u << CLOCK_STATE_STOPPED | 1u << CLOCK_STATE_FIRED |
                                1u << CLOCK_STATE_STOPPED_LATE | 1u << CLOCK_STATE_PAUSED,
        [CLOCK_STATE_STOPPED] = 1u << CLOCK_STATE_STOPPED,
        [CLOCK_STATE_FIRED] = 1u << CLOCK_STATE_FIRED | 1u << CLOCK_STATE_STOPPED_LATE | 1u << CLOCK_STATE_PAUSED,
        [CLOCK_STATE_STOPPED_LATE] = 1u << CLOCK_STATE_STOPPED_LATE,
        [CLOCK_STATE_PAUSED] = ~0u & ~(1u << CLOCK_STATE_NONE),
    };
    return next[from] >> to & 1;
}

/* A promise that had run out goes on as that when its case is a case of its own again. */
static bool is_revived(const struct case_file *before, const struct clock *old, const struct clock *clock)
{
    return before->state == CASE_MERGED && old->fired_at_ms && clock->state == CLOCK_STATE_FIRED &&
           (clock->kind == CLOCK_DISPOSE || clock->kind == CLOCK_ANSWER);
}

static void check_clock_step(struct sim *sim, const struct case_file *before, const struct seen_case *seen, size_t i)
{
    const struct clock *old = &before->clocks.items[i], *clock = &seen->record.clocks.items[i];
    bool moved = clock->deadline_ms != old->deadline_ms;
    bool has_reason = clock->extensions != old->extensions || clock->pauses.count;
    bool same_book = !station_changes_since(&sim->station, seen->clocks[i].before_ms);
    bool revived = is_revived(before, old, clock), becomes = may_become(old->state, clock->state) || revived;
    if (revived) {
        seen->clocks[i].merged_ms = old->stopped_at_ms;
        seen->clocks[i].unmerged_ms = sim->station.engine_ms;
    }
    if (!becomes || clock->kind != old->kind || clock->armed_at_ms != old->armed_at_ms ||
        (old->fired_at_ms && clock->fired_at_ms != old->fired_at_ms) || clock->warned < old->warned ||
        (same_book && clock->level < old->level) || (moved && !has_reason))
        verdict_fail(&sim->verdict, CHECK_CLOCKS, seen->record.id,
                     "clock %" PRId64 " (%s) went from %s (deadline %" PRId64 ", fired %" PRId64 ") to %s (%" PRId64
                     ", %" PRId64 ")",
                     clock->id, kind_name(clock), enum_name(&clock_state_desc, (int)old->state), old->deadline_ms,
                     old->fired_at_ms, enum_name(&clock_state_desc, (int)clock->state), clock->deadline_ms,
                     clock->fired_at_ms);
    if (moved)
        check_moved(sim, seen, old, i);
}

void check_clocks_step(struct sim *sim, const struct case_file *old, const struct seen_case *seen)
{
    const struct clock_list *clocks = &seen->record.clocks;
    for (size_t i = 0; i < clocks->count; i++) {
        if (i < old->clocks.count) {
            check_clock_step(sim, old, seen, i);
            continue;
        }
        check_limit(sim, seen, i, seen->record.revision - old->revision <= 1);
        check_deadline(sim, seen, i);
    }
    check_dates(sim, seen);
    /* a case that resumes comes to nothing new: it has the clocks that it had, whatever another book says since */
    if (old->state != seen->record.state && old->state != CASE_SUSPENDED)
        check_waits(sim, seen);
}

/* ---- at the end ---- */

/* Its warnings and escalations are those of the book that armed it, and of the time it was given then. */
static bool is_plain(struct sim *sim, const struct seen_case *seen, size_t i)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    return !clock->extensions && !clock->pauses.count &&
           !station_changes_since(&sim->station, seen->clocks[i].before_ms);
}

static bool fired_in_pause(const struct clock *clock)
{
    for (size_t i = 0; clock->fired_at_ms && i < clock->pauses.count; i++)
        if (clock->fired_at_ms > clock->pauses.items[i].from_ms &&
            (!clock->pauses.items[i].to_ms || clock->fired_at_ms < clock->pauses.items[i].to_ms))
            return true;
    return false;
}

static bool resumed_at(const struct step_list *steps, int64_t at_ms)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i].verb == VERB_RESUME && steps->items[i].at_ms == at_ms)
            return true;
    return false;
}

static void check_one(struct sim *sim, const struct seen_case *seen, size_t i, const struct step_list *steps)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct seen_clock *known = &seen->clocks[i];
    bool stopped = clock->state == CLOCK_STATE_STOPPED || clock->state == CLOCK_STATE_STOPPED_LATE;
    const struct pause *last = clock->pauses.count ? &clock->pauses.items[clock->pauses.count - 1] : NULL;
    bool paused = last && ended_standing(clock, clock->pauses.count - 1) && !resumed_at(steps, last->to_ms);
    bool late = stopped && (clock->fired_at_ms || (!paused && clock->stopped_at_ms > clock->deadline_ms));
    const char *wrong = NULL;
    /* armed when its moment was already past, it fires at the next one; paused with nothing left, when it goes on */
    int64_t latest_ms = clock->deadline_ms > known->seen_ms ? clock->deadline_ms : known->seen_ms;
    if (last && last->to_ms > latest_ms)
        latest_ms = last->to_ms;
    if (clock->fired_at_ms && clock->fired_at_ms < clock->deadline_ms)
        wrong = "fired before its deadline";
    else if (clock->fired_at_ms > latest_ms + LATE_MS && is_plain(sim, seen, i))
        wrong = "fired too late";
    else if (stopped != (clock->stopped_at_ms != 0))
        wrong = "stopped without a moment, or not stopped with one";
    else if (stopped && late != (clock->state == CLOCK_STATE_STOPPED_LATE))
        wrong = "stopped late or in time, and says the other";
    else if (late && !clock->fired_at_ms && clock->stopped_at_ms > latest_ms + LATE_MS)
        wrong = "was stopped long after its deadline and has not fired";
    else if (stopped && clock->fired_at_ms > clock->stopped_at_ms)
        wrong = "fired after what it waited for";
    else if (fired_in_pause(clock))
        wrong = "fired while it stood still";
    else if (clock->state == CLOCK_STATE_RUNNING && clock->deadline_ms + LATE_MS < sim->station.engine_ms)
        wrong = "should have fired";
    if (wrong)
        verdict_fail(&sim->verdict, CHECK_CLOCKS, seen->record.id,
                     "clock %" PRId64 " (%s, %s) %s: deadline %" PRId64 ", fired %" PRId64 ", stopped %" PRId64,
                     clock->id, kind_name(clock), enum_name(&clock_state_desc, (int)clock->state), wrong,
                     clock->deadline_ms, clock->fired_at_ms, clock->stopped_at_ms);
}

/* Moments of one verb and kind of clock, to be compared as sorted lists. */
struct moments {
    int64_t at_ms[MOMENTS_MAX];
    size_t count;
};

static void add_moment(struct moments *moments, int64_t at_ms)
{
    if (moments->count < MOMENTS_MAX)
        moments->at_ms[moments->count++] = at_ms;
}

static int earlier(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

static void sort_moments(struct moments *moments)
{
    qsort(moments->at_ms, moments->count, sizeof *moments->at_ms, earlier);
}

/* Everything in `part` is in `whole`, as often. */
static bool is_within(const struct moments *part, const struct moments *whole)
{
    size_t j = 0;
    for (size_t i = 0; i < part->count; i++, j++) {
        while (j < whole->count && whole->at_ms[j] < part->at_ms[i])
            j++;
        if (j == whole->count || whole->at_ms[j] != part->at_ms[i])
            return false;
    }
    return true;
}

static void told_moments(const struct step_list *steps, enum verb verb, enum clock_kind kind, struct moments *moments)
{
    moments->count = 0;
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i].verb == verb && steps->items[i].clock == kind)
            add_moment(moments, steps->items[i].at_ms);
    sort_moments(moments);
}

static int64_t end_of(struct sim *sim, const struct clock *clock)
{
    return clock->stopped_at_ms ? clock->stopped_at_ms : sim->station.engine_ms;
}

/* When something may have been told, and when it must have. */
struct expected {
    struct moments may, must;
};

static void expect_warnings(struct sim *sim, const struct seen_case *seen, size_t i, struct expected *expected)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct seen_clock *known = &seen->clocks[i];
    const struct district *district = &sim->districts[known->book];
    int64_t span_ms = clock->deadline_ms - clock->armed_at_ms, ended_ms = end_of(sim, clock);
    for (int percent = 0; percent < district->warn_count; percent++) {
        int64_t at_ms = clock->armed_at_ms + span_ms * district->warn_percents[percent] / 100;
        if (at_ms > known->before_ms && at_ms < clock->deadline_ms && at_ms <= ended_ms)
            add_moment(&expected->may, at_ms);
        if (at_ms > known->seen_ms && at_ms < clock->deadline_ms && at_ms < ended_ms)
            add_moment(&expected->must, at_ms);
    }
}

/* Step by step from the firing on, until somebody knows or it has ended. */
static void expect_escalations(struct sim *sim, const struct seen_case *seen, size_t i, struct expected *expected)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct district *district = &sim->districts[seen->clocks[i].book];
    int64_t ended_ms = end_of(sim, clock), last_ms = clock->fired_at_ms;
    if (clock->acknowledged_at_ms && clock->acknowledged_at_ms < ended_ms)
        ended_ms = clock->acknowledged_at_ms;
    for (int step = 0; clock->fired_at_ms && step < district->escalation_count; step++) {
        const struct escalation_plan *escalation = &district->escalations[step];
        if (escalation->clock != clock->kind)
            continue;
        int64_t at_ms = oracle_deadline(&sim->oracle, &district->tables[escalation->after.table], clock->fired_at_ms,
                                        escalation->after.unit, escalation->after.amount);
        if (at_ms > seen->clocks[i].merged_ms && at_ms < seen->clocks[i].unmerged_ms)
            at_ms = seen->clocks[i].unmerged_ms;
        last_ms = at_ms > last_ms ? at_ms : last_ms;
        if (last_ms <= ended_ms)
            add_moment(&expected->may, last_ms);
        if (last_ms < ended_ms)
            add_moment(&expected->must, last_ms);
    }
}

static void check_told(struct sim *sim, const struct seen_case *seen, const struct step_list *steps,
                       enum clock_kind kind, enum verb verb,
                       void (*expect)(struct sim *sim, const struct seen_case *seen, size_t i,
                                      struct expected *expected))
{
    static struct expected expected;
    static struct moments told;
    expected.may.count = expected.must.count = 0;
    for (size_t i = 0; i < seen->record.clocks.count; i++) {
        if (seen->record.clocks.items[i].kind != kind)
            continue;
        if (!is_plain(sim, seen, i))
            return;
        expect(sim, seen, i, &expected);
    }
    sort_moments(&expected.may);
    sort_moments(&expected.must);
    told_moments(steps, verb, kind, &told);
    if (!is_within(&told, &expected.may) || !is_within(&expected.must, &told))
        verdict_fail(&sim->verdict, CHECK_CLOCKS, seen->record.id,
                     "clocks of kind %s: %s %zu times; at least %zu and at most %zu were to be, or at other moments",
                     enum_name(&clock_kind_desc, (int)kind), enum_name(&verb_desc, (int)verb), told.count,
                     expected.must.count, expected.may.count);
}

static void check_fired(struct sim *sim, const struct seen_case *seen, const struct step_list *steps,
                        enum clock_kind kind)
{
    static struct moments told, fired;
    fired.count = 0;
    for (size_t i = 0; i < seen->record.clocks.count; i++)
        if (seen->record.clocks.items[i].kind == kind && seen->record.clocks.items[i].fired_at_ms)
            add_moment(&fired, seen->record.clocks.items[i].fired_at_ms);
    sort_moments(&fired);
    told_moments(steps, VERB_OVERDUE, kind, &told);
    if (told.count != fired.count || !is_within(&told, &fired))
        verdict_fail(&sim->verdict, CHECK_CLOCKS, seen->record.id,
                     "%zu clocks of kind %s have fired, the history tells of %zu, or of other moments", fired.count,
                     enum_name(&clock_kind_desc, (int)kind), told.count);
}

void check_clocks_case(struct sim *sim, const struct seen_case *seen, const struct step_list *steps)
{
    for (size_t i = 0; i < seen->record.clocks.count; i++)
        check_one(sim, seen, i, steps);
    for (enum clock_kind kind = CLOCK_NONE + 1; kind < CLOCK_RESUME; kind++) {
        check_fired(sim, seen, steps, kind);
        check_told(sim, seen, steps, kind, VERB_WARN, expect_warnings);
        check_told(sim, seen, steps, kind, VERB_ESCALATE, expect_escalations);
    }
}
