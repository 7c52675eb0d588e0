#include "dispatcher/service.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dispatcher/figures.h"
#include "dispatcher/remotes.h"
#include "dispatcher/turn.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/loop.h"
#include "proto/bus/doorbell.h"
#include "proto/store/event_log.h"
#include "proto/store/journal_key.h"

enum { LOOK_MS = 1000, LOOK_VIRTUAL_MS = 20, READERS_MS = 60000, PUBLISH_BATCH = 1000 };

/* A command that waits for its turn, then for the commit. */
struct waiting {
    struct bus_ticket *ticket;
    struct bytes request, answer;
};

struct service {
    struct service_options options;
    struct fault *fault; /* why the loop ends */
    struct loop *loop;
    struct store *store;
    struct event_log *log; /* NULL until ingest has made it */
    struct turn turn;
    struct journal_signer signer;
    struct arena arena; /* what is decoded for one turn */
    struct buffer bytes;
    struct bus_server *commands;
    struct bus_publisher *publisher;
    struct bus_subscriber *events;
    struct remotes remotes;
    struct doorbell_heart heart;
    struct loop_timer look, readers;
    struct loop_hook hook;
    struct waiting queue[SERVICE_COMMANDS];
    size_t waiting;
    bool look_at_log; /* the doorbell rang, or it is time to look without it */
    bool behind;      /* the last turn took as many events as it may: there are more */
    int64_t cursor;   /* as committed */
    int64_t next_due_ms;
    int64_t rings;
    uint64_t published; /* last notice that went out */
};

/* ---- what the turn takes ---- */

static int take_event(void *context, const struct event *event, struct bytes bytes)
{
    struct service *service = context;
    struct turn *turn = &service->turn;
    struct bytes kept = { (const uint8_t *)arena_text(&turn->arena, (const char *)bytes.data, bytes.size), bytes.size };
    return turn_event(turn, event, kept, service->fault);
}

static int take_events(struct service *service)
{
    service->behind = false;
    if (!service->log || !service->look_at_log)
        return 0;
    int64_t before = service->turn.cursor;
    int result = event_log_read(service->log, (uint64_t)before + 1, (size_t)service->options.turn_inputs,
                                &service->arena, take_event, service, service->fault);
    service->behind = service->look_at_log = service->turn.cursor - before >= service->options.turn_inputs;
    return result;
}

static int take_command(struct service *service, struct waiting *waiting)
{
    struct command command;
    struct fault wrong = { "" };
    if (record_decode(&command_desc, waiting->request, &service->arena, &command, &wrong) == 0)
        return turn_command(&service->turn, &command, waiting->request, &waiting->answer, service->fault);
    log_warn("command refused", "reason=\"%s\"", wrong.text);
    waiting->answer =
        turn_answer_bytes(&service->turn, &(struct answer){ .status = ANSWER_INVALID, .message = wrong.text });
    return 0;
}

static int take_all(struct service *service)
{
    int result = take_events(service);
    for (size_t i = 0; result >= 0 && i < service->waiting; i++)
        result = take_command(service, &service->queue[i]);
    /* A pulse brings the engine's time to now: not before what was reported until then has been taken. Clocks do not wait for
     * it, they fire before each event that comes after them. */
    return result < 0 || service->behind ? result : turn_pulse(&service->turn, service->fault);
}

/* ---- after the commit ---- */

static void answer_all(struct service *service)
{
    for (size_t i = 0; i < service->waiting; i++)
        bus_answer(service->queue[i].ticket, service->queue[i].answer);
    service->waiting = 0;
}

static int publish_one(void *context, const struct notice *notice)
{
    struct service *service = context;
    buffer_clear(&service->bytes);
    record_encode(&notice_desc, notice, &service->bytes);
    bus_publish(service->publisher, notice->topic, buffer_view(&service->bytes));
    remotes_publish(&service->remotes, notice, buffer_view(&service->bytes));
    service->published = (uint64_t)notice->seq;
    return 0;
}

static int publish_new(struct service *service)
{
    struct txn *txn = txn_begin_read(service->store);
    uint64_t last = outbox_last(txn);
    int result = 0;
    while (result == 0 && service->published < last) {
        arena_reset(&service->arena);
        result = outbox_read(txn, NULL, service->published, PUBLISH_BATCH, &service->arena, publish_one, service,
                             service->fault);
    }
    if (result == 0)
        result = txn_error(txn, service->fault);
    txn_abort(txn);
    return result;
}

