/* The pure function from a case to what it counts as in the indicators: each word of the header's list has its story here. */
#include "proto/store/indicator_count.h"

#include "support.h"

enum { HOUR = 3600 * 1000 };
static const int64_t now = INT64_C(1767573000000); /* 2026-01-05T00:30:00Z */

struct asked {
    enum dimension dimension;
    const char *name;
    char text[1024];
};

static void note(void *context, const struct indicator_entry *entry)
{
    struct asked *asked = context;
    if (entry->dimension != asked->dimension || strcmp(entry->name, asked->name) != 0)
        return;
    size_t at = strlen(asked->text);
    snprintf(asked->text + at, sizeof asked->text - at, "%s%s+%lld:", at ? " " : "",
             enum_name(&anchor_desc, (int)entry->anchor), (long long)((entry->at_ms - now) / HOUR));
    for (int measure = 0; measure < MEASURE_COUNT; measure++)
        if (entry->measures & MEASURE_BIT(measure)) {
            at = strlen(asked->text);
            snprintf(asked->text + at, sizeof asked->text - at, " %s", enum_name(&measure_desc, measure));
        }
}

/* "all+0: reported settled+5: due …": anchor + hours, and the measures of it. */
static const char *counts_of(const struct case_file *record, enum dimension dimension, const char *name)
{
    static struct asked asked;
    asked = (struct asked){ .dimension = dimension, .name = name };
    indicator_entries(record, note, &asked);
    return asked.text;
}

static const char *counts(const struct case_file *record)
{
    return counts_of(record, DIMENSION_ALL, "");
}

static const char *dept(const struct case_file *record, const char *name)
{
    return counts_of(record, DIMENSION_DEPARTMENT, name);
}

static const char *worker(const struct case_file *record, const char *name)
{
    return counts_of(record, DIMENSION_WORKER, name);
}

#define LIST(items) \
    { \
        items, sizeof(items) / sizeof *items \
    }

static void a_new_report_counts_as_reported_under_each_of_its_names(void **state)
{
    (void)state;
    struct clock clocks[] = { { .kind = CLOCK_ACCEPT, .state = CLOCK_STATE_RUNNING, .deadline_ms = now + HOUR } };
    struct case_file record = { .state = CASE_REPORTED,
                                .reported_at_ms = now,
                                .service = "0101",
                                .source = SOURCE_SENSOR,
                                .clocks = LIST(clocks) };
    assert_string_equal(counts(&record), "all+0: reported");
    assert_string_equal(counts_of(&record, DIMENSION_SERVICE, "0101"), "all+0: reported");
    assert_string_equal(counts_of(&record, DIMENSION_SOURCE, "sensor"), "all+0: reported");
    assert_string_equal(counts_of(&record, DIMENSION_AREA, ""), "all+0: reported"); /* no place is a name, too */
    assert_string_equal(dept(&record, ""), "");
}

