#include "videowall/metrics/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"

static int64_t counter_of_day(struct txn *txn, const char *counter, int64_t at_ms)
{
    char day[CASE_DAY_TEXT], name[CASE_INDEX_NAME];
    case_local_day(day, at_ms);
    snprintf(name, sizeof name, "%s/%s", counter, day);
    return counter_get(txn, name);
}

/* A list that is ordered by the nearest deadline; "due" is counted case by case, see read_due(). */
static struct figures_count count_list(struct txn *txn, const char *list, int64_t now_ms)
{
    return (struct figures_count){
        .open = index_count(txn, list, 0, ORDER_NONE, INT64_MAX),
        .overdue = index_count(txn, list, 0, now_ms + 1, INT64_MAX),
    };
}

static void read_departments(struct txn *txn, const struct book *book, struct arena *arena, struct figures *figures)
{
    figures->departments = arena_array(arena, book->department_count, sizeof *figures->departments);
    figures->department_count = book->department_count;
    for (size_t i = 0; i < book->department_count; i++) {
        char list[CASE_INDEX_NAME];
        snprintf(list, sizeof list, "dept/%s", book->departments[i].code);
        figures->departments[i].department = &book->departments[i];
        figures->departments[i].count = count_list(txn, list, figures->as_of_ms);
    }
}

static void read_states(struct txn *txn, struct figures *figures)
{
    char name[CASE_INDEX_NAME];
    for (int state = CASE_REPORTED; state < CASE_STATE_COUNT; state++) {
        snprintf(name, sizeof name, "state/%s", enum_name(&case_state_desc, state));
        figures->states[state] = counter_get(txn, name);
    }
    figures->triage = counter_get(txn, "triage");
}

static void read_hours(struct txn *txn, struct figures *figures)
{
    char now[CASE_DAY_TEXT], name[CASE_INDEX_NAME];
    int this_hour = 0;
    case_local_hour(now, figures->as_of_ms);
    int day_length = (int)strcspn(now, "T");
    sscanf(now + day_length, "T%d", &this_hour);
    for (int hour = 0; hour <= this_hour && hour < FIGURES_HOURS; hour++) {
        snprintf(name, sizeof name, "reported-hour/%.*sT%02d", day_length, now, hour);
        figures->hours[hour].reported = counter_get(txn, name);
        snprintf(name, sizeof name, "closed-hour/%.*sT%02d", day_length, now, hour);
        figures->hours[hour].closed = counter_get(txn, name);
        figures->hour_count = (size_t)hour + 1;
    }
}

struct area_visit {
    struct txn *txn;
    struct arena *arena;
    struct figures *figures;
    size_t capacity;
};

static const char *const area_counter = "open/area/";

static int count_area(void *context, const char *name, int64_t value)
{
    (void)name, (void)value;
    ++*(size_t *)context;
    return 0;
}

static int visit_area(void *context, const char *name, int64_t value)
{
    struct area_visit *visit = context;
    struct figures *figures = visit->figures;
    const char *code = name + strlen(area_counter);
    char list[CASE_INDEX_NAME];
    (void)value;
    snprintf(list, sizeof list, "area/%s", code);
    figures->areas[figures->area_count++] = (struct figures_area){
        .code = arena_text(visit->arena, code, strlen(code)),
        .count = count_list(visit->txn, list, figures->as_of_ms),
    };
    return figures->area_count == visit->capacity;
}

/* In the order of their codes: find_area() needs it. */
static void read_areas(struct txn *txn, struct arena *arena, struct figures *figures)
{
    struct area_visit visit = { .txn = txn, .arena = arena, .figures = figures };
    counter_visit(txn, area_counter, count_area, &visit.capacity);
    figures->areas = arena_array(arena, visit.capacity + 1, sizeof *figures->areas);
    if (visit.capacity)
        counter_visit(txn, area_counter, visit_area, &visit);
}

/* ---- due: a case at a time, of those whose deadline is near ---- */

struct due_visit {
    struct txn *txn;
    struct arena cases;
    struct figures *figures;
    struct fault *fault;
    size_t looked_at; /* for pins, of the overdue */
};

static int compare_area(const void *code, const void *area)
{
    return strcmp(code, ((const struct figures_area *)area)->code);
}

static struct figures_area *find_area(struct figures *figures, const char *code)
{
    return bsearch(code, figures->areas, figures->area_count, sizeof *figures->areas, compare_area);
}

