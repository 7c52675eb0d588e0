/* The pure function from a case to the lists and counters that it stands in. */
#include "proto/store/case_index.h"

#include "support.h"

enum { HOUR = 3600 * 1000 };
static const int64_t now = INT64_C(1767573000000); /* 2026-01-05T00:30:00Z */

struct found {
    char text[2048];
};

static void note_entry(void *context, const struct index_entry *entry)
{
    struct found *found = context;
    size_t at = strlen(found->text);
    at += (size_t)snprintf(found->text + at, sizeof found->text - at, "%s%s=", entry->list, entry->of);
    if (entry->order == ORDER_NONE)
        snprintf(found->text + at, sizeof found->text - at, "none ");
    else
        snprintf(found->text + at, sizeof found->text - at, "%lld ", (long long)((entry->order - now) / HOUR));
}

static void note_counter(void *context, const char *name)
{
    struct found *found = context;
    size_t at = strlen(found->text);
    snprintf(found->text + at, sizeof found->text - at, "%s ", name);
}

static const char *lists_of(const struct case_file *record)
{
    static struct found found;
    found.text[0] = 0;
    case_index_entries(record, note_entry, &found);
    return found.text;
}

static const char *counters_of(const struct case_file *record)
{
    static struct found found;
    found.text[0] = 0;
    case_counter_entries(record, note_counter, &found);
    return found.text;
}

static void a_new_report_stands_in_open_and_all(void **state)
{
    (void)state;
    struct clock clocks[] = { { .state = CLOCK_STATE_RUNNING, .deadline_ms = now + 2 * HOUR } };
    struct case_file record = { .state = CASE_REPORTED, .reported_at_ms = now, .clocks = { clocks, 1 } };
    assert_string_equal(lists_of(&record), "due=2 open=2 state/reported=2 all=0 updated=0 ");
    assert_string_equal(counters_of(&record), "open state/reported reported-hour/2026-01-05T00 ");
}

static void a_dispatched_case_stands_with_its_department_worker_and_area(void **state)
{
    (void)state;
    struct task tasks[] = {
        { .state = TASK_RETURNED, .department = "roads" },
        { .state = TASK_TAKEN, .department = "water", .worker = "li" },
        { .state = TASK_OFFERED, .department = "power" },
    };
    struct clock clocks[] = {
        { .state = CLOCK_STATE_STOPPED, .deadline_ms = now - 9 * HOUR },
        { .state = CLOCK_STATE_RUNNING, .deadline_ms = now + 8 * HOUR, .warn_at_ms = now + 6 * HOUR },
        { .state = CLOCK_STATE_RUNNING, .deadline_ms = now + 7 * HOUR },
    };
    struct case_file record = { .state = CASE_RECEIVED,
                                .reported_at_ms = now,
                                .department = "water",
                                .place = { .area = "g7" },
                                .tasks = { tasks, 3 },
                                .clocks = { clocks, 3 } };
    assert_string_equal(lists_of(&record), "due=6 open=7 state/received=7 dept/water=7 worker/li=0 dept/power=7 "
                                           "area/g7=7 all=0 updated=0 dept-all/water=0 ");
    assert_string_equal(counters_of(&record), "open open/dept/water open/area/g7 state/received "
                                              "state/received/dept/water "
                                              "reported-hour/2026-01-05T00 ");
}

static void a_fired_clock_stays_first_but_is_not_due_again(void **state)
{
    (void)state;
    struct clock clocks[] = { { .state = CLOCK_STATE_FIRED, .deadline_ms = now - 3 * HOUR } };
    struct case_file record = {
        .state = CASE_DISPATCHED, .reported_at_ms = now, .overdue = true, .clocks = { clocks, 1 }
    };
    assert_string_equal(lists_of(&record), "open=-3 state/dispatched=-3 all=0 updated=0 ");
    assert_true(case_is_counted(&record, "overdue-open"));
    assert_int_equal(case_next_due_ms(&record), ORDER_NONE);
    assert_int_equal(case_nearest_deadline_ms(&record), now - 3 * HOUR);
}

static void a_closed_case_leaves_the_open_lists(void **state)
{
    (void)state;
    struct task tasks[] = { { .state = TASK_DONE, .department = "water", .worker = "li" } };
    struct clock clocks[] = { { .state = CLOCK_STATE_STOPPED_LATE, .deadline_ms = now } };
    struct case_file record = { .state = CASE_CLOSED,
                                .reported_at_ms = now,
                                .disposed_at_ms = now + 30 * HOUR,
                                .closed_at_ms = now + 31 * HOUR,
                                .department = "water",
                                .overdue = true,
                                .place = { .area = "g7" },
                                .tasks = { tasks, 1 },
                                .clocks = { clocks, 1 } };
    assert_string_equal(lists_of(&record), "state/closed=31 all=0 updated=31 dept-all/water=0 closed=31 settled=30 ");
    assert_string_equal(counters_of(&record), "state/closed state/closed/dept/water reported-hour/2026-01-05T00 "
                                              "closed-hour/2026-01-06T07 ");
    assert_false(case_is_counted(&record, "overdue-open"));
    assert_false(case_is_counted(&record, "open"));
}

