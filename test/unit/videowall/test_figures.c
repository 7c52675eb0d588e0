/* Invariant I9 on the wall: every figure equals a count of the cases behind it, counted here from the cases alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/timestamp.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "videowall/metrics/figures.h"

enum { CASES = 400 };
static const int64_t now_ms = INT64_C(1767600000000); /* 2026-01-05 08:00 UTC */
static const char *const areas[] = { "", "g1", "g2", "g3" };
static const struct book_department departments[] = { { .code = "water" }, { .code = "roads" }, { .code = "idle" } };
static const struct book book = { .departments = departments, .department_count = 3 };

struct fixture {
    char folder[32];
    struct store *store;
};

/* ---- some cases of every sort: a small generator of its own, the same ones each time ---- */

static uint32_t random_state = 2026;

static unsigned pick(unsigned below)
{
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes */
    return (random_state >> 8) % below;
}

static int64_t near_now(int64_t span_ms)
{
    return now_ms - span_ms + (int64_t)pick(1000) * (2 * span_ms / 1000);
}

static void some_case(int64_t id, struct case_file *record, struct task *task, struct clock *clock, char number[16])
{
    snprintf(number, 16, "T-%lld", (long long)id);
    const char *department = pick(4) ? departments[pick(2)].code : "";
    *task = (struct task){ .id = 1, .state = (enum task_state)pick((unsigned)task_state_desc.count) };
    task->department = department;
    *clock = (struct clock){ .id = 1, .state = (enum clock_state)pick((unsigned)clock_state_desc.count) };
    clock->deadline_ms = pick(8) ? near_now(3 * MS_PER_HOUR) : now_ms + (int64_t)pick(2) * FIGURES_DUE_MS;
    clock->warn_at_ms = pick(3) ? now_ms + (int64_t)pick(3) - 1 : 0;
    *record = (struct case_file){ .id = id,
                                  .number = number,
                                  .state = (enum case_state)(1 + pick((unsigned)case_state_desc.count - 1)),
                                  .place = { .area = areas[pick(4)], .lat = pick(3) ? 39.9 : 0 },
                                  .department = department,
                                  .no_rule = pick(6) == 0,
                                  .tasks = { task, *department ? 1 : 0 },
                                  .clocks = { clock, pick(5) ? 1 : 0 },
                                  .reported_at_ms = near_now(2 * (int64_t)MS_PER_DAY) };
    if (record->state == CASE_CLOSED || record->state == CASE_RATED)
        record->closed_at_ms = near_now(MS_PER_DAY);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct fault fault = { "" };
    strcpy(fixture->folder, "/tmp/drumtower-XXXXXX");
    if (!fixture || !mkdtemp(fixture->folder) ||
        case_store_open(fixture->folder, STORE_READ_WRITE, &fixture->store, &fault))
        return -1;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char command[64];
    store_close(fixture->store);
    snprintf(command, sizeof command, "rm -rf %s", fixture->folder);
    int result = system(command);
    free(fixture);
    return result;
}

static void fill(struct store *store)
{
    struct txn *txn = txn_begin_write(store);
    for (int64_t id = 1; id <= CASES; id++) {
        struct case_file record;
        struct task task;
        struct clock clock;
        char number[16];
        some_case(id, &record, &task, &clock, number);
        case_put(txn, NULL, &record);
    }
    outbox_append(txn, &(struct notice){ .case_id = 1 }, &(struct topic_list){ &(struct topic){ .name = "wall" }, 1 });
    struct fault fault = { "" };
    if (txn_commit(txn, &fault))
        fail_msg("%s", fault.text);
}

/* ---- the same figures, counted from the cases alone ---- */

struct recount {
    struct figures_count all, departments[3], areas[4];
    struct figures_hour hours[FIGURES_HOURS];
    int64_t states[CASE_STATE_COUNT], triage;
    int64_t reported_today, closed_today, newest_ms;
    size_t pins_overdue, pins_due;
};

/* The clock with the nearest deadline of those that wait; NULL: none. The cases here have one clock at the most. */
static const struct clock *waiting_clock(const struct case_file *record)
{
    const struct clock *clock = record->clocks.count ? &record->clocks.items[0] : NULL;
    return clock && (clock->state == CLOCK_STATE_RUNNING || clock->state == CLOCK_STATE_FIRED) ? clock : NULL;
}

static void count(struct figures_count *into, const struct clock *clock)
{
    into->open++;
    if (!clock)
        return;
    into->overdue += clock->deadline_ms <= now_ms;
    into->due += clock->deadline_ms > now_ms && clock->deadline_ms <= now_ms + FIGURES_DUE_MS &&
                 (clock->warn_at_ms == 0 || clock->warn_at_ms <= now_ms);
}

static bool is_today(int64_t at_ms)
{
    return at_ms && at_ms / MS_PER_DAY == now_ms / MS_PER_DAY;
}

/* The one task of a case here leads; what its worker has done the department has to report. */
static bool waits_for(const struct case_file *record, const char *department)
{
    const struct task *task = record->tasks.count ? &record->tasks.items[0] : NULL;
    if (!task || strcmp(task->department, department) != 0)
        return false;
    return (task->state >= TASK_OFFERED && task->state <= TASK_ON_SITE) ||
           (task->state == TASK_DONE &&
            (record->state == CASE_RECEIVED || record->state == CASE_IN_PROGRESS || record->state == CASE_SUSPENDED));
}

