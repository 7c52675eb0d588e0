/* Invariant I9 as a property: after any edits, every list and counter equals what the cases give, and from every figure of the indicators
 * one comes to as many cases as it says. The seed is printed;
 * DRUMTOWER_TEST_SEED repeats a run. */
#include "proto/store/recount.h"

#include <stdlib.h>
#include <time.h>

#include "proto/base/metrics.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/indicator_cases.h"
#include "proto/store/indicator_count.h"
#include "support.h"

enum { CASES = 60, TURNS = 40, EDITS_A_TURN = 12, HOUR = 3600 * 1000 };
static const int64_t start_ms = INT64_C(1767573000000);
static const char *const departments[] = { "", "water", "roads", "waterworks" };
static const char *const areas[] = { "", "g1", "g2", "g3" };
static const char *const workers[] = { "", "li", "wang" };
static const char *const services[] = { "", "0101", "0102" };
static struct fault fault;

static uint64_t random_state;

/* xorshift64*: Marsaglia 2003, Vigna 2014 */
static unsigned pick(unsigned below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (unsigned)((random_state * UINT64_C(2685821657736338717)) >> 33) % below;
}

static int64_t some_moment(void)
{
    return start_ms + (int64_t)pick(24 * 10) * HOUR / 2;
}

/* The items in memory of their own, now and then with one more at the end. */
static void *some_items(struct arena *arena, const void *items, size_t *count, size_t size)
{
    bool more = *count == 0 || pick(3) == 0;
    char *copy = arena_array(arena, *count + more, size);
    if (*count)
        memcpy(copy, items, *count * size);
    *count += more;
    return copy;
}

static void edit_clock(struct clock_list *list, struct arena *arena)
{
    list->items = some_items(arena, list->items, &list->count, sizeof *list->items);
    struct clock *clock = &list->items[pick((unsigned)list->count)];
    clock->kind = pick(2) ? CLOCK_DISPOSE : (enum clock_kind)(1 + pick(CLOCK_KIND_COUNT - 1));
    clock->state = (enum clock_state)pick((unsigned)clock_state_desc.count);
    clock->task = (int64_t)pick(4);
    clock->deadline_ms = some_moment();
    clock->warn_at_ms = pick(2) ? some_moment() : 0;
}

static void edit_task(struct task_list *list, struct arena *arena)
{
    list->items = some_items(arena, list->items, &list->count, sizeof *list->items);
    struct task *task = &list->items[pick((unsigned)list->count)];
    task->role = (enum task_role)pick((unsigned)task_role_desc.count);
    task->state = (enum task_state)pick((unsigned)task_state_desc.count);
    task->done_at_ms = pick(3) ? some_moment() : 0;
    task->department = departments[pick(4)];
    task->worker = workers[pick(3)];
}

static void edit_rating(struct case_file *record)
{
    record->source = (enum event_source)pick((unsigned)event_source_desc.count);
    record->score = (int64_t)pick(6);
    record->solved = pick(2);
    record->answered_at_ms = pick(2) ? some_moment() : 0;
    record->appeal = (enum appeal)pick((unsigned)appeal_desc.count);
}

static void edit_operations(struct case_file *record)
{
    record->service = services[pick(3)];
    record->accepted_at_ms = pick(3) ? some_moment() : 0;
    record->dispatched_at_ms = pick(3) ? some_moment() : 0;
    record->returned = pick(3) == 0;
    record->transferred = pick(4) == 0;
    record->reclassified = pick(4) == 0;
    record->self_disposed = pick(5) == 0;
    record->extended = pick(3);
    record->reopened = pick(3) == 0;
}

static void edit(struct case_file *record, struct arena *arena)
{
    for (unsigned i = 1 + pick(4); i-- > 0;)
        switch (pick(11)) {
        case 9:
            edit_rating(record);
            break;
        case 10:
            edit_operations(record);
            break;
        case 0:
        case 1:
            record->state = (enum case_state)(1 + pick((unsigned)case_state_desc.count - 1));
            break;
        case 2:
            record->department = departments[pick(4)];
            break;
        case 3:
            record->place.area = areas[pick(4)];
            break;
        case 4:
            record->overdue = pick(2);
            record->no_rule = pick(2);
            break;
        case 5:
            record->disposed_at_ms = pick(3) ? some_moment() : 0;
            break;
        case 6:
            record->closed_at_ms = pick(3) ? some_moment() : 0;
            break;
        case 7:
            edit_clock(&record->clocks, arena);
            break;
        default:
            edit_task(&record->tasks, arena);
            break;
        }
}

