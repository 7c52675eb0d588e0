/* Limits and clocks: each deadline computed anew by the oracle, each firing and warning found in the history once, in its moment. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/checks.h"
#include "test/sim/sim.h"

enum { LATE_MS = 1000, MOMENTS_MAX = 512 };

static const char *kind_name(const struct clock *clock)
{
    return enum_name(&clock_kind_desc, (int)clock->kind);
}

/* ---- limits ---- */

/* The department whose limits the clock has. */
static int department_of(const struct district *district, const struct case_file *record, const struct clock *clock)
{
    const struct task *lead = case_lead_task(record);
    const char *code = "";
    if (clock->task > 0 && (size_t)clock->task <= record->tasks.count)
        code = record->tasks.items[clock->task - 1].department;
    else if (clock->kind == CLOCK_CHECK && lead)
        code = lead->department;
    return district_department(district, code);
}

static const struct limit_plan *limit_of(const struct district *district, const struct case_file *record,
                                         const struct clock *clock)
{
    int service = district_service(district, record->service);
    return district_limit(district, service, district_condition(district, service, record->condition),
                          department_of(district, record, clock), clock->kind);
}

static int64_t deadline_of(struct sim *sim, const struct timetable *table, const struct clock *clock)
{
    int64_t deadline_ms =
        oracle_deadline(&sim->oracle, table, clock->armed_at_ms, clock->unit, clock->amount * (1 + clock->extensions));
    for (size_t i = 0; i < clock->pauses.count; i++)
        if (clock->pauses.items[i].to_ms)
            deadline_ms = oracle_after_pause(&sim->oracle, table, deadline_ms, clock->unit,
                                             clock->pauses.items[i].from_ms, clock->pauses.items[i].to_ms);
    return deadline_ms;
}

static void check_limit(struct sim *sim, const struct seen_case *seen, size_t i)
{
    const struct district *district = &sim->districts[seen->clocks[i].book];
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct limit_plan *limit = limit_of(district, &seen->record, clock);
    if (limit->unit != clock->unit || limit->amount != clock->amount)
        verdict_fail(&sim->verdict, CHECK_LIMITS, seen->record.id,
                     "clock %" PRId64 " (%s) has %" PRId64 " %s, the book says %" PRId64 " %s", clock->id,
                     kind_name(clock), clock->amount, enum_name(&limit_unit_desc, (int)clock->unit), limit->amount,
                     enum_name(&limit_unit_desc, (int)limit->unit));
    else if (strcmp(clock->calendar, district->tables[limit->table].code) != 0)
        verdict_fail(&sim->verdict, CHECK_LIMITS, seen->record.id,
                     "clock %" PRId64 " (%s) goes by calendar '%s', the book says '%s'", clock->id, kind_name(clock),
                     clock->calendar, district->tables[limit->table].code);
}

static void check_deadline(struct sim *sim, const struct seen_case *seen, size_t i)
{
    const struct district *district = &sim->districts[seen->clocks[i].book];
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct timetable *table = district_table(district, clock->calendar);
    int64_t wanted_ms = table ? deadline_of(sim, table, clock) : 0;
    char from[TIMESTAMP_TEXT], got[TIMESTAMP_TEXT], wanted[TIMESTAMP_TEXT];
    if (clock->deadline_ms != wanted_ms)
        verdict_fail(&sim->verdict, CHECK_LIMITS, seen->record.id,
                     "clock %" PRId64 " (%s): %" PRId64 " %s by calendar %s from %s (%" PRId64 ") end at %s (%" PRId64
                     "), the oracle finds %s (%" PRId64 ")",
                     clock->id, kind_name(clock), clock->amount, enum_name(&limit_unit_desc, (int)clock->unit),
                     clock->calendar, timestamp_format(from, clock->armed_at_ms, 0), clock->armed_at_ms,
                     timestamp_format(got, clock->deadline_ms, 0), clock->deadline_ms,
                     timestamp_format(wanted, wanted_ms, 0), wanted_ms);
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
    struct case_file *record = (struct case_file *)&seen->record;
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

static void check_clock_step(struct sim *sim, const struct seen_case *seen, const struct clock *old, size_t i)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    bool moved = clock->deadline_ms != old->deadline_ms;
    bool has_reason = clock->extensions != old->extensions || clock->pauses.count;
    if (!may_become(old->state, clock->state) || clock->kind != old->kind || clock->armed_at_ms != old->armed_at_ms ||
        (old->fired_at_ms && clock->fired_at_ms != old->fired_at_ms) || clock->warned < old->warned ||
        clock->level < old->level || (moved && !has_reason))
        verdict_fail(&sim->verdict, CHECK_CLOCKS, seen->record.id,
                     "clock %" PRId64 " (%s) went from %s (deadline %" PRId64 ", fired %" PRId64 ") to %s (%" PRId64
                     ", %" PRId64 ")",
                     clock->id, kind_name(clock), enum_name(&clock_state_desc, (int)old->state), old->deadline_ms,
                     old->fired_at_ms, enum_name(&clock_state_desc, (int)clock->state), clock->deadline_ms,
                     clock->fired_at_ms);
    if (moved)
        check_deadline(sim, seen, i);
}