static void a_promise_counts_once_its_outcome_is_known(void **state)
{
    (void)state;
    static const struct {
        enum clock_state first, second; /* two rounds of the same promise */
        const char *counts;
    } rows[] = {
        { CLOCK_STATE_RUNNING, CLOCK_STATE_NONE, "all+0: reported" },
        { CLOCK_STATE_PAUSED, CLOCK_STATE_NONE, "all+0: reported" },
        { CLOCK_STATE_STOPPED, CLOCK_STATE_NONE, "all+0: reported answer_due answered answered_in_time" },
        { CLOCK_STATE_FIRED, CLOCK_STATE_NONE, "all+0: reported answer_due" },
        { CLOCK_STATE_STOPPED_LATE, CLOCK_STATE_NONE, "all+0: reported answer_due answered" },
        { CLOCK_STATE_STOPPED, CLOCK_STATE_RUNNING, "all+0: reported" },
        { CLOCK_STATE_STOPPED, CLOCK_STATE_FIRED, "all+0: reported answer_due" },
        { CLOCK_STATE_STOPPED_LATE, CLOCK_STATE_STOPPED, "all+0: reported answer_due answered" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct clock clocks[] = {
            { .kind = CLOCK_ANSWER, .state = rows[i].first, .deadline_ms = now + HOUR },
            { .kind = CLOCK_ANSWER, .state = rows[i].second, .deadline_ms = now + HOUR },
        };
        struct case_file record = { .state = CASE_REPORTED, .reported_at_ms = now, .clocks = LIST(clocks) };
        assert_string_equal(counts(&record), rows[i].counts);
    }
}

static void an_acceptance_is_known_once_the_desk_has_decided(void **state)
{
    (void)state;
    static const struct {
        enum case_state state;
        enum clock_state accept;
        const char *counts;
    } rows[] = {
        { CASE_VERIFYING, CLOCK_STATE_STOPPED, "all+0: reported" }, /* it runs anew after the verification */
        { CASE_VERIFYING, CLOCK_STATE_STOPPED_LATE, "all+0: reported accept_due" },
        { CASE_REPORTED, CLOCK_STATE_FIRED, "all+0: reported accept_due" },
        { CASE_ACCEPTED, CLOCK_STATE_STOPPED, "all+0: reported accept_due accepted_in_time" },
        { CASE_REFUSED, CLOCK_STATE_STOPPED, "all+0: reported accept_due accepted_in_time" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct clock clocks[] = { { .kind = CLOCK_ACCEPT, .state = rows[i].accept, .deadline_ms = now + HOUR } };
        struct case_file record = { .state = rows[i].state, .reported_at_ms = now, .clocks = LIST(clocks) };
        assert_string_equal(counts(&record), rows[i].counts);
    }
}

static void a_clock_that_stopped_for_another_reason_is_no_promise_kept(void **state)
{
    (void)state;
    static const struct {
        enum clock_kind kind;
        struct task task;
        const char *counts;
    } rows[] = {
        { CLOCK_RECEIVE, { .state = TASK_WITHDRAWN }, "" },
        { CLOCK_RECEIVE, { .state = TASK_WITHDRAWN, .received_at_ms = 1 }, "all+0: receive_due received_in_time" },
        { CLOCK_RECEIVE, { .state = TASK_RETURNED }, "all+0: receive_due received_in_time" },
        { CLOCK_RESPOND, { .state = TASK_RETURNED, .received_at_ms = 1 }, "" },
        { CLOCK_RESPOND, { .state = TASK_ON_SITE, .arrived_at_ms = 1 }, "all+0: arrive_due arrived_in_time" },
        { CLOCK_RESPOND, { .state = TASK_WITHDRAWN, .done_at_ms = 1 }, "all+0: arrive_due arrived_in_time" },
        { CLOCK_VERIFY, { .state = TASK_WITHDRAWN }, "" },
        { CLOCK_VERIFY, { .state = TASK_DONE, .role = TASK_ROLE_VERIFY }, "all+0: verify_due verified_in_time" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct clock clocks[] = { { .kind = rows[i].kind, .state = CLOCK_STATE_STOPPED, .task = 1 } };
        struct task tasks[] = { rows[i].task };
        struct case_file record = {
            .state = CASE_RECEIVED, .reported_at_ms = now, .clocks = LIST(clocks), .tasks = LIST(tasks)
        };
        tasks[0].department = "north";
        assert_string_equal(dept(&record, "north"), rows[i].counts);
    }
}

static void what_the_desk_does_is_nobodys_elses(void **state)
{
    (void)state;
    struct clock clocks[] = {
        { .kind = CLOCK_ACCEPT, .state = CLOCK_STATE_STOPPED },
        { .kind = CLOCK_DISPATCH, .state = CLOCK_STATE_STOPPED_LATE },
        { .kind = CLOCK_RECEIVE, .state = CLOCK_STATE_STOPPED, .task = 1 },
        { .kind = CLOCK_RESPOND, .state = CLOCK_STATE_FIRED, .task = 1 },
    };
    struct task tasks[] = {
        { .state = TASK_TAKEN, .role = TASK_ROLE_LEAD, .department = "water", .worker = "li", .received_at_ms = now }
    };
    struct case_file record = { .state = CASE_RECEIVED,
                                .reported_at_ms = now,
                                .accepted_at_ms = now,
                                .dispatched_at_ms = now + HOUR,
                                .department = "water",
                                .clocks = LIST(clocks),
                                .tasks = LIST(tasks) };
    assert_string_equal(counts(&record), "all+0: reported accept_due accepted_in_time filed filed_right dispatch_due "
                                         "dispatched dispatched_right receive_due received_in_time arrive_due");
    assert_string_equal(dept(&record, "water"), "all+0: reported receive_due received_in_time arrive_due");
    assert_string_equal(worker(&record, "li"), "all+0: reported receive_due received_in_time arrive_due");
}

static void filing_and_dispatching_can_be_wrong(void **state)
{
    (void)state;
    static const struct {
        struct case_file record;
        const char *counts;
    } rows[] = {
        { { .state = CASE_ACCEPTED, .accepted_at_ms = 1, .reclassified = 1 }, "all+0: reported filed" },
        { { .state = CASE_REFUSED, .accepted_at_ms = 1 }, "all+0: reported filed" },
        { { .state = CASE_REFUSED }, "all+0: reported" },
        { { .state = CASE_REPORTED, .reclassified = 1 }, "all+0: reported" },
        { { .state = CASE_RECEIVED, .dispatched_at_ms = 1 }, "all+0: reported dispatched dispatched_right" },
        { { .state = CASE_RECEIVED, .dispatched_at_ms = 1, .handed_up = 2 },
          "all+0: reported dispatched dispatched_right" },
        { { .state = CASE_RECEIVED, .dispatched_at_ms = 1, .returned = 1 }, "all+0: reported dispatched" },
        { { .state = CASE_ACCEPTED, .returned = 1 }, "all+0: reported dispatched" },
        { { .state = CASE_RECEIVED, .dispatched_at_ms = 1, .transferred = 1 }, "all+0: reported dispatched" },
        { { .state = CASE_DISPOSED, .dispatched_at_ms = 1, .self_disposed = true }, "all+0: reported" },
        { { .state = CASE_CANCELLED, .dispatched_at_ms = 1 }, "all+0: reported" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct task tasks[] = { { .role = TASK_ROLE_LEAD, .state = TASK_RETURNED } };
        struct case_file record = rows[i].record;
        record.tasks = (struct task_list){ tasks, rows[i].record.dispatched_at_ms || rows[i].record.returned };
        record.reported_at_ms = now;
        assert_string_equal(counts(&record), rows[i].counts);
    }
}

/* A case at "water", worker li, with a limit of eight hours. */
struct disposal {
    struct task tasks[4];
    struct clock clocks[4];
    struct case_file record;
};

static struct case_file *disposal(struct disposal *disposal, enum clock_state dispose)
{
    *disposal = (struct disposal){
        .tasks = { { .role = TASK_ROLE_LEAD, .state = TASK_TAKEN, .department = "water", .worker = "li" } },
        .clocks = { { .kind = CLOCK_DISPOSE, .state = dispose, .task = 1, .deadline_ms = now + 8 * HOUR } },
        .record = { .state = CASE_RECEIVED, .reported_at_ms = now, .department = "water" },
    };
    disposal->record.tasks = (struct task_list){ disposal->tasks, 1 };
    disposal->record.clocks = (struct clock_list){ disposal->clocks, 1 };
    return &disposal->record;
}

static struct case_file *disposed(struct disposal *of, enum clock_state dispose, int64_t at_ms)
{
    struct case_file *record = disposal(of, dispose);
    of->tasks[0].state = TASK_DONE;
    of->tasks[0].done_at_ms = record->disposed_at_ms = at_ms;
    record->state = CASE_DISPOSED;
    return record;
}

static void a_disposal_is_settled_when_it_is_done_or_its_deadline_has_passed(void **state)
{
    (void)state;
    struct disposal of;
    assert_string_equal(counts(disposal(&of, CLOCK_STATE_RUNNING)), "all+0: reported dispatched dispatched_right");
    assert_string_equal(counts(disposal(&of, CLOCK_STATE_PAUSED)), "all+0: reported dispatched dispatched_right");
    assert_string_equal(counts(disposal(&of, CLOCK_STATE_FIRED)), "all+0: reported dispatched dispatched_right "
                                                                  "settled+8: due overdue close_due");
    assert_string_equal(counts(disposed(&of, CLOCK_STATE_STOPPED, now + 5 * HOUR)), "all+0: reported dispatched "
                                                                                    "dispatched_right settled+5: due "
                                                                                    "disposed disposed_in_time "
                                                                                    "handled");
    assert_string_equal(counts(disposed(&of, CLOCK_STATE_STOPPED_LATE, now + 9 * HOUR)), "all+0: reported dispatched "
                                                                                         "dispatched_right settled+8: "
                                                                                         "due disposed overdue handled "
                                                                                         "close_due");
    assert_string_equal(dept(&of.record, "water"), "all+0: reported settled+8: due disposed overdue handled close_due");
    assert_string_equal(worker(&of.record, "li"), "all+0: reported settled+8: due disposed overdue handled close_due");
    of.record.extended = 1;
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+8: due disposed "
                                            "overdue extended handled "
                                            "close_due");
    of.record.clocks.count = 0; /* a service without a limit */
    of.record.extended = 0;
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+9: due disposed "
                                            "disposed_in_time handled");
}

static void that_a_worker_is_done_is_not_yet_the_departments_report(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_RUNNING, now + 5 * HOUR);
    of.record.disposed_at_ms = 0;
    of.record.state = CASE_RECEIVED;
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right");
    assert_string_equal(worker(&of.record, "li"), "all+0: reported");
    of.tasks[1] = (struct task){ .role = TASK_ROLE_LEAD, .state = TASK_WITHDRAWN, .department = "roads" };
    of.record.tasks.count = 2; /* who led for a while since that task was given */
    assert_string_equal(worker(&of.record, "li"), "all+0: reported");
}

static void some_cases_are_never_due(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_STOPPED_LATE, now + 9 * HOUR);
    of.record.appeal = APPEAL_ASKED;
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+8: due disposed "
                                            "overdue handled close_due");
    of.record.appeal = APPEAL_GRANTED;
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+8: handled");
    assert_string_equal(dept(&of.record, "water"), "all+0: reported settled+8: handled");
    static const enum case_state left_out[] = { CASE_SUSPENDED, CASE_REFUSED };
    for (size_t i = 0; i < 2; i++) {
        disposal(&of, CLOCK_STATE_FIRED);
        of.record.state = left_out[i];
        assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right");
    }
    static const enum case_state gone[] = { CASE_CANCELLED, CASE_MERGED };
    for (size_t i = 0; i < 2; i++) {
        disposed(&of, CLOCK_STATE_STOPPED_LATE, now + 9 * HOUR);
        of.record.accepted_at_ms = now;
        of.record.state = gone[i];
        assert_string_equal(counts(&of.record), "all+0: reported");
        assert_string_equal(dept(&of.record, "water"), "all+0: reported");
    }
}