static void edit_one(struct txn *txn, struct arena *arena)
{
    int64_t id = 1 + pick(CASES), last = meta_get(txn, META_CASE_ID);
    struct case_file old, record;
    if (id > last) {
        char number[16];
        id = meta_next(txn, META_CASE_ID);
        snprintf(number, sizeof number, "n%lld", (long long)id);
        record =
            (struct case_file){ .id = id, .number = number, .state = CASE_REPORTED, .reported_at_ms = some_moment() };
        case_put(txn, NULL, &record);
        return;
    }
    assert_ok(case_get(txn, id, arena, &old, &fault), &fault);
    assert_ok(case_get(txn, id, arena, &record, &fault), &fault);
    edit(&record, arena);
    case_put(txn, &old, &record);
}

static void print_difference(void *context, const char *what, int64_t stored, int64_t counted)
{
    (void)context;
    print_error("%s: stored %lld, counted %lld\n", what, (long long)stored, (long long)counted);
}

/* An oracle that shares no line with case_index.c or indicator.c, for the figures that people look at first. */
struct figures {
    int64_t open, open_water, overdue_roads, closed_third_day, open_list_water, reported_third_day, overdue_third_day,
        satisfied, late_water;
};

static bool is_late(const struct clock *clock)
{
    return clock->kind == CLOCK_DISPOSE &&
           (clock->state == CLOCK_STATE_FIRED || clock->state == CLOCK_STATE_STOPPED_LATE);
}

static const struct task *task_of(const struct case_file *record, const struct clock *clock)
{
    return clock->task > 0 && clock->task <= (int64_t)record->tasks.count ? &record->tasks.items[clock->task - 1]
                                                                          : NULL;
}

static const char *department_of(const struct case_file *record, const struct clock *clock)
{
    const struct task *task = task_of(record, clock);
    return task ? task->department : record->department;
}

static int64_t first_disposed(const struct case_file *record)
{
    int64_t first_ms = record->disposed_at_ms ? record->disposed_at_ms : ORDER_NONE;
    bool is_last = true;
    for (size_t i = record->tasks.count; i-- > 0;) {
        const struct task *task = &record->tasks.items[i];
        if (task->role != TASK_ROLE_LEAD)
            continue;
        bool is_the_lead = is_last && *record->department && strcmp(task->department, record->department) == 0;
        if (!is_the_lead && task->state == TASK_DONE && task->done_at_ms && task->done_at_ms < first_ms)
            first_ms = task->done_at_ms;
        is_last &= !is_the_lead;
    }
    return first_ms;
}

static void count_overdue(struct figures *figures, const struct case_file *record, int64_t third_day)
{
    int64_t settled_ms = first_disposed(record);
    bool late = false, late_water = false;
    if (record->state == CASE_REFUSED || record->state == CASE_SUSPENDED || record->state == CASE_CANCELLED ||
        record->state == CASE_MERGED || record->appeal == APPEAL_GRANTED)
        return;
    for (size_t i = 0; i < record->clocks.count; i++) {
        const struct clock *clock = &record->clocks.items[i];
        if (!is_late(clock))
            continue;
        late_water |= strcmp(department_of(record, clock), "water") == 0;
        if (task_of(record, clock) && task_of(record, clock)->role == TASK_ROLE_ASSIST)
            continue;
        late = true;
        settled_ms = clock->deadline_ms < settled_ms ? clock->deadline_ms : settled_ms;
    }
    figures->overdue_third_day += late && settled_ms >= third_day && settled_ms < third_day + 24 * HOUR;
    figures->late_water += late_water;
}

