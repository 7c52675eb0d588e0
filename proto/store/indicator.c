#include "proto/store/indicator.h"

#include <string.h>

ENUM_DEFINE(dimension, DIMENSIONS)
ENUM_DEFINE(anchor, ANCHORS)
ENUM_DEFINE(reach, REACHES)
ENUM_DEFINE(grade, GRADES)

static const char *const measure_names[] = {
#define MEASURE_NAME(measure, name, anchor, reach, when) name,
    MEASURES(MEASURE_NAME)
#undef MEASURE_NAME
};
const struct enum_desc measure_desc = { "measure", measure_names, MEASURE_COUNT };

static const char *const indicator_names[] = {
#define INDICATOR_NAME(indicator, name, part, of, better, green, yellow) name,
    INDICATORS(INDICATOR_NAME)
#undef INDICATOR_NAME
};
const struct enum_desc indicator_desc = { "indicator", indicator_names, INDICATOR_COUNT };

enum anchor measure_anchor(enum measure measure)
{
    static const enum anchor anchors[] = {
#define MEASURE_ANCHOR(measure, name, anchor, reach, when) ANCHOR_##anchor,
        MEASURES(MEASURE_ANCHOR)
#undef MEASURE_ANCHOR
    };
    return anchors[measure];
}

/* ---- rates ---- */

enum { IS_BETTER_MORE = true, IS_BETTER_LESS = false };

