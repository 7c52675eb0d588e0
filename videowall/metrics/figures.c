#include "videowall/metrics/figures.h"

#include <stdio.h>
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

struct list_visit {
    int64_t now_ms;
    struct figures_count count;
};

static int count_entry(void *context, int64_t order, int64_t id)
{
    (void)id;
    struct list_visit *visit = context;
    visit->count.open++;
    visit->count.overdue += order <= visit->now_ms;
    visit->count.due += order > visit->now_ms && order - visit->now_ms <= FIGURES_DUE_MS;
    return 0;
}

/* A list that is ordered by the nearest deadline. */
static struct figures_count count_list(struct txn *txn, const char *list, int64_t now_ms)
{
    struct list_visit visit = { .now_ms = now_ms };
    index_visit(txn, list, 0, 0, false, count_entry, &visit);
    return visit.count;
}

static void read_departments(struct txn *txn, const struct book *book, struct arena *arena, struct figures *figures)
{
    struct figures_department *rows = arena_array(arena, book->department_count, sizeof *rows);
    for (size_t i = 0; i < book->department_count; i++) {
        char list[CASE_INDEX_NAME];
        snprintf(list, sizeof list, "dept/%s", book->departments[i].code);
        rows[i] = (struct figures_department){ &book->departments[i], count_list(txn, list, figures->as_of_ms) };
    }
    figures->departments = rows;
    figures->department_count = book->department_count;
}

static void read_states(struct txn *txn, struct figures *figures)
{
    char name[CASE_INDEX_NAME];
    for (int state = CASE_REPORTED; state <= CASE_REFUSED; state++) {
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
    struct figures_area *rows;
    size_t count, capacity;
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
    const char *code = name + strlen(area_counter);
    struct figures_area *row = &visit->rows[visit->count++];
    *row = (struct figures_area){ .code = arena_text(visit->arena, code, strlen(code)), .open = value };
    char list[CASE_INDEX_NAME];
    int64_t order, id;
    snprintf(list, sizeof list, "area/%s", code);
    if (index_first(visit->txn, list, &order, &id) == 0 && order != ORDER_NONE)
        row->deadline_ms = order;
    return visit->count == visit->capacity;
}

static void read_areas(struct txn *txn, struct arena *arena, struct figures *figures)
{
    struct area_visit visit = { .txn = txn, .arena = arena };
    counter_visit(txn, area_counter, count_area, &visit.capacity);
    visit.rows = arena_array(arena, visit.capacity + 1, sizeof *visit.rows);
    if (visit.capacity)
        counter_visit(txn, area_counter, visit_area, &visit);
    figures->areas = visit.rows;
    figures->area_count = visit.count;
}

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
    int result = case_get(visit->txn, id, visit->arena, &figures->newest[figures->newest_count], visit->fault);
    if (result > 0)
        return fault_set(visit->fault, -EIO, "cases: the list 'all' names case %lld, which is not there",
                         (long long)id);
    if (result < 0)
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
    struct newest_visit newest = { txn, arena, figures, fault };
    int result = index_visit(txn, "all", 0, 0, true, visit_newest, &newest);
    return result < 0 ? result : txn_error(txn, fault);
}