bool figures_is_due(const struct case_file *record, int64_t now_ms)
{
    int64_t deadline_ms = case_nearest_deadline_ms(record);
    if (deadline_ms <= now_ms || deadline_ms - now_ms > FIGURES_DUE_MS)
        return false;
    for (size_t i = 0; i < record->clocks.count; i++) {
        const struct clock *clock = &record->clocks.items[i];
        bool waits = clock->state == CLOCK_STATE_RUNNING || clock->state == CLOCK_STATE_FIRED;
        if (waits && clock->deadline_ms == deadline_ms && clock->warn_at_ms <= now_ms)
            return true;
    }
    return false;
}

static bool waits_for(const struct case_file *record, const char *department)
{
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        if (case_task_waits(record, task) && strcmp(task->department, department) == 0)
            return true;
    }
    return false;
}

static void count_due(struct figures *figures, const struct case_file *record)
{
    struct figures_area *area = find_area(figures, record->place.area);
    figures->all.due++;
    if (area)
        area->count.due++;
    for (size_t i = 0; i < figures->department_count; i++)
        figures->departments[i].count.due += waits_for(record, figures->departments[i].department->code);
}

static void add_pin(struct figures *figures, const struct case_file *record, bool overdue)
{
    if (figures->pin_count < FIGURES_PINS && place_is_known(&record->place))
        figures->pins[figures->pin_count++] = (struct figures_pin){ record->place.lat, record->place.lon, overdue };
}

static int read_listed(struct txn *txn, int64_t id, struct arena *arena, struct case_file *record, struct fault *fault)
{
    int result = case_get(txn, id, arena, record, fault);
    return result > 0 ? fault_set(fault, -EIO, "cases: a list names case %lld, which is not there", (long long)id)
                      : result;
}

static int visit_due(void *context, int64_t order, int64_t id)
{
    struct due_visit *visit = context;
    struct case_file record;
    if (order - visit->figures->as_of_ms > FIGURES_DUE_MS)
        return 1;
    arena_reset(&visit->cases);
    int result = read_listed(visit->txn, id, &visit->cases, &record, visit->fault);
    if (!result && figures_is_due(&record, visit->figures->as_of_ms)) {
        count_due(visit->figures, &record);
        add_pin(visit->figures, &record, false);
    }
    return result;
}

/* They are counted by their list alone, so that a thousand of them cost nothing; but as many as there are pins are looked at, or a few more. */
static int visit_overdue(void *context, int64_t order, int64_t id)
{
    struct due_visit *visit = context;
    struct case_file record;
    if (order > visit->figures->as_of_ms || visit->looked_at++ == 2 * FIGURES_PINS)
        return 1;
    arena_reset(&visit->cases);
    int result = read_listed(visit->txn, id, &visit->cases, &record, visit->fault);
    if (!result)
        add_pin(visit->figures, &record, true);
    return result ? result : visit->figures->pin_count == FIGURES_PINS;
}

static int read_due(struct txn *txn, struct figures *figures, struct fault *fault)
{
    struct due_visit visit = { .txn = txn, .figures = figures, .fault = fault };
    int result = index_visit(txn, "open", 0, 0, false, visit_overdue, &visit);
    if (result >= 0)
        result = index_visit(txn, "open", figures->as_of_ms, INT64_MAX, false, visit_due, &visit);
    arena_finish(&visit.cases);
    return result < 0 ? result : 0;
}

/* ---- newest ---- */

struct newest_visit {
    struct txn *txn;
    struct arena *arena;
    struct figures *figures;
    struct fault *fault;
};

static int visit_newest(void *context, int64_t order, int64_t id)
{
    (void)order;
    struct newest_visit *visit = context;
    struct figures *figures = visit->figures;
    struct case_file *record = &figures->newest[figures->newest_count];
    int result = read_listed(visit->txn, id, visit->arena, record, visit->fault);
    if (result)
        return result;
    return ++figures->newest_count == FIGURES_NEWEST;
}

int figures_read(struct txn *txn, const struct book *book, int64_t now_ms, struct arena *arena, struct figures *figures,
                 struct fault *fault)
{
    *figures = (struct figures){ .seq = outbox_last(txn), .as_of_ms = now_ms };
    figures->all = count_list(txn, "open", now_ms);
    figures->reported_today = counter_of_day(txn, "reported", now_ms);
    figures->closed_today = counter_of_day(txn, "closed", now_ms);
    read_states(txn, figures);
    read_departments(txn, book, arena, figures);
    read_hours(txn, figures);
    read_areas(txn, arena, figures);
    int result = read_due(txn, figures, fault);
    struct newest_visit newest = { txn, arena, figures, fault };
    if (!result)
        result = index_visit(txn, "all", 0, 0, true, visit_newest, &newest);
    return result < 0 ? result : txn_error(txn, fault);
}