static void who_broke_a_promise_keeps_it_when_the_case_goes_elsewhere(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_STOPPED_LATE, 0);
    of.tasks[0] =
        (struct task){ .role = TASK_ROLE_LEAD, .state = TASK_WITHDRAWN, .department = "north", .worker = "an" };
    of.tasks[1] = (struct task){ .role = TASK_ROLE_LEAD, .state = TASK_DONE, .department = "water", .worker = "li" };
    of.clocks[1] = (struct clock){
        .kind = CLOCK_DISPOSE, .state = CLOCK_STATE_STOPPED, .task = 2, .deadline_ms = now + 40 * HOUR
    };
    of.record.tasks.count = of.record.clocks.count = 2;
    of.record.disposed_at_ms = now + 30 * HOUR;
    assert_string_equal(dept(&of.record, "north"), "settled+8: due overdue");
    assert_string_equal(worker(&of.record, "an"), "settled+8: due overdue");
    assert_string_equal(dept(&of.record, "water"), "all+0: reported settled+30: due disposed disposed_in_time handled "
                                                   "close_due");
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+8: due disposed "
                                            "overdue handled close_due");
}

static void who_assists_has_a_promise_of_its_own(void **state)
{
    (void)state;
    struct disposal of;
    disposal(&of, CLOCK_STATE_RUNNING);
    of.tasks[1] = (struct task){ .role = TASK_ROLE_ASSIST,
                                 .state = TASK_DONE,
                                 .department = "roads",
                                 .worker = "wu",
                                 .done_at_ms = now + 3 * HOUR };
    of.clocks[1] =
        (struct clock){ .kind = CLOCK_DISPOSE, .state = CLOCK_STATE_STOPPED, .task = 2, .deadline_ms = now + 4 * HOUR };
    of.record.tasks.count = of.record.clocks.count = 2;
    assert_string_equal(dept(&of.record, "roads"), "settled+3: due disposed disposed_in_time handled");
    assert_string_equal(worker(&of.record, "wu"), "settled+3: due disposed disposed_in_time handled");
    assert_string_equal(dept(&of.record, "water"), "all+0: reported");
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right");
    of.clocks[1].state = CLOCK_STATE_STOPPED_LATE;
    assert_string_equal(dept(&of.record, "roads"), "settled+3: due disposed overdue handled");
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right");
    of.clocks[1].state = CLOCK_STATE_STOPPED;
    of.tasks[1].state = TASK_WITHDRAWN;
    assert_string_equal(dept(&of.record, "roads"), "");
}