/* ---- the turn ---- */

/* 1: there is something to do. */
static int has_work(struct service *service)
{
    int64_t now_ms = clock_now_ms();
    if (service->waiting || service->next_due_ms <= now_ms || service->turn.head_due_ms <= now_ms)
        return 1;
    if (!service->look_at_log || !service->log)
        return 0;
    int64_t last = event_log_last(service->log, service->fault);
    service->look_at_log = last > service->cursor;
    return last < 0 ? (int)last : service->look_at_log;
}

static void look_again(struct service *service)
{
    int64_t delay_ms = clock_is_virtual() ? LOOK_VIRTUAL_MS : LOOK_MS;
    int64_t left_ms = service->next_due_ms - clock_now_ms();
    if (!clock_is_virtual() && left_ms < delay_ms)
        delay_ms = left_ms > 1 ? left_ms : 1;
    loop_timer_arm(service->loop, &service->look, service->look_at_log ? 0 : delay_ms);
}

static int commit(struct service *service)
{
    service->next_due_ms = engine_next_due_ms(service->turn.txn);
    service->cursor = service->turn.cursor;
    int64_t began_us = clock_mono_us();
    int result = turn_commit(&service->turn, service->fault);
    figures_commit(clock_mono_us() - began_us);
    return result;
}

/* An error here ends the process without an answer: what is not durable was not said. */
static int run_turn(void *context)
{
    struct service *service = context;
    int result = has_work(service);
    if (result <= 0)
        return result;
    arena_reset(&service->arena);
    turn_begin(&service->turn, clock_now_ms());
    result = take_all(service);
    if (result >= 0)
        result = commit(service);
    if (result < 0) {
        turn_abort(&service->turn);
        return fault_prefix(service->fault, result, "the turn was not committed, nothing of it was answered");
    }
    answer_all(service);
    result = publish_new(service);
    look_again(service);
    return result;
}

/* ---- what wakes it ---- */

static int answer_metrics(struct service *service, struct bus_ticket *ticket)
{
    int64_t log_last = service->log ? event_log_last(service->log, service->fault) : 0;
    if (log_last < 0)
        return (int)log_last;
    figures_service(&service->turn.counts, &(struct figures){ .cursor = service->cursor,
                                                              .log_last = log_last,
                                                              .outbox_last = (int64_t)service->published,
                                                              .next_due_ms = service->next_due_ms,
                                                              .doorbell_rings = service->rings });
    figures_store(service->store);
    buffer_clear(&service->bytes);
    metrics_print(&service->bytes);
    bus_answer(ticket, buffer_view(&service->bytes));
    return 0;
}

static int command_arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    static const char metrics[] = "metrics";
    struct service *service = context;
    if (request.size == strlen(metrics) && memcmp(request.data, metrics, request.size) == 0)
        return answer_metrics(service, ticket);
    service->queue[service->waiting++] = (struct waiting){ .ticket = ticket, .request = request };
    return 0;
}

static int doorbell_heard(void *context, const char *topic, struct bytes message)
{
    (void)topic;
    (void)message;
    struct service *service = context;
    service->look_at_log = true;
    service->rings++;
    return 0;
}

/* A log that ends before what was taken of it is another one, as after a backup was put back: what comes into it now would count as taken, and
 * nobody would ever see it. */
static int expect_what_was_taken(struct service *service)
{
    struct arena arena = { 0 };
    struct event event;
    int result =
        service->cursor ? event_log_get(service->log, (uint64_t)service->cursor, &arena, &event, service->fault) : 0;
    arena_finish(&arena);
    return result > 0 ? fault_set(service->fault, -EBADMSG,
                                  "the event log has no event %" PRId64 ", which the cases were made of: put back the "
                                  "log that belongs to them",
                                  service->cursor)
                      : result;
}

static int open_log(struct service *service)
{
    if (service->log)
        return 0;
    int result = event_log_open(service->options.data_folder, STORE_READ_ONLY, &service->log, service->fault);
    if (result == 0)
        result = expect_what_was_taken(service);
    return result == -ENOENT ? 0 : result; /* ingest has not made it yet: the next look tries again */
}

/* The slow way to new events, for a doorbell that was lost, and the only way to a clock that falls due. */
static int look(void *context)
{
    struct service *service = context;
    int result = open_log(service);
    look_again(service);
    service->look_at_log = true; /* by the hook, which comes next */
    return result;
}