/* A department's list holds what its people have open, and what they have done until it has reported that. */
static bool is_at_department(const struct case_file *record, const char *department)
{
    bool found_lead = false, is_with_it = record->state == CASE_RECEIVED || record->state == CASE_IN_PROGRESS ||
                                          record->state == CASE_SUSPENDED;
    for (size_t i = record->tasks.count; i-- > 0;) {
        const struct task *task = &record->tasks.items[i];
        if (strcmp(task->department, department) != 0)
            continue;
        if (task->state >= TASK_OFFERED && task->state <= TASK_ON_SITE)
            return true;
        if (task->role != TASK_ROLE_LEAD || strcmp(record->department, department) != 0 || found_lead)
            continue;
        found_lead = true;
        if (task->state == TASK_DONE && is_with_it)
            return true;
    }
    return false;
}

static int count_figures(void *context, const struct case_file *record)
{
    struct figures *figures = context;
    bool closed = record->state == CASE_CLOSED || record->state == CASE_RATED;
    bool open =
        !closed && record->state != CASE_REFUSED && record->state != CASE_CANCELLED && record->state != CASE_MERGED;
    int64_t third_day = start_ms - 30 * 60 * 1000 + 2 * 24 * HOUR; /* 2026-01-07T00:00Z */
    figures->open += open;
    figures->open_water += open && strcmp(record->department, "water") == 0;
    figures->overdue_roads += open && record->overdue && strcmp(record->department, "roads") == 0;
    figures->closed_third_day +=
        closed && record->closed_at_ms >= third_day && record->closed_at_ms < third_day + 24 * HOUR;
    figures->reported_third_day +=
        record->reported_at_ms >= third_day && record->reported_at_ms < third_day + 24 * HOUR;
    figures->satisfied += closed && record->closed_at_ms && record->score >= 4;
    count_overdue(figures, record, third_day);
    figures->open_list_water += open && is_at_department(record, "water");
    return 0;
}

struct summing {
    enum measure measure;
    const char *name;
    int64_t sum;
};

static int add_day(void *context, const char *day, const char *name, const struct indicator_counts *counts)
{
    struct summing *summing = context;
    assert_int_equal(strlen(day), 10);
    summing->sum += strcmp(name, summing->name) == 0 ? counts->of[summing->measure] : 0;
    return 0;
}

static int64_t sum_of(struct txn *txn, enum measure measure, enum dimension dimension, const char *name)
{
    struct summing summing = { measure, name, 0 };
    assert_int_equal(indicator_visit(txn, dimension, "0000-00-00", "9999-12-31", add_day, &summing), 0);
    return summing.sum;
}

static void assert_figures(struct txn *txn, struct arena *arena)
{
    struct figures figures = { 0 };
    assert_ok(case_visit_all(txn, arena, count_figures, &figures, &fault), &fault);
    assert_int_equal(counter_get(txn, "open"), figures.open);
    assert_int_equal(counter_get(txn, "open/dept/water"), figures.open_water);
    assert_int_equal(counter_get(txn, "overdue-open/dept/roads"), figures.overdue_roads);
    assert_int_equal(counter_get(txn, "closed/2026-01-07"), figures.closed_third_day);
    assert_int_equal(counter_get(txn, "reported/2026-01-07"), figures.reported_third_day);
    assert_int_equal(counter_get(txn, "overdue/2026-01-07"), figures.overdue_third_day);
    assert_int_equal(sum_of(txn, MEASURE_SATISFIED, DIMENSION_ALL, ""), figures.satisfied);
    assert_int_equal(sum_of(txn, MEASURE_OVERDUE, DIMENSION_DEPARTMENT, "water"), figures.late_water);
    assert_int_equal(index_count(txn, "dept/water", 0, ORDER_NONE, 1000), figures.open_list_water);
}

/* ---- from every figure to its cases ---- */

struct drilling {
    struct txn *txn;
    struct arena arena;
    enum dimension dimension;
    int64_t numbers;
    const char *day, *name;
    int64_t found, last_ms;
};

static bool is_the_name(void *context, const char *name)
{
    return strcmp(((const struct drilling *)context)->name, name) == 0;
}

static int find_case(void *context, const struct case_file *record, const char *name, int64_t at_ms, uint64_t measures)
{
    struct drilling *drilling = context;
    assert_string_equal(name, drilling->name);
    assert_true(record->id > 0 && measures && at_ms <= drilling->last_ms); /* newest first */
    drilling->last_ms = at_ms;
    drilling->found++;
    return 0;
}