static void rework_is_the_workers_whose_work_failed(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_STOPPED, now + 2 * HOUR);
    of.record.disposed_at_ms = 0;
    of.record.state = CASE_DISPATCHED;
    of.record.reworked = 1;
    of.tasks[1] = (struct task){ .role = TASK_ROLE_LEAD, .state = TASK_OFFERED, .department = "water", .worker = "ma" };
    of.clocks[1] = (struct clock){
        .kind = CLOCK_DISPOSE, .state = CLOCK_STATE_RUNNING, .task = 2, .deadline_ms = now + 20 * HOUR
    };
    of.record.tasks.count = of.record.clocks.count = 2;
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+2: due handled "
                                            "redone");
    assert_string_equal(worker(&of.record, "li"), "settled+2: due handled redone");
    assert_string_equal(worker(&of.record, "ma"), "all+0: reported");

    of.tasks[1].state = TASK_DONE; /* and done again: the day stays */
    of.tasks[1].done_at_ms = of.record.disposed_at_ms = now + 6 * HOUR;
    of.clocks[1].state = CLOCK_STATE_STOPPED;
    of.record.state = CASE_DISPOSED;
    assert_string_equal(dept(&of.record, "water"), "all+0: reported settled+2: due disposed disposed_in_time handled "
                                                   "redone");
    assert_string_equal(worker(&of.record, "ma"), "all+0: reported settled+6: due disposed disposed_in_time handled");
}