void check_clocks_step(struct sim *sim, const struct case_file *old, const struct seen_case *seen)
{
    const struct clock_list *clocks = &seen->record.clocks;
    for (size_t i = 0; i < clocks->count; i++) {
        if (i < old->clocks.count) {
            check_clock_step(sim, seen, &old->clocks.items[i], i);
            continue;
        }
        check_limit(sim, seen, i);
        check_deadline(sim, seen, i);
    }
    if (old->state != seen->record.state)
        check_waits(sim, seen);
}

/* ---- at the end ---- */

static void check_one(struct sim *sim, const struct seen_case *seen, size_t i)
{
    const struct clock *clock = &seen->record.clocks.items[i];
    const struct seen_clock *known = &seen->clocks[i];
    bool stopped = clock->state == CLOCK_STATE_STOPPED || clock->state == CLOCK_STATE_STOPPED_LATE;
    bool late = stopped && clock->stopped_at_ms > clock->deadline_ms;
    const char *wrong = NULL;
    /* armed when its moment was already past, it fires at the next one */
    int64_t latest_ms = clock->deadline_ms > known->seen_ms ? clock->deadline_ms : known->seen_ms;
    if (clock->fired_at_ms && clock->fired_at_ms < clock->deadline_ms)
        wrong = "fired before its deadline";
    else if (clock->fired_at_ms > latest_ms + LATE_MS)
        wrong = "fired too late";
    else if (stopped != (clock->stopped_at_ms != 0))
        wrong = "stopped without a moment, or not stopped with one";
    else if (stopped && late != (clock->state == CLOCK_STATE_STOPPED_LATE))
        wrong = "stopped late or in time, and says the other";
    else if (late && !clock->fired_at_ms && clock->stopped_at_ms > latest_ms + LATE_MS)
        wrong = "was stopped long after its deadline and has not fired";
    else if (stopped && clock->fired_at_ms > clock->stopped_at_ms)
        wrong = "fired after what it waited for";
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

static bool was_moved(const struct clock *clock)
{
    return clock->extensions || clock->pauses.count;
}

/* When a clock may have warned, and when it must have. */
static void warn_moments(struct sim *sim, const struct seen_case *seen, enum clock_kind kind, struct moments *may,
                         struct moments *must, bool *moved)
{
    may->count = must->count = 0;
    for (size_t i = 0; i < seen->record.clocks.count; i++) {
        const struct clock *clock = &seen->record.clocks.items[i];
        const struct seen_clock *known = &seen->clocks[i];
        if (clock->kind != kind)
            continue;
        *moved = *moved || was_moved(clock);
        int64_t span_ms = clock->deadline_ms - clock->armed_at_ms;
        int64_t at_ms = clock->armed_at_ms + span_ms * sim->districts[known->book].warn_percent / 100;
        int64_t ended_ms = clock->stopped_at_ms ? clock->stopped_at_ms : sim->station.engine_ms;
        if (at_ms > known->before_ms && at_ms < clock->deadline_ms && at_ms <= ended_ms)
            add_moment(may, at_ms);
        if (at_ms > known->seen_ms && at_ms < clock->deadline_ms && at_ms < ended_ms)
            add_moment(must, at_ms);
    }
    sort_moments(may);
    sort_moments(must);
}

void check_clocks_case(struct sim *sim, const struct seen_case *seen, const struct step_list *steps)
{
    static struct moments told, fired, may, must;
    for (size_t i = 0; i < seen->record.clocks.count; i++)
        check_one(sim, seen, i);
    for (enum clock_kind kind = CLOCK_ACCEPT; kind < CLOCK_KIND_COUNT; kind++) {
        bool moved = false;
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
        told_moments(steps, VERB_WARN, kind, &told);
        warn_moments(sim, seen, kind, &may, &must, &moved);
        if (!moved && (!is_within(&told, &may) || !is_within(&must, &told)))
            verdict_fail(&sim->verdict, CHECK_CLOCKS, seen->record.id,
                         "clocks of kind %s warned %zu times; at least %zu, at most %zu, or at other moments",
                         enum_name(&clock_kind_desc, (int)kind), told.count, must.count, may.count);
    }
}