static void recount_moments(struct recount *recount, const struct case_file *record)
{
    int64_t until = now_ms / MS_PER_HOUR * MS_PER_HOUR + MS_PER_HOUR;
    if (is_today(record->reported_at_ms)) {
        recount->reported_today++;
        if (record->reported_at_ms < until)
            recount->hours[record->reported_at_ms / MS_PER_HOUR % 24].reported++;
    }
    if (is_today(record->closed_at_ms)) {
        recount->closed_today++;
        if (record->closed_at_ms < until)
            recount->hours[record->closed_at_ms / MS_PER_HOUR % 24].closed++;
    }
    if (record->reported_at_ms > recount->newest_ms)
        recount->newest_ms = record->reported_at_ms;
}

static int recount_case(void *context, const struct case_file *record)
{
    struct recount *recount = context;
    const struct clock *clock = waiting_clock(record);
    recount_moments(recount, record);
    recount->states[record->state]++;
    recount->triage += record->no_rule && record->state <= CASE_ACCEPTED;
    if (!case_state_is_open(record->state))
        return 0;
    struct figures_count before = recount->all;
    count(&recount->all, clock);
    if (record->place.lat != 0) {
        recount->pins_overdue += (size_t)(recount->all.overdue - before.overdue);
        recount->pins_due += (size_t)(recount->all.due - before.due);
    }
    for (int i = 0; i < 3; i++)
        if (waits_for(record, departments[i].code))
            count(&recount->departments[i], clock);
    for (int i = 1; i < 4; i++)
        if (strcmp(record->place.area, areas[i]) == 0)
            count(&recount->areas[i], clock);
    return 0;
}

/* ---- the tests ---- */

static void read_both(struct fixture *fixture, struct arena *arena, struct figures *figures, struct recount *recount)
{
    struct fault fault = { "" };
    struct arena cases = { 0 };
    struct txn *txn = txn_begin_read(fixture->store);
    int result = figures_read(txn, &book, now_ms, arena, figures, &fault);
    if (!result)
        result = case_visit_all(txn, &cases, recount_case, recount, &fault);
    txn_abort(txn);
    arena_finish(&cases);
    if (result)
        fail_msg("%s", fault.text);
}

static void assert_counts(struct figures_count figure, struct figures_count counted)
{
    assert_int_equal(figure.open, counted.open);
    assert_int_equal(figure.due, counted.due);
    assert_int_equal(figure.overdue, counted.overdue);
}

static void every_figure_is_a_count_of_cases(void **state)
{
    struct arena arena = { 0 };
    struct figures figures;
    struct recount recount = { 0 };
    fill(((struct fixture *)*state)->store);
    read_both(*state, &arena, &figures, &recount);
    assert_true(recount.all.due > 0 && recount.all.overdue > 0 && recount.closed_today > 0);
    assert_int_equal(figures.seq, 1);
    assert_counts(figures.all, recount.all);
    assert_memory_equal(figures.states, recount.states, sizeof figures.states);
    assert_true(recount.triage > 0);
    assert_int_equal(figures.triage, recount.triage);
    assert_int_equal(figures.reported_today, recount.reported_today);
    assert_int_equal(figures.closed_today, recount.closed_today);
    assert_int_equal(figures.department_count, 3);
    for (int i = 0; i < 3; i++)
        assert_counts(figures.departments[i].count, recount.departments[i]);
    assert_int_equal(figures.hour_count, 9); /* 00 to 08 */
    for (int hour = 0; hour < 9; hour++) {
        assert_int_equal(figures.hours[hour].reported, recount.hours[hour].reported);
        assert_int_equal(figures.hours[hour].closed, recount.hours[hour].closed);
    }
    assert_int_equal(figures.area_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(figures.areas[i].code, areas[i + 1]);
        assert_counts(figures.areas[i].count, recount.areas[i + 1]);
    }
    arena_finish(&arena);
}

static void what_is_late_at_a_known_place_has_a_pin_the_worst_first(void **state)
{
    struct arena arena = { 0 };
    struct figures figures;
    struct recount recount = { 0 };
    fill(((struct fixture *)*state)->store);
    read_both(*state, &arena, &figures, &recount);
    assert_true(recount.pins_overdue > 0 && recount.pins_due > 0);
    assert_int_equal(figures.pin_count, recount.pins_overdue + recount.pins_due);
    for (size_t i = 0; i < figures.pin_count; i++)
        assert_int_equal(figures.pins[i].overdue, i < recount.pins_overdue);
    arena_finish(&arena);
}

static void newest_cases_come_newest_first(void **state)
{
    struct arena arena = { 0 };
    struct figures figures;
    struct recount recount = { 0 };
    fill(((struct fixture *)*state)->store);
    read_both(*state, &arena, &figures, &recount);
    assert_int_equal(figures.newest_count, FIGURES_NEWEST);
    assert_int_equal(figures.newest[0].reported_at_ms, recount.newest_ms);
    for (size_t i = 1; i < figures.newest_count; i++)
        assert_true(figures.newest[i].reported_at_ms <= figures.newest[i - 1].reported_at_ms);
    arena_finish(&arena);
}

static void an_empty_store_gives_noughts(void **state)
{
    struct arena arena = { 0 };
    struct figures figures;
    struct recount recount = { 0 };
    read_both(*state, &arena, &figures, &recount);
    assert_counts(figures.all, (struct figures_count){ 0 });
    assert_int_equal(figures.newest_count, 0);
    assert_int_equal(figures.area_count, 0);
    assert_int_equal(figures.department_count, 3);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_figure_is_a_count_of_cases, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_late_at_a_known_place_has_a_pin_the_worst_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(newest_cases_come_newest_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_store_gives_noughts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