const struct indicator_row indicators[INDICATOR_COUNT] = {
#define INDICATOR_ROW(indicator, name, part, of, better, green, yellow) \
    { MEASURE_##part, MEASURE_##of, IS_BETTER_##better, green, yellow },
    INDICATORS(INDICATOR_ROW)
#undef INDICATOR_ROW
};

static bool reaches(const struct indicator_row *row, int64_t part, int64_t of, int per_cent)
{
    return row->more_is_better ? part * 100 >= of * per_cent : part * 100 <= of * per_cent;
}

enum grade indicator_grade(enum indicator indicator, int64_t part, int64_t of)
{
    const struct indicator_row *row = &indicators[indicator];
    if (of <= 0)
        return GRADE_NONE;
    if (reaches(row, part, of, row->green))
        return GRADE_GREEN;
    return reaches(row, part, of, row->yellow) ? GRADE_YELLOW : GRADE_RED;
}

/* ---- shares: what one of those who have a part in a case has of it ---- */

struct promise {
    bool kept, broken, waits; /* one of its clocks */
    int64_t broken_at_ms;     /* the first time */
};

struct share {
    const struct case_file *record;
    const char *department, *worker; /* whose; both NULL: the case as a whole */
    bool has_case;                   /* the whole, and who has the case now */
    struct promise promises[CLOCK_KIND_COUNT];
    int64_t done_at_ms;   /* the first disposal; 0: none yet */
    bool is_done, failed; /* no rework is under way; a check failed */
};

static bool is_given(const char *text)
{
    return text && *text;
}

static bool is(const char *text, const char *other)
{
    return is_given(text) && other && strcmp(text, other) == 0;
}

static bool is_whole(const struct share *share)
{
    return !share->department && !share->worker;
}

static bool owns_task(const struct share *share, const struct task *task)
{
    return is_whole(share) || is(task->department, share->department) || is(task->worker, share->worker);
}

/* An assistant's promise is the assistant's alone. */
static bool owns_clock(const struct share *share, const struct task *task)
{
    if (!task)
        return share->has_case;
    return is_whole(share) ? task->role != TASK_ROLE_ASSIST : owns_task(share, task);
}

/* Not of a clock that was stopped because the task went elsewhere before what was promised. */
static bool is_kept(const struct clock *clock, const struct task *task)
{
    bool stopped = clock->state == CLOCK_STATE_STOPPED;
    switch (task ? clock->kind : CLOCK_NONE) {
    case CLOCK_RECEIVE:
        return stopped && (task->received_at_ms || task->state == TASK_RETURNED);
    case CLOCK_RESPOND:
        return stopped && (task->arrived_at_ms || task->done_at_ms);
    case CLOCK_VERIFY:
        return stopped && task->state == TASK_DONE;
    default:
        return stopped;
    }
}

static int64_t first_of(int64_t a_ms, int64_t b_ms)
{
    return !a_ms || (b_ms && b_ms < a_ms) ? b_ms : a_ms;
}

static void read_clocks(struct share *share)
{
    const struct clock_list *clocks = &share->record->clocks;
    for (size_t i = 0; i < clocks->count; i++) {
        const struct clock *clock = &clocks->items[i];
        const struct task *task = case_task(share->record, clock->task);
        struct promise *promise = &share->promises[clock->kind];
        if (!owns_clock(share, task))
            continue;
        promise->waits |= clock_is_open(clock);
        promise->kept |= is_kept(clock, task);
        if (!clock_is_late(clock))
            continue;
        promise->broken = true;
        promise->broken_at_ms = first_of(promise->broken_at_ms, clock->deadline_ms);
    }
}

static bool was_led(const struct case_file *record)
{
    for (size_t i = 0; i < record->tasks.count; i++)
        if (record->tasks.items[i].role == TASK_ROLE_LEAD)
            return true;
    return false;
}

/* A lead task that was done before the one of this round had to be done again. That the last one is done is the department's to say
 * (disposed_at_ms), not its worker's. */
static void read_tasks(struct share *share)
{
    const struct task *lead = case_last_lead(share->record);
    const struct task_list *tasks = &share->record->tasks;
    for (size_t i = 0; i < tasks->count; i++) {
        const struct task *task = &tasks->items[i];
        if (task->state != TASK_DONE || task == lead || !owns_task(share, task))
            continue;
        if (task->role == TASK_ROLE_LEAD)
            share->failed = true;
        else if (task->role != TASK_ROLE_ASSIST || share->has_case)
            continue;
        else
            share->is_done = true;
        share->done_at_ms = first_of(share->done_at_ms, task->done_at_ms);
    }
    if (share->has_case && share->record->disposed_at_ms) {
        share->is_done = true;
        share->done_at_ms = first_of(share->done_at_ms, share->record->disposed_at_ms);
    }
}

static void read_share(struct share *share)
{
    read_clocks(share);
    read_tasks(share);
}

/* ---- what it counts as: the words of the header ---- */

static bool is_asked(const struct case_file *record)
{
    return record->source == SOURCE_RESIDENT || record->source == SOURCE_HOTLINE || record->score > 0;
}

static bool leaves_denominators(const struct case_file *record)
{
    return record->state == CASE_REFUSED || record->state == CASE_SUSPENDED || record->appeal == APPEAL_GRANTED;
}

static bool is_all_kept(const struct promise *promise)
{
    return promise->kept && !promise->broken && !promise->waits;
}

#define broken(kind) (share->promises[CLOCK_##kind].broken)
#define kept(kind) is_all_kept(&share->promises[CLOCK_##kind])
#define settled(kind) (broken(kind) || kept(kind))
#define ended(kind) (settled(kind) && !share->promises[CLOCK_##kind].waits)

static uint64_t judge(const struct share *share)
{
    const struct case_file *record = share->record;
    const bool always = true;
    const bool is_decided = record->state != CASE_REPORTED && record->state != CASE_VERIFYING;
    const bool accept_in_time = kept(ACCEPT) && is_decided;
    const bool accept_due = broken(ACCEPT) || accept_in_time;
    const bool filed = record->accepted_at_ms;
    const bool filed_right = filed && !record->reclassified && record->state != CASE_REFUSED;
    const bool sent = was_led(record) && !record->self_disposed;
    const bool sent_right = sent && !record->returned && !record->transferred;
    const bool handled = share->done_at_ms;
    const bool redone = share->failed && record->reworked;
    const bool due = (handled || broken(DISPOSE)) && !leaves_denominators(record);
    const bool disposed = due && share->is_done;
    const bool disposed_in_time = disposed && !broken(DISPOSE);
    const bool overdue = due && broken(DISPOSE);
    const bool extended = due && record->extended && share->has_case;
    const bool closed = record->closed_at_ms && (record->state == CASE_CLOSED || record->state == CASE_RATED);
    const bool late_end = broken(DISPOSE) || broken(CHECK) || broken(CLOSE);
    const bool to_close = due && (closed || late_end);
    const bool closed_due = to_close && closed;
    const bool closed_in_time = closed_due && !late_end;
    const bool reopened = closed && record->reopened;
    const bool asked = closed && is_asked(record);
    const bool responded = asked && record->answered_at_ms && record->answered_at_ms < record->closed_at_ms;
    const bool rated = asked && record->score > 0;
    const bool solved = rated && record->solved;
    const bool satisfied = rated && record->score >= SATISFIED_SCORE;
#define IF_WHEN(measure, name, anchor, reach, when) | ((when) ? MEASURE_BIT(MEASURE_##measure) : 0)
    uint64_t measures = 0 MEASURES(IF_WHEN);
    bool goes_on = record->state != CASE_CANCELLED && record->state != CASE_MERGED;
    return goes_on ? measures : measures & MEASURE_BIT(MEASURE_REPORTED);
}

/* The measures of an anchor, of a reach. */
#define IF_ANCHOR(measure, name, anchor_, reach_, when) \
    | (ANCHOR_##anchor_ == anchor ? MEASURE_BIT(MEASURE_##measure) : 0)
#define IF_REACH(measure, name, anchor_, reach_, when) | (REACH_##reach_ == reach ? MEASURE_BIT(MEASURE_##measure) : 0)
static uint64_t measures_at(enum anchor anchor)
{
    return 0 MEASURES(IF_ANCHOR);
}

static uint64_t measures_of(enum reach reach)
{
    return 0 MEASURES(IF_REACH);
}

/* ---- entries ---- */

struct telling {
    const struct case_file *record;
    uint64_t measures;  /* of the case as a whole */
    int64_t settled_ms; /* the same */
    void (*entry)(void *context, const struct indicator_entry *entry);
    void *context;
};

static int64_t settled_ms(const struct share *share)
{
    return first_of(share->promises[CLOCK_DISPOSE].broken_at_ms, share->done_at_ms);
}

bool indicator_is_settled(const struct case_file *record)
{
    bool settled = record->disposed_at_ms != 0;
    for (size_t i = 0; !settled && i < record->tasks.count; i++)
        settled = record->tasks.items[i].done_at_ms != 0;
    for (size_t i = 0; !settled && i < record->clocks.count; i++)
        settled = record->clocks.items[i].kind == CLOCK_DISPOSE && clock_is_late(&record->clocks.items[i]);
    return settled;
}

static void tell(const struct telling *telling, enum dimension dimension, const char *name, uint64_t measures,
                 int64_t at_settled_ms)
{
    const int64_t at_ms[ANCHOR_COUNT] = { telling->record->reported_at_ms, at_settled_ms,
                                          telling->record->closed_at_ms };
    for (int anchor = 0; anchor < ANCHOR_COUNT; anchor++) {
        struct indicator_entry entry = { dimension, name, (enum anchor)anchor, at_ms[anchor],
                                         measures & measures_at((enum anchor)anchor) };
        if (entry.measures && (anchor == ANCHOR_REPORTED || entry.at_ms))
            telling->entry(telling->context, &entry);
    }
}

static void tell_share(const struct telling *telling, enum dimension dimension, const char *name, bool has_case)
{
    bool is_worker = dimension == DIMENSION_WORKER;
    struct share share = { .record = telling->record,
                           .department = is_worker ? NULL : name,
                           .worker = is_worker ? name : NULL,
                           .has_case = has_case };
    read_share(&share);
    uint64_t measures = judge(&share) & measures_of(REACH_TASK);
    if (has_case)
        measures |= telling->measures & measures_of(REACH_CASE);
    int64_t at_ms = settled_ms(&share);
    tell(telling, dimension, name, measures, at_ms ? at_ms : telling->settled_ms);
}

static const char *given(const char *text)
{
    return text ? text : "";
}

static const char *name_of(const struct task *task, enum dimension dimension)
{
    return given(dimension == DIMENSION_WORKER ? task->worker : task->department);
}

static bool is_before(const struct task_list *tasks, size_t end, enum dimension dimension, const char *name)
{
    for (size_t i = 0; i < end; i++)
        if (strcmp(name_of(&tasks->items[i], dimension), name) == 0)
            return true;
    return false;
}

/* Each department or worker of the case once; `holder` has the case. */
static void tell_shares(const struct telling *telling, enum dimension dimension, const char *holder)
{
    const struct task_list *tasks = &telling->record->tasks;
    if (*holder)
        tell_share(telling, dimension, holder, true);
    for (size_t i = 0; i < tasks->count; i++) {
        const char *name = name_of(&tasks->items[i], dimension);
        if (*name && strcmp(name, holder) != 0 && !is_before(tasks, i, dimension, name))
            tell_share(telling, dimension, name, false);
    }
}

void indicator_entries(const struct case_file *record,
                       void (*entry)(void *context, const struct indicator_entry *entry), void *context)
{
    const struct task *holder = case_lead_task(record);
    struct share whole = { .record = record, .has_case = true };
    read_share(&whole);
    struct telling telling = { record, judge(&whole), settled_ms(&whole), entry, context };
    tell(&telling, DIMENSION_ALL, "", telling.measures, telling.settled_ms);
    tell(&telling, DIMENSION_SERVICE, given(record->service), telling.measures, telling.settled_ms);
    tell(&telling, DIMENSION_SOURCE, enum_name(&event_source_desc, record->source), telling.measures,
         telling.settled_ms);
    tell(&telling, DIMENSION_AREA, given(record->place.area), telling.measures, telling.settled_ms);
    tell_shares(&telling, DIMENSION_DEPARTMENT, given(record->department));
    tell_shares(&telling, DIMENSION_WORKER, holder ? given(holder->worker) : "");
}