static void what_was_reopened_is_handled_but_not_reworked(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_STOPPED, now + 2 * HOUR);
    of.record.state = CASE_ACCEPTED;
    of.record.reopened = 1;
    of.record.disposed_at_ms = 0;
    of.record.department = "";
    static const char handled[] = "all+0: reported dispatched dispatched_right settled+2: due handled";
    assert_string_equal(counts(&of.record), handled);
    of.tasks[1] = (struct task){ .role = TASK_ROLE_LEAD, .state = TASK_TAKEN, .department = "water", .worker = "ma" };
    of.record.tasks.count = 2;
    of.record.department = "water";
    assert_string_equal(counts(&of.record), handled);
    assert_string_equal(worker(&of.record, "li"), "settled+2: due handled");
}

static void a_check_and_a_verification_are_those_of_who_was_sent(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_STOPPED, now + 2 * HOUR);
    of.tasks[1] = (struct task){ .role = TASK_ROLE_VERIFY, .state = TASK_DONE, .department = "north", .worker = "an" };
    of.tasks[2] =
        (struct task){ .role = TASK_ROLE_CHECK, .state = TASK_OFFERED, .department = "north", .worker = "bo" };
    of.clocks[1] = (struct clock){ .kind = CLOCK_VERIFY, .state = CLOCK_STATE_STOPPED, .task = 2 };
    of.clocks[2] = (struct clock){ .kind = CLOCK_CHECK, .state = CLOCK_STATE_FIRED, .task = 3, .deadline_ms = now };
    of.record.tasks.count = of.record.clocks.count = 3;
    assert_string_equal(worker(&of.record, "an"), "all+0: verify_due verified_in_time");
    assert_string_equal(worker(&of.record, "bo"), "settled+2: check_due"); /* on the case's day */
    assert_string_equal(worker(&of.record, "li"), "all+0: reported settled+2: due disposed disposed_in_time handled "
                                                  "close_due");
    assert_string_equal(dept(&of.record, "north"), "all+0: verify_due verified_in_time settled+2: check_due");
    of.clocks[2].task = 0; /* nobody was sent: the case's own */
    assert_string_equal(dept(&of.record, "water"), "all+0: reported settled+2: due disposed disposed_in_time handled "
                                                   "check_due close_due");
}