static int64_t cases_behind(struct drilling *drilling, uint64_t with, uint64_t without)
{
    struct indicator_cases cases = {
        .with = with,
        .without = without,
        .dimension = drilling->dimension,
        .has = is_the_name,
        .context = drilling,
        .look_at = pick(4), /* a few at a time, or 0: all at once */
    };
    strcpy(cases.from_day, drilling->day);
    strcpy(cases.to_day, drilling->day);
    drilling->found = 0;
    drilling->last_ms = INT64_MAX;
    do
        assert_ok(indicator_visit_cases(drilling->txn, &cases, &drilling->arena, find_case, drilling, &fault), &fault);
    while (cases.more);
    return drilling->found;
}

static int drill_row(void *context, const char *day, const char *name, const struct indicator_counts *counts)
{
    struct drilling *drilling = context;
    drilling->day = day;
    drilling->name = name;
    for (int measure = 0; measure < MEASURE_COUNT; measure++) {
        assert_int_equal(cases_behind(drilling, MEASURE_BIT(measure), 0), counts->of[measure]);
        drilling->numbers += counts->of[measure];
    }
    for (int i = 0; i < INDICATOR_COUNT; i++) { /* those that an indicator finds wanting */
        const struct indicator_row *row = &indicators[i];
        assert_int_equal(cases_behind(drilling, MEASURE_BIT(row->of), MEASURE_BIT(row->part)),
                         counts->of[row->of] - counts->of[row->part]);
    }
    return 0;
}

static void assert_every_figure_leads_to_its_cases(struct txn *txn)
{
    struct drilling drilling = { .txn = txn };
    for (int dimension = 0; dimension < (int)dimension_desc.count; dimension++) {
        drilling.dimension = (enum dimension)dimension;
        assert_int_equal(indicator_visit(txn, drilling.dimension, "0000-00-00", "9999-12-31", drill_row, &drilling), 0);
    }
    assert_true(drilling.numbers > 100);
    arena_finish(&drilling.arena);
}

static void lists_and_counters_follow_any_edits(void **state)
{
    struct store *store;
    struct arena arena = { 0 };
    struct recount recount = { 0 };
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    for (int turn = 0; turn < TURNS; turn++) {
        struct txn *txn = txn_begin_write(store);
        for (int i = 0; i < EDITS_A_TURN; i++)
            edit_one(txn, &arena);
        if (pick(5) == 0) {
            txn_abort(txn); /* a turn that did not come to its end leaves no trace */
            continue;
        }
        assert_ok(txn_commit(txn, &fault), &fault);
        txn = txn_begin_read(store);
        int result = case_recount(txn, &recount, print_difference, NULL, &fault);
        if (result)
            fail_msg("turn %d: %llu differences", turn, (unsigned long long)recount.differences);
        assert_figures(txn, &arena);
        txn_abort(txn);
        arena_reset(&arena);
    }
    assert_true(recount.cases > 10);
    struct txn *last = txn_begin_read(store);
    assert_every_figure_leads_to_its_cases(last);
    txn_abort(last);
    arena_finish(&arena);
    store_close(store);
}

static void count_difference(void *context, const char *what, int64_t stored, int64_t counted)
{
    snprintf(context, 512, "%s: %lld %lld", what, (long long)stored, (long long)counted);
}