static int check_readers(void *context)
{
    struct service *service = context;
    int freed = store_check_readers(service->store);
    if (freed > 0)
        log_info("freed the slots of readers that were killed", "count=%d", freed);
    loop_timer_arm(service->loop, &service->readers, READERS_MS);
    return 0;
}

static uint64_t last_published(void *context)
{
    return ((struct service *)context)->published;
}

/* ---- start and end ---- */

/* The book is an input like any other. What the last process committed and did not publish, its readers find by the heartbeat. */
static int first_turn(struct service *service)
{
    turn_init(&service->turn, service->store, service->options.book);
    service->turn.signer = &service->signer;
    turn_begin(&service->turn, clock_now_ms());
    int result = turn_book(&service->turn, service->options.book, service->fault);
    service->published = outbox_last(service->turn.txn);
    if (result >= 0)
        result = commit(service);
    return result < 0 ? result : 0;
}

static int open_signer(struct service *service)
{
    service->signer = (struct journal_signer){ .every_ms = JOURNAL_HEAD_MS, .every_entries = JOURNAL_HEAD_ENTRIES };
    return journal_key_open(service->options.data_folder, &service->signer.key, service->fault);
}

/* So that what came since the last signed head cannot be cut off unseen while nobody is here. */
static int sign_the_rest(struct service *service)
{
    service->signer.every_ms = 0;
    turn_begin(&service->turn, clock_now_ms());
    return turn_commit(&service->turn, service->fault);
}

static int open_bus(struct service *service)
{
    struct fault *fault = service->fault;
    static const char *const topics[] = { DOORBELL_EVENTS_TOPIC };
    int64_t port = service->options.bus_port;
    int result = bus_allow_users(service->options.bus_users, fault);
    if (result == 0)
        result = bus_publisher_open(port, BUS_NOTICES, &service->publisher, fault);
    if (result == 0)
        result = bus_server_open(service->loop, port, BUS_COMMANDS, SERVICE_COMMANDS, command_arrived, service,
                                 &service->commands, fault);
    if (result == 0)
        result = bus_subscriber_listen(service->loop, port, BUS_EVENTS, topics, 1, doorbell_heard, service,
                                       &service->events, fault);
    if (result == 0)
        result = remotes_open(&service->remotes, service->options.book, service->options.remote_cert,
                              service->options.remote_ca, fault);
    return result;
}

static void start(struct service *service)
{
    service->look = (struct loop_timer){ .fire = look, .context = service };
    service->readers = (struct loop_timer){ .fire = check_readers, .context = service };
    service->hook = (struct loop_hook){ .run = run_turn, .context = service };
    loop_add_hook(service->loop, &service->hook);
    service->look_at_log = true; /* from the first turn on: what was reported while we were away comes before clocks */
    loop_timer_arm(service->loop, &service->look, 0);
    loop_timer_arm(service->loop, &service->readers, READERS_MS);
    doorbell_heart_start(&service->heart, service->loop, service->publisher, last_published, service);
}

static void close_service(struct service *service)
{
    doorbell_heart_stop(&service->heart);
    turn_finish(&service->turn);
    remotes_finish(&service->remotes);
    arena_finish(&service->arena);
    buffer_finish(&service->bytes);
    event_log_close(service->log);
    store_close(service->store);
    loop_destroy(service->loop);
    crypto_wipe(&service->signer, sizeof service->signer);
    free(service);
}

int service_run(const struct service_options *options, struct fault *fault)
{
    struct service *service = calloc(1, sizeof *service);
    if (!service)
        abort();
    service->options = *options;
    service->fault = fault;
    int result = loop_create(&service->loop, fault);
    if (result == 0)
        result = loop_catch_signals(service->loop, fault);
    if (result == 0)
        result = case_store_open(options->data_folder, STORE_READ_WRITE, &service->store, fault);
    if (result == 0)
        result = store_take(service->store, fault); /* before anything is journaled: a second one would come between */
    if (result == 0)
        result = open_signer(service);
    if (result == 0)
        result = first_turn(service);
    if (result == 0)
        result = open_log(service);
    if (result == 0)
        result = open_bus(service);
    if (result == 0) {
        start(service);
        log_info("ready", "cursor=%" PRId64 " outbox=%" PRIu64 " book=%s", service->cursor, service->published,
                 options->book->code);
        result = loop_run(service->loop);
        if (result == 0)
            result = sign_the_rest(service);
        log_info("ending", "cursor=%" PRId64 " outbox=%" PRIu64, service->cursor, service->published);
    }
    close_service(service);
    return result;
}