static void what_is_closed_was_due_to_close(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_STOPPED, now + 2 * HOUR);
    of.record.state = CASE_CLOSED;
    of.record.closed_at_ms = now + 4 * HOUR;
    assert_string_equal(dept(&of.record, "water"), "all+0: reported settled+2: due disposed disposed_in_time handled "
                                                   "close_due closed_due closed_in_time closed+4: closed");
    of.clocks[1] = (struct clock){ .kind = CLOCK_CLOSE, .state = CLOCK_STATE_STOPPED_LATE };
    of.record.clocks.count = 2;
    of.record.reopened = 1;
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+2: due disposed "
                                            "disposed_in_time handled "
                                            "close_due closed_due closed+4: closed reopened");
    of.record.state = CASE_ACCEPTED; /* reopened once more */
    assert_string_equal(counts(&of.record), "all+0: reported dispatched dispatched_right settled+2: due disposed "
                                            "disposed_in_time handled "
                                            "close_due");
}

static void reporters_are_asked_and_may_answer(void **state)
{
    (void)state;
    static const struct {
        enum event_source source;
        int64_t answered_at_ms, score;
        bool solved;
        const char *counts;
    } rows[] = {
        { SOURCE_SENSOR, 1, 0, false, "closed" },
        { SOURCE_RESIDENT, 0, 0, false, "closed asked" },
        { SOURCE_HOTLINE, now, 0, false, "closed asked responded" },
        { SOURCE_HOTLINE, now + 4 * HOUR, 0, false, "closed asked" }, /* closing it was the first word */
        { SOURCE_RESIDENT, now, 3, true, "closed asked responded rated solved" },
        { SOURCE_RESIDENT, 0, 4, false, "closed asked rated satisfied" },
        { SOURCE_SENSOR, 0, 5, true, "closed asked rated solved satisfied" }, /* a neighbour's voice was added */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char expected[128];
        struct case_file record = { .state = CASE_RATED,
                                    .reported_at_ms = now,
                                    .closed_at_ms = now + 4 * HOUR,
                                    .source = rows[i].source,
                                    .answered_at_ms = rows[i].answered_at_ms,
                                    .score = rows[i].score,
                                    .solved = rows[i].solved };
        snprintf(expected, sizeof expected, "all+0: reported closed+4: %s", rows[i].counts);
        assert_string_equal(counts(&record), expected);
        record.state = CASE_IN_PROGRESS;
        assert_string_equal(counts(&record), "all+0: reported");
    }
}

