/* The intake while the log is busy: another writer holds the log's lock as long as the test wants, as a slow disk would. */
#include "test/unit/ingest/fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "ingest/intake.h"
#include "test/unit/bus/bus_harness.h"
#include "test/unit/door/bench.h"

enum { CLIENTS = 6, QUEUE = 4, PATIENCE_MS = 60 * 1000, SHORT_PATIENCE_MS = 1 };
static const char post[] = "POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
static const char post_unfit[] = "POST /take?too_long=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
static char too_long[202]; /* a title has 200 bytes */

struct entrance {
    struct book *book;
    char folder[40];
    struct bench bench;
    struct event_log *log;
    struct intake *intake;
    size_t sent, count, refused;
    struct txn *lock; /* the log's: who has it holds every commit up */
    struct loop_timer patience;
    bool patience_is_over;
};

static void lock_log(struct entrance *entrance)
{
    entrance->lock = txn_begin_write(event_log_store(entrance->log));
}

static void unlock_log(struct entrance *entrance)
{
    txn_abort(entrance->lock);
    entrance->lock = NULL;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static void taken(struct request *request, const struct event_append *done, void *context)
{
    (void)context;
    reply_text(request, 201, "text/plain", arena_format(request_arena(request), "%d", (int)done->seq));
}

static void take(struct request *request, void *context)
{
    struct entrance *entrance = context;
    struct event *event = arena_alloc(request_arena(request), sizeof *event);
    *event = (struct event){ .kind = EVENT_REPORT, .source = SOURCE_RESIDENT, .service = "0101", .text = "broken" };
    event->id = arena_format(request_arena(request), "e-%zu", ++entrance->count);
    struct event_append append = { .event = event };
    struct fault fault;
    if (request_query(request, "too_long"))
        event->title = too_long;
    int result = intake_submit(entrance->intake, request, &append, taken, NULL, &fault);
    if (result == INTAKE_TAKEN)
        return;
    entrance->refused++;
    if (result == INTAKE_FULL)
        reply_text(request, 503, "text/plain", event->id);
    else
        reply_text(request, 422, "text/plain", fault.text);
}

static int open_with_patience(void **state, int64_t patience_ms)
{
    struct entrance *entrance = calloc(1, sizeof *entrance);
    struct bus_publisher *doorbell;
    struct fault fault = { "" };
    void *book;
    memset(too_long, 'x', sizeof too_long - 1);
    strcpy(entrance->folder, "/tmp/ingest-intake-XXXXXX");
    if (load_test_book(&book) || !mkdtemp(entrance->folder))
        return -1;
    entrance->book = book;
    bench_open(&entrance->bench, NULL);
    bench_route(&entrance->bench, "POST", "/take", 0, -1, take, entrance);
    if (event_log_open(entrance->folder, STORE_READ_WRITE, &entrance->log, &fault) ||
        bus_publisher_dial(harness_port_base(), BUS_EVENTS, &doorbell, &fault) ||
        intake_open(&(struct intake_options){ .loop = entrance->bench.loop,
                                              .log = entrance->log,
                                              .doorbell = doorbell,
                                              .queue = QUEUE,
                                              .patience_ms = patience_ms,
                                              .book = entrance->book },
                    &entrance->intake, &fault)) {
        print_error("%s\n", fault.text);
        return -1;
    }
    *state = entrance;
    return 0;
}

static int open_entrance(void **state)
{
    return open_with_patience(state, PATIENCE_MS);
}

static int open_impatient(void **state)
{
    return open_with_patience(state, SHORT_PATIENCE_MS);
}

static int close_entrance(void **state)
{
    struct entrance *entrance = *state;
    unlock_log(entrance);
    intake_close(entrance->intake);
    bench_close(&entrance->bench);
    event_log_close(entrance->log);
    book_destroy(entrance->book);
    nftw(entrance->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(entrance);
    return 0;
}

static bool all_came(void *context)
{
    const struct entrance *entrance = context;
    return entrance->count == entrance->sent;
}

/* The first one's commit waits for the lock that the test has; the others come meanwhile. */
static void post_while_locked(struct entrance *entrance, struct client *clients)
{
    lock_log(entrance);
    for (size_t i = 0; i < CLIENTS; i++) {
        client_open(&clients[i], &entrance->bench);
        client_send_text(&clients[i], post);
        entrance->sent++;
        bench_until(&entrance->bench, all_came, entrance);
        bench_turn(&entrance->bench); /* the first one's commit has begun: the rest is of the next one */
    }
}

static void who_comes_during_a_commit_goes_with_the_next_one(void **state)
{
    struct entrance *entrance = *state;
    struct client clients[CLIENTS];
    long long commits = metric_value("drumtower_ingest_commits_total");
    post_while_locked(entrance, clients);
    assert_int_equal(metric_value("drumtower_ingest_commits_total"), commits);
    for (size_t i = 0; i < CLIENTS; i++)
        if (i < QUEUE) /* nobody is told anything while nothing is durable */
            assert_int_equal(clients[i].received.size, 0);
    unlock_log(entrance);
    for (size_t i = 0; i < QUEUE; i++) {
        struct answer answer = client_answer(&clients[i]);
        assert_int_equal(answer.status, 201);
        answer_finish(&answer);
    }
    assert_int_equal(metric_value("drumtower_ingest_commits_total"), commits + 2);
    for (size_t i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
}

static void who_was_refused_is_not_in_the_log(void **state)
{
    struct entrance *entrance = *state;
    struct client clients[CLIENTS];
    struct arena arena = { 0 };
    struct event event;
    struct fault fault = { "" };
    post_while_locked(entrance, clients);
    struct answer answer = client_answer(&clients[CLIENTS - 1]); /* at once, while the log is still busy */
    assert_int_equal(answer.status, 503);
    assert_int_equal(entrance->refused, CLIENTS - QUEUE);
    unlock_log(entrance);
    for (size_t i = 0; i < QUEUE; i++) {
        struct answer good = client_answer(&clients[i]);
        assert_int_equal(good.status, 201);
        answer_finish(&good);
    }
    assert_int_equal(event_log_last(entrance->log, NULL), QUEUE);
    assert_int_equal(event_log_find(entrance->log, answer_text(&answer), &arena, &event, &fault), 1);
    assert_int_equal(event_log_find(entrance->log, "e-1", &arena, &event, &fault), 0);
    answer_finish(&answer);
    arena_finish(&arena);
    for (size_t i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
}

static int end_patience(void *context)
{
    ((struct entrance *)context)->patience_is_over = true;
    return 0;
}

static bool patience_is_over(void *context)
{
    return ((const struct entrance *)context)->patience_is_over;
}

/* There is room, but a disk that hangs: whoever came would wait behind the one that waits already. */
static void who_would_wait_behind_a_commit_that_hangs_is_told_so(void **state)
{
    struct entrance *entrance = *state;
    struct client first;
    long long refused = metric_value("drumtower_ingest_refused_total{limit=\"log_seconds\"}");
    lock_log(entrance);
    client_open(&first, &entrance->bench);
    client_send_text(&first, post);
    entrance->sent = 1;
    bench_until(&entrance->bench, all_came, entrance);
    entrance->patience = (struct loop_timer){ .fire = end_patience, .context = entrance };
    loop_timer_arm(entrance->bench.loop, &entrance->patience, SHORT_PATIENCE_MS + 1);
    bench_until(&entrance->bench, patience_is_over, entrance);
    struct answer second = ask(&entrance->bench, post);
    assert_int_equal(second.status, 503);
    assert_int_equal(metric_value("drumtower_ingest_refused_total{limit=\"log_seconds\"}"), refused + 1);
    assert_int_equal(metric_value("drumtower_ingest_reports_waiting"), 1);
    unlock_log(entrance);
    struct answer kept = client_answer(&first),
                  third = ask(&entrance->bench, post); /* the log goes on, and so does the door */
    assert_int_equal(kept.status, 201);
    assert_int_equal(third.status, 201);
    assert_int_equal(event_log_last(entrance->log, NULL), 2);
    assert_int_equal(metric_value("drumtower_ingest_reports_waiting"), 0);
    answer_finish(&second);
    answer_finish(&kept);
    answer_finish(&third);
    client_close(&first);
}

static void what_the_log_cannot_keep_is_told_and_costs_nobody_else_the_commit(void **state)
{
    struct entrance *entrance = *state;
    struct client good;
    lock_log(entrance);
    client_open(&good, &entrance->bench);
    client_send_text(&good, post);
    entrance->sent = 1;
    bench_until(&entrance->bench, all_came, entrance);
    struct answer unfit = ask(&entrance->bench, post_unfit);
    assert_int_equal(unfit.status, 422);
    assert_string_equal(answer_text(&unfit), "event.title: more than 200 bytes");
    unlock_log(entrance);
    struct answer kept = client_answer(&good);
    assert_int_equal(kept.status, 201);
    assert_int_equal(event_log_last(entrance->log, NULL), 1);
    answer_finish(&unfit);
    answer_finish(&kept);
    client_close(&good);
}

static void added(struct request *request, const struct event_append *done, void *context)
{
    (void)request;
    *(bool *)context = done->event == NULL;
}

static bool is_true(void *context)
{
    return *(bool *)context;
}

static void what_nobody_can_mend_is_left_out_and_its_memo_kept(void **state)
{
    struct entrance *entrance = *state;
    struct event event = { .id = "alarm", .kind = EVENT_ALARM, .source = SOURCE_SENSOR, .title = too_long };
    struct event_memo memo = { "mqtt/tank", { (const uint8_t *)"high", 4 } };
    struct event_append append = { .event = &event, .memos = &memo, .memo_count = 1 };
    struct arena arena = { 0 };
    struct fault fault = { "" };
    struct bytes value;
    bool without_event = false;
    long long unfit = metric_value("drumtower_ingest_unfit_total");
    assert_int_equal(intake_add(entrance->intake, &append, added, &without_event), INTAKE_TAKEN);
    bench_until(&entrance->bench, is_true, &without_event);
    assert_int_equal(metric_value("drumtower_ingest_unfit_total"), unfit + 1);
    assert_int_equal(event_log_last(entrance->log, NULL), 0);
    assert_int_equal(event_log_memo(entrance->log, "mqtt/tank", &arena, &value, &fault), 0);
    assert_memory_equal(value.data, "high", 4);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_comes_during_a_commit_goes_with_the_next_one, open_entrance,
                                        close_entrance),
        cmocka_unit_test_setup_teardown(who_was_refused_is_not_in_the_log, open_entrance, close_entrance),
        cmocka_unit_test_setup_teardown(who_would_wait_behind_a_commit_that_hangs_is_told_so, open_impatient,
                                        close_entrance),
        cmocka_unit_test_setup_teardown(what_the_log_cannot_keep_is_told_and_costs_nobody_else_the_commit,
                                        open_entrance, close_entrance),
        cmocka_unit_test_setup_teardown(what_nobody_can_mend_is_left_out_and_its_memo_kept, open_entrance,
                                        close_entrance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
