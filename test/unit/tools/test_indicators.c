/* drumctl indicators: the figures of some days, by whom and by which period, and the cases behind them. */
#include <jansson.h>

#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "run.h"

enum { HOUR = 3600 * 1000, DAY = 24 * HOUR };

static struct fault fault;
static const char *lane;
static const int64_t monday = INT64_C(1767542400000); /* 2026-01-05T00:00 in Shanghai */

static int offset_of_shanghai(void *context, int64_t at_ms)
{
    (void)context;
    (void)at_ms;
    return 480;
}

/* What a case of these tests is made of. */
struct made {
    int64_t id, reported_at_ms;
    const char *department, *area;
    enum clock_state dispose;
    int64_t hours; /* from the report to the disposal; 0: not yet */
};

static void put(struct txn *txn, const struct made *made)
{
    char number[32];
    snprintf(number, sizeof number, "LANE-%04lld", (long long)made->id);
    struct task task = { .role = TASK_ROLE_LEAD,
                         .state = made->hours ? TASK_DONE : TASK_TAKEN,
                         .department = made->department,
                         .done_at_ms = made->hours ? made->reported_at_ms + made->hours * HOUR : 0 };
    struct clock clock = {
        .kind = CLOCK_DISPOSE, .state = made->dispose, .task = 1, .deadline_ms = made->reported_at_ms + 8 * HOUR
    };
    case_put(txn, NULL,
             &(struct case_file){ .id = made->id,
                                  .number = number,
                                  .state = made->hours ? CASE_DISPOSED : CASE_RECEIVED,
                                  .title = "井盖丢失",
                                  .service = "0101",
                                  .source = SOURCE_RESIDENT,
                                  .department = made->department,
                                  .place = { .area = made->area },
                                  .reported_at_ms = made->reported_at_ms,
                                  .disposed_at_ms = task.done_at_ms,
                                  .tasks = { &task, 1 },
                                  .clocks = { &clock, 1 } });
}

static int make_data(void **state)
{
    static const struct made cases[] = {
        { 1, INT64_C(1767542400000) - 8 * (int64_t)DAY, "water", "g1", CLOCK_STATE_STOPPED, 2 },
        { 2, INT64_C(1767542400000) + 9 * HOUR, "water", "g1", CLOCK_STATE_STOPPED, 3 },
        { 3, INT64_C(1767542400000) + 9 * HOUR, "water", "g2", CLOCK_STATE_STOPPED_LATE, 11 },
        { 4, INT64_C(1767542400000) + DAY + 9 * HOUR, "east", "g3", CLOCK_STATE_FIRED, 0 },
        { 5, INT64_C(1767542400000) + DAY + 10 * HOUR, "strangers", "nowhere", CLOCK_STATE_STOPPED, 1 },
    };
    int result = make_test_folder(state);
    struct store *store;
    if (result)
        return result;
    case_index_set_zone(offset_of_shanghai, NULL);
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        put(txn, &cases[i]);
    meta_set_text(txn, META_TIME_ZONE, "Asia/Shanghai");
    meta_set(txn, META_TIME, monday + 2 * (int64_t)DAY);
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
    return 0;
}

/* Runs it with these arguments, --data and --book; returns its exit status. */
static int ask(const char *folder, const char *const *arguments)
{
    const char *all[24] = { "indicators" };
    size_t count = 1;
    for (; *arguments; arguments++)
        all[count++] = *arguments;
    all[count++] = "--data";
    all[count++] = folder;
    all[count++] = "--book";
    all[count++] = lane;
    all[count] = NULL;
    return run_helper(all);
}

static void the_district_has_one_table_of_all(void **state)
{
    assert_int_equal(ask(*state, ARGUMENTS("--from", "2026-01-05")), 0);
    assert_printed("2026-01-05 to 2026-01-07");
    assert_printed("disposed                     3         4    75.0%  red");
    assert_printed("disposed_on_time             2         4    50.0%  red");
    assert_printed("overdue                      2         4    50.0%  red");
    assert_printed("satisfied                    0         0        -");
    assert_printed("4 cases reported, 0 closed");
}

static void departments_and_tiers_stand_side_by_side(void **state)
{
    assert_int_equal(ask(*state, ARGUMENTS("--by", "dept", "--indicator", "disposed_on_time")), 0);
    assert_printed("water                             2         3    66.7%  red     Water works\n");
    assert_printed("east                              0         1     0.0%  red     East station\n");
    assert_printed("strangers                         1         1   100.0%  green   strangers\n");
    assert_int_equal(ask(*state, ARGUMENTS("--by", "tier", "--indicator", "disposed_on_time")), 0);
    assert_printed("district                          2         3 ");
    assert_printed("community                         0         1 ");
    assert_printed("none                              1         1 ");
    assert_int_equal(ask(*state, ARGUMENTS("--by", "dept")), 0);
    assert_printed("G green, Y yellow, R red");
    assert_printed("100.0% G"); /* the strangers */
}

