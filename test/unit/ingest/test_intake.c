/* The intake while the log is busy: another writer holds the log's lock as long as the test wants, as a slow disk would. */
#include "test/unit/ingest/fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "ingest/intake.h"
#include "test/unit/bus/bus_harness.h"
#include "test/unit/door/bench.h"

enum { CLIENTS = 6, QUEUE = 4 };
static const char post[] = "POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";

struct entrance {
    struct book *book;
    char folder[40];
    struct bench bench;
    struct event_log *log;
    struct intake *intake;
    size_t sent, count, refused;
};

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
    if (intake_submit(entrance->intake, request, &append, taken, NULL) == INTAKE_TAKEN)
        return;
    entrance->refused++;
    reply_text(request, 503, "text/plain", event->id);
}

static int open_entrance(void **state)
{
    struct entrance *entrance = calloc(1, sizeof *entrance);
    struct bus_publisher *doorbell;
    struct fault fault = { "" };
    void *book;
    strcpy(entrance->folder, "/tmp/ingest-intake-XXXXXX");
    if (load_test_book(&book) || !mkdtemp(entrance->folder))
        return -1;
    entrance->book = book;
    bench_open(&entrance->bench, NULL);
    bench_route(&entrance->bench, "POST", "/take", 0, -1, take, entrance);
    if (event_log_open(entrance->folder, STORE_READ_WRITE, &entrance->log, &fault) ||
        bus_publisher_open(harness_port_base(), BUS_EVENTS, &doorbell, &fault) ||
        intake_open(&(struct intake_options){ .loop = entrance->bench.loop,
                                              .log = entrance->log,
                                              .doorbell = doorbell,
                                              .queue = QUEUE,
                                              .book = entrance->book },
                    &entrance->intake, &fault)) {
        print_error("%s\n", fault.text);
        return -1;
    }
    *state = entrance;
    return 0;
}

static int close_entrance(void **state)
{
    struct entrance *entrance = *state;
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
static struct txn *post_while_locked(struct entrance *entrance, struct client *clients)
{
    struct txn *lock = txn_begin_write(event_log_store(entrance->log));
    for (size_t i = 0; i < CLIENTS; i++) {
        client_open(&clients[i], &entrance->bench);
        client_send_text(&clients[i], post);
        entrance->sent++;
        bench_until(&entrance->bench, all_came, entrance);
        bench_turn(&entrance->bench); /* the first one's commit has begun: the rest is of the next one */
    }
    return lock;
}

static void who_comes_during_a_commit_goes_with_the_next_one(void **state)
{
    struct entrance *entrance = *state;
    struct client clients[CLIENTS];
    long long commits = metric_value("drumtower_ingest_commits_total");
    struct txn *lock = post_while_locked(entrance, clients);
    assert_int_equal(metric_value("drumtower_ingest_commits_total"), commits);
    for (size_t i = 0; i < CLIENTS; i++)
        if (i < QUEUE) /* nobody is told anything while nothing is durable */
            assert_int_equal(clients[i].received.size, 0);
    txn_abort(lock);
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
    struct txn *lock = post_while_locked(entrance, clients);
    struct answer answer = client_answer(&clients[CLIENTS - 1]); /* at once, while the log is still busy */
    assert_int_equal(answer.status, 503);
    assert_int_equal(entrance->refused, CLIENTS - QUEUE);
    txn_abort(lock);
    for (size_t i = 0; i < QUEUE; i++) {
        struct answer good = client_answer(&clients[i]);
        assert_int_equal(good.status, 201);
        answer_finish(&good);
    }
    assert_int_equal(event_log_last(entrance->log), QUEUE);
    assert_int_equal(event_log_find(entrance->log, answer_text(&answer), &arena, &event, &fault), 1);
    assert_int_equal(event_log_find(entrance->log, "e-1", &arena, &event, &fault), 0);
    answer_finish(&answer);
    arena_finish(&arena);
    for (size_t i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_comes_during_a_commit_goes_with_the_next_one, open_entrance,
                                        close_entrance),
        cmocka_unit_test_setup_teardown(who_was_refused_is_not_in_the_log, open_entrance, close_entrance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