static void triage_ends_with_dispatch(void **state)
{
    (void)state;
    static const struct {
        enum case_state state;
        bool waits;
    } rows[] = {
        { CASE_REPORTED, true }, { CASE_ACCEPTED, true }, { CASE_DISPATCHED, false }, { CASE_REFUSED, false }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct case_file record = { .state = rows[i].state, .reported_at_ms = now, .no_rule = true };
        assert_int_equal(case_is_counted(&record, "triage"), rows[i].waits);
        assert_int_equal(strstr(lists_of(&record), "triage=none") != NULL, rows[i].waits);
    }
}

static void what_the_shift_leader_decides_and_watches_has_lists(void **state)
{
    (void)state;
    static const struct {
        struct case_file record;
        bool asked, supervised;
    } rows[] = {
        { { .state = CASE_RETURNING }, true, false },
        { { .state = CASE_RECEIVED, .request.verb = VERB_EXTEND }, true, false },
        { { .state = CASE_CLOSED, .appeal = APPEAL_ASKED }, true, false },
        { { .state = CASE_CLOSED, .appeal = APPEAL_DENIED }, false, false },
        { { .state = CASE_RECEIVED, .supervised_by = "li" }, false, true },
        { { .state = CASE_CLOSED, .supervised_by = "li" }, false, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *lists = lists_of(&rows[i].record);
        assert_int_equal(strstr(lists, "asked=") != NULL, rows[i].asked);
        assert_int_equal(strstr(lists, "supervised=") != NULL, rows[i].supervised);
    }
}

static int at_offset(void *context, int64_t at_ms)
{
    (void)at_ms;
    return *(const int *)context;
}

static void days_and_hours_are_local(void **state)
{
    (void)state;
    static const struct {
        int offset_minutes;
        int64_t at_ms;
        const char *hour;
    } rows[] = {
        { 480, INT64_C(1767573000000), "2026-01-05T08" },
        { -300, INT64_C(1767573000000), "2026-01-04T19" },
        { 330, INT64_C(1767553199999), "2026-01-05T00" }, /* half an hour off: 00:29:59.999 */
        { 480, INT64_C(1772294399999), "2026-02-28T23" },
        { 480, INT64_C(1772294400000), "2026-03-01T00" },
        { 0, -1, "1969-12-31T23" },
        { 0, INT64_C(253402300799999), "9999-12-31T23" },
        { 0, INT64_MAX / 2, "9999-12-31T23" }, /* nonsense has a place, too */
        { 0, INT64_MIN / 2, "0001-01-01T00" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char hour[CASE_DAY_TEXT], day[CASE_DAY_TEXT];
        int offset = rows[i].offset_minutes;
        case_index_set_zone(at_offset, &offset);
        case_local_hour(hour, rows[i].at_ms);
        case_local_day(day, rows[i].at_ms);
        case_index_set_zone(NULL, NULL);
        assert_string_equal(hour, rows[i].hour);
        assert_memory_equal(day, hour, 10);
        assert_int_equal(strlen(day), 10);
    }
}

static void the_longest_codes_fit_a_name(void **state)
{
    (void)state;
    char code[65];
    memset(code, 'x', 64);
    code[64] = 0;
    struct case_file record = { .state = CASE_IN_PROGRESS,
                                .reported_at_ms = now,
                                .disposed_at_ms = now,
                                .overdue = true,
                                .department = code,
                                .place = { .area = code } };
    char name[CASE_INDEX_NAME];
    snprintf(name, sizeof name, "disposed_in_time/2026-01-05/dept/%s", code);
    assert_true(case_is_counted(&record, name));
    snprintf(name, sizeof name, "overdue-open/area/%s", code);
    assert_true(case_is_counted(&record, name));
    snprintf(name, sizeof name, "state/in_progress/dept/%s", code);
    assert_true(case_is_counted(&record, name));
}

static void what_is_urgent_comes_first_until_it_is_dispatched(void **state)
{
    (void)state;
    struct clock clock = { .id = 1, .state = CLOCK_STATE_RUNNING, .deadline_ms = now };
    struct case_file record = { .state = CASE_REPORTED, .reported_at_ms = now, .clocks = { &clock, 1 } };
    assert_int_equal(case_desk_order(&record), now);
    record.urgent = true;
    int64_t first = case_desk_order(&record);
    assert_true(first >= 0 && first < now - INT64_C(1000000000)); /* before what was due eleven days ago */
    clock.deadline_ms = now + 1;
    assert_int_equal(case_desk_order(&record), first + 1);
    record.clocks.count = 0; /* nothing limits it: after the urgent ones that have a limit, before all others */
    assert_true(case_desk_order(&record) > first && case_desk_order(&record) < now);
    record.dispatched_at_ms = now;
    assert_int_equal(case_desk_order(&record), ORDER_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_report_stands_in_open_and_all),
        cmocka_unit_test(a_dispatched_case_stands_with_its_department_worker_and_area),
        cmocka_unit_test(a_fired_clock_stays_first_but_is_not_due_again),
        cmocka_unit_test(a_closed_case_leaves_the_open_lists),
        cmocka_unit_test(triage_ends_with_dispatch),
        cmocka_unit_test(what_the_shift_leader_decides_and_watches_has_lists),
        cmocka_unit_test(days_and_hours_are_local),
        cmocka_unit_test(the_longest_codes_fit_a_name),
        cmocka_unit_test(what_is_urgent_comes_first_until_it_is_dispatched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