static void an_area_has_what_its_grids_have(void **state)
{
    assert_int_equal(ask(*state, ARGUMENTS("--by", "area", "--indicator", "overdue", "--from", "2026-01-05")), 0);
    assert_printed("c1                                1         2    50.0%");
    assert_printed("g1                                0         1     0.0%");
    assert_printed("nowhere                           0         1     0.0%");
}

static void periods_are_sums_of_their_days(void **state)
{
    assert_int_equal(ask(*state, ARGUMENTS("--period", "week", "--indicator", "disposed_on_time")), 0);
    assert_printed("-              2025-W52           1         1   100.0%");
    assert_printed("-              2026-W02           2         4    50.0%");
    assert_int_equal(ask(*state, ARGUMENTS("--period", "month", "--json")), 0);
    json_t *answer = json_loads(output, 0, NULL), *groups = json_object_get(answer, "groups");
    assert_int_equal(json_array_size(groups), 2);
    json_t *january = json_array_get(groups, 1);
    assert_string_equal(json_string_value(json_object_get(january, "period")), "2026-01");
    assert_string_equal(json_string_value(json_object_get(january, "from")), "2026-01-01");
    assert_string_equal(json_string_value(json_object_get(january, "to")),
                        "2026-01-07"); /* as far as it was asked for */
    json_t *overdue = json_object_get(json_object_get(january, "indicators"), "overdue");
    assert_int_equal(json_integer_value(json_object_get(overdue, "part")), 2);
    assert_string_equal(json_string_value(json_object_get(overdue, "grade")), "red");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(january, "measures"), "reported")), 4);
    json_decref(answer);
}

static void a_figure_leads_to_its_cases(void **state)
{
    static const char *const late[] = {
        "cases", "--indicator", "disposed_on_time", "--part", "rest", "--by", "dept", "--key", "water", NULL
    };
    assert_int_equal(ask(*state, late), 0);
    assert_printed("2026-01-05T17:00:00+08:00  LANE-0003");
    assert_not_printed("LANE-0002");
    assert_not_printed("LANE-0004");
    static const char *const of_street[] = { "cases", "--indicator", "overdue", "--by", "area", "--key", "c1", NULL };
    assert_int_equal(ask(*state, of_street), 0);
    assert_printed("LANE-0001");
    assert_printed("LANE-0002              rest");
    assert_printed("LANE-0003              part");
    assert_not_printed("LANE-0004");
    static const char *const of_tier[] = { "cases", "--indicator", "due", "--by", "tier", "--key", "community", NULL };
    assert_int_equal(ask(*state, of_tier), 2); /* that is a measure */
    static const char *const first[] = { "cases", "--indicator", "overdue", "--limit", "2", "--json", NULL };
    assert_int_equal(ask(*state, first), 0);
    assert_printed("{\"case\":\"LANE-0004\",\"name\":\"\",\"state\":\"received\",\"department\":\"east\"");
    assert_printed("there are more than 2 cases");
    assert_not_printed("LANE-0001");
}

static void what_is_asked_wrongly_is_named(void **state)
{
    static const struct {
        const char *option, *value, *said;
    } rows[] = {
        { "--by", "street", "by: 'street' is none of all, dept, service, worker, source, tier, area" },
        { "--period", "decade", "period: 'decade' is none of whole, day" },
        { "--from", "2026-02-30", "from: '2026-02-30' is no day; expected one such as 2026-01-05" },
        { "--to", "2025-01-01", "to: 2025-01-01 is before from: 2025-12-09" },
        { "--indicator", "late", "indicator: 'late' is none of accepted_on_time" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(ask(*state, ARGUMENTS(rows[i].option, rows[i].value)), 2);
        assert_printed(rows[i].said);
    }
    assert_int_equal(ask(*state, ARGUMENTS("cases")), 2);
    assert_printed("--indicator NAME is missing");
    assert_int_equal(ask(*state, ARGUMENTS("figures")), 2);
    assert_printed("'figures' is not `cases`");
}

static void days_without_a_case_are_said_to_be_so(void **state)
{
    assert_int_equal(ask(*state, ARGUMENTS("--from", "2024-01-01", "--to", "2024-12-31")), 0);
    assert_printed("no case in these days");
}

#define with_data(test) cmocka_unit_test_setup_teardown(test, make_data, remove_test_folder)

int main(int argc, char **argv)
{
    helper_program = argc > 1 ? argv[1] : NULL;
    lane = argc > 2 ? argv[2] : "test/scenario/books/lane";
    const struct CMUnitTest tests[] = {
        with_data(the_district_has_one_table_of_all),     with_data(departments_and_tiers_stand_side_by_side),
        with_data(an_area_has_what_its_grids_have),       with_data(periods_are_sums_of_their_days),
        with_data(a_figure_leads_to_its_cases),           with_data(what_is_asked_wrongly_is_named),
        with_data(days_without_a_case_are_said_to_be_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