static void a_wrong_figure_is_named(void **state)
{
#define LIST_KEY(id) "all\0\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0" id
    static const struct {
        int table;
        const char *key, *value; /* value NULL: the row goes */
        size_t key_size, value_size;
        uint64_t differences;
        const char *told; /* the last one */
    } rows[] = {
        { TABLE_COUNTERS, "open", "\0\0\0\0\0\0\0\5", 4, 8, 1, "counter open: 5 1" },
        { TABLE_COUNTERS, "open", NULL, 4, 0, 1, "counter open: 0 1" },
        { TABLE_COUNTERS, "open/dept/x", "\0\0\0\0\0\0\0\1", 11, 8, 1, "counter open/dept/x: 1 0" },
        { TABLE_MEASURES, "all/1970-01-01/", "\0\0\0\2", 15, 4, 1, "counter reported/1970-01-01: 2 1" },
        { TABLE_MEASURES, "all/1970-01-01/", NULL, 15, 0, 1, "counter reported/1970-01-01: 0 1" },
        { TABLE_MEASURES, "area/1970-01-02/g7", "\0\0\0\0\0\0\0\3", 18, 8, 1,
          "counter accept_due/1970-01-02/area/g7: 3 0" },
        { TABLE_INDEX, LIST_KEY("\1"), NULL, 20, 0, 2, "table index: 3 4" }, /* and "list all: case 1" before it */
        { TABLE_INDEX, LIST_KEY("\2"), "", 20, 0, 1, "table index: 5 4" },
        { TABLE_NUMBERS, "n2", "\0\0\0\0\0\0\0\2", 2, 8, 1, "table numbers: 2 1" },
    };
    struct store *store;
    struct recount recount = { 0 };
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    case_put(txn, NULL, &(struct case_file){ .id = 1, .number = "n1", .state = CASE_REPORTED, .reported_at_ms = 7 });
    assert_ok(txn_commit(txn, &fault), &fault);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes key = { (const uint8_t *)rows[i].key, rows[i].key_size };
        char told[512] = "";
        txn = txn_begin_write(store);
        if (rows[i].value)
            txn_put(txn, rows[i].table, key, (struct bytes){ (const uint8_t *)rows[i].value, rows[i].value_size });
        else
            assert_true(txn_delete(txn, rows[i].table, key));
        assert_int_equal(case_recount(txn, &recount, count_difference, told, &fault), RECOUNT_DIFFERS);
        assert_string_equal(told, rows[i].told);
        assert_int_equal(recount.differences, rows[i].differences);
        txn_abort(txn);
    }
    store_close(store);
}

static int offset_now(void *context, int64_t at_ms)
{
    (void)at_ms;
    return *(const int *)context;
}

/* As after an update of the tz database: what was counted on one day is taken from another. */
static void where_the_days_of_the_past_have_moved_figures_are_wrong_and_nobody_ends(void **state)
{
    const int64_t closed_ms = INT64_C(1767655800000); /* 2026-01-05T23:30Z */
    const struct case_file closed = {
        .id = 1, .number = "n1", .state = CASE_CLOSED, .reported_at_ms = closed_ms, .closed_at_ms = closed_ms
    };
    struct case_file reopened = closed;
    struct store *store;
    struct recount recount = { 0 };
    struct buffer metrics = { 0 };
    char told[512] = "";
    int offset_minutes = 0;
    reopened.state = CASE_REPORTED;
    reopened.closed_at_ms = 0;
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    case_index_set_zone(offset_now, &offset_minutes);
    struct txn *txn = txn_begin_write(store);
    case_put(txn, NULL, &closed);
    assert_ok(txn_commit(txn, &fault), &fault);
    offset_minutes = 60;
    txn = txn_begin_write(store);
    case_put(txn, &closed, &reopened);
    assert_ok(txn_commit(txn, &fault), &fault);
    case_index_set_zone(NULL, NULL);
    txn = txn_begin_read(store);
    assert_int_equal(counter_get(txn, "closed-hour/2026-01-06T00"), 0);
    assert_int_equal(counter_get(txn, "closed/2026-01-06"), 0);
    assert_int_equal(counter_get(txn, "open"), 1);
    assert_int_equal(case_recount(txn, &recount, count_difference, told, &fault), RECOUNT_DIFFERS);
    txn_abort(txn);
    metrics_print(&metrics);
    assert_non_null(strstr(buffer_string(&metrics), "drumtower_store_figures_bounded_total "));
    buffer_finish(&metrics);
    store_close(store);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(lists_and_counters_follow_any_edits),
        in_a_folder(a_wrong_figure_is_named),
        in_a_folder(where_the_days_of_the_past_have_moved_figures_are_wrong_and_nobody_ends),
    };
    const char *seed = getenv("DRUMTOWER_TEST_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    random_state += random_state == 0;
    printf("# DRUMTOWER_TEST_SEED=%llu\n", (unsigned long long)random_state);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