static void grades_go_by_the_table(void **state)
{
    (void)state;
    static const struct {
        enum indicator indicator;
        int64_t part, of;
        enum grade grade;
    } rows[] = {
        { INDICATOR_DISPOSED_ON_TIME, 0, 0, GRADE_NONE },
        { INDICATOR_DISPOSED_ON_TIME, 95, 100, GRADE_GREEN },
        { INDICATOR_DISPOSED_ON_TIME, 94, 100, GRADE_YELLOW },
        { INDICATOR_DISPOSED_ON_TIME, 17, 20, GRADE_YELLOW },
        { INDICATOR_DISPOSED_ON_TIME, 84, 100, GRADE_RED },
        { INDICATOR_OVERDUE, 0, 1, GRADE_GREEN },
        { INDICATOR_OVERDUE, 5, 100, GRADE_GREEN },
        { INDICATOR_OVERDUE, 6, 100, GRADE_YELLOW },
        { INDICATOR_OVERDUE, 16, 100, GRADE_RED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(indicator_grade(rows[i].indicator, rows[i].part, rows[i].of), rows[i].grade);
}

static void the_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_row *row = &indicators[i];
        assert_int_equal(measure_anchor(row->part), measure_anchor(row->of));
        assert_int_not_equal(row->part, row->of);
        assert_true(row->more_is_better ? row->green > row->yellow : row->green < row->yellow);
    }
}

static void a_measure_has_a_name_among_the_counters(void **state)
{
    (void)state;
    static const char *const names[] = { "reported/2026-01-05", "disposed_in_time/2026-01-05/dept/water",
                                         "due/2026-01-05/area/", "due/2026-01-05/area/a/b" };
    static const char *const others[] = { "",
                                          "open",
                                          "reported",
                                          "reported/2026-1-5",
                                          "state/reported",
                                          "due/dept",
                                          "due/",
                                          "due/2026-01-05/street/x",
                                          "reported-hour/2026-01-05T00" };
    struct indicator_counter counter;
    char text[CASE_INDEX_NAME];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(indicator_counter_parse(names[i], &counter));
        assert_string_equal(indicator_counter_text(text, &counter), names[i]);
        assert_string_equal(counter.day, "2026-01-05");
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(indicator_counter_parse(others[i], &counter));
}

static void a_case_is_counted_under_the_names_that_it_counts_under(void **state)
{
    (void)state;
    struct disposal of;
    disposed(&of, CLOCK_STATE_STOPPED, now + 30 * HOUR);
    assert_true(case_is_counted(&of.record, "reported/2026-01-05"));
    assert_true(case_is_counted(&of.record, "disposed/2026-01-06/dept/water"));
    assert_true(case_is_counted(&of.record, "disposed/2026-01-06/worker/li"));
    assert_false(case_is_counted(&of.record, "disposed/2026-01-05/dept/water"));
    assert_false(case_is_counted(&of.record, "disposed/2026-01-06/dept/roads"));
    assert_false(case_is_counted(&of.record, "overdue/2026-01-06/dept/water"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_report_counts_as_reported_under_each_of_its_names),
        cmocka_unit_test(a_promise_counts_once_its_outcome_is_known),
        cmocka_unit_test(an_acceptance_is_known_once_the_desk_has_decided),
        cmocka_unit_test(a_clock_that_stopped_for_another_reason_is_no_promise_kept),
        cmocka_unit_test(what_the_desk_does_is_nobodys_elses),
        cmocka_unit_test(filing_and_dispatching_can_be_wrong),
        cmocka_unit_test(a_disposal_is_settled_when_it_is_done_or_its_deadline_has_passed),
        cmocka_unit_test(that_a_worker_is_done_is_not_yet_the_departments_report),
        cmocka_unit_test(some_cases_are_never_due),
        cmocka_unit_test(who_broke_a_promise_keeps_it_when_the_case_goes_elsewhere),
        cmocka_unit_test(who_assists_has_a_promise_of_its_own),
        cmocka_unit_test(rework_is_the_workers_whose_work_failed),
        cmocka_unit_test(what_was_reopened_is_handled_but_not_reworked),
        cmocka_unit_test(a_check_and_a_verification_are_those_of_who_was_sent),
        cmocka_unit_test(what_is_closed_was_due_to_close),
        cmocka_unit_test(reporters_are_asked_and_may_answer),
        cmocka_unit_test(grades_go_by_the_table),
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(a_measure_has_a_name_among_the_counters),
        cmocka_unit_test(a_case_is_counted_under_the_names_that_it_counts_under),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
