#include "office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reader of /api/stream, and what it has heard. The dispatcher counts the notices of a topic in their titles. */
struct listener {
    struct office *office;
    struct client client;
    size_t taken;       /* bytes of client.received that are in the body */
    struct buffer body; /* without the transfer coding */
    size_t parsed;      /* bytes of the body that are behind us */
    long long last_id;  /* of an event */
    long long told[3];  /* last count heard, by the topics that it was told on */
    size_t notices, hellos;
    bool wrong; /* missing, doubled or out of order */
    size_t wanted;
};

static const char *const topics[] = { "desk", "worker/w-1", "desk,worker/w-1" };

static void listener_open(struct listener *listener, struct office *office, enum office_account account,
                          const char *query, long long last_id)
{
    char request[512], header[64] = "";
    long long told[3]; /* who comes again knows what it has */
    size_t notices = listener->notices;
    memcpy(told, listener->told, sizeof told);
    *listener = (struct listener){ .office = office, .last_id = last_id, .notices = notices };
    memcpy(listener->told, told, sizeof told);
    if (last_id >= 0)
        snprintf(header, sizeof header, "Last-Event-ID: %lld\r\n", last_id);
    snprintf(request, sizeof request, "GET /api/stream%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n",
             query, office->tokens[account], header);
    client_open(&listener->client, &office->bench);
    client_send_text(&listener->client, request);
}

static void listener_close(struct listener *listener)
{
    client_close(&listener->client);
    buffer_finish(&listener->body);
}

/* One event's lines: id, event, data. */
static void take_event(struct listener *listener, const char *text)
{
    long long id, count;
    char event[16], title[64] = "", topic[64];
    if (sscanf(text, "id: %lld event: %15s", &id, event) != 2)
        return;
    listener->wrong |= listener->last_id >= 0 && id <= listener->last_id;
    listener->last_id = id;
    if (strcmp(event, "hello") == 0) {
        listener->hellos++;
        return;
    }
    const char *at = strstr(text, "\"title\":\"");
    listener->wrong |=
        !at || sscanf(at + 9, "%63[^\"]", title) != 1 || sscanf(title, "%lld of %63s", &count, topic) != 2;
    for (size_t i = 0; !listener->wrong && i < 3; i++) {
        if (strcmp(topics[i], topic) != 0)
            continue;
        listener->wrong |= listener->told[i] && count != listener->told[i] + 1;
        listener->told[i] = count;
    }
    listener->notices++;
}

/* Takes the chunks that are whole out of the transfer coding, behind the head. */
static void take_chunks(struct listener *listener)
{
    struct buffer *received = &listener->client.received;
    const char *text = buffer_string(received);
    if (!listener->taken) {
        const char *head_end = strstr(text, "\r\n\r\n");
        listener->taken = head_end ? (size_t)(head_end - text) + 4 : 0;
    }
    while (listener->taken) {
        char *line_end;
        size_t size = strtoul(text + listener->taken, &line_end, 16);
        size_t start = (size_t)(line_end - text) + 2;
        if (strncmp(line_end, "\r\n", 2) != 0 || start + size + 2 > received->size)
            return;
        buffer_append(&listener->body, text + start, size);
        listener->taken = start + size + 2;
    }
}

static void parse(struct listener *listener)
{
    take_chunks(listener);
    const char *text = buffer_string(&listener->body), *end;
    while ((end = strstr(text + listener->parsed, "\n\n"))) {
        char *event = strndup(text + listener->parsed, (size_t)(end - text) - listener->parsed);
        take_event(listener, event);
        free(event);
        listener->parsed = (size_t)(end - text) + 2;
    }
}

static bool has_notices(void *context)
{
    struct listener *listener = context;
    parse(listener);
    return listener->wrong || listener->notices >= listener->wanted;
}

static bool has_hello(void *context)
{
    struct listener *listener = context;
    parse(listener);
    return listener->hellos > 0;
}

static void wait_notices(struct listener *listener, size_t count)
{
    listener->wanted = count;
    bench_until(&listener->office->bench, has_notices, listener);
    assert_false(listener->wrong);
    assert_int_equal(listener->notices, count);
}

static int open_office(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    office_open(office, (struct case_api_options){ .stream_patience_ms = 200 });
    *state = office;
    return 0;
}

static int close_office(void **state)
{
    office_close(*state);
    free(*state);
    return 0;
}

/* ---- the stories ---- */

static void a_stream_begins_now_and_says_from_where(void **state)
{
    struct office *office = *state;
    struct listener desk = { 0 };
    office_order(office, "notices 3 desk"); /* before it came */
    office_restart_door(office);
    listener_open(&desk, office, OFFICE_OP, "", -1);
    bench_until(&office->bench, has_hello, &desk);
    assert_int_equal(desk.last_id, 3);
    office_order(office, "notices 2 desk");
    wait_notices(&desk, 2);
    assert_int_equal(desk.told[0], 5);
    assert_int_equal(desk.last_id, 5);
    listener_close(&desk);
}

static void live_notices_come_in_order_to_the_topics_that_hear_them(void **state)
{
    struct office *office = *state;
    struct listener desk = { 0 }, worker = { 0 };
    listener_open(&desk, office, OFFICE_OP, "?topics=desk", -1);
    listener_open(&worker, office, OFFICE_W1, "", -1);
    bench_until(&office->bench, has_hello, &desk);
    bench_until(&office->bench, has_hello, &worker);
    for (int i = 0; i < 20; i++) {
        office_order(office, "notices 30 desk");
        office_order(office, "notices 20 worker/w-1");
        office_order(office, "notices 5 worker/w-2");
    }
    wait_notices(&desk, 600);
    wait_notices(&worker, 400);
    assert_int_equal(desk.told[0], 600);
    assert_int_equal(worker.told[1], 400);
    assert_int_equal(worker.told[0], 0);
    listener_close(&desk);
    listener_close(&worker);
}

static void what_was_missed_comes_first_and_the_rest_follows_while_more_is_written(void **state)
{
    struct office *office = *state;
    struct listener first = { 0 }, again = { 0 };
    listener_open(&first, office, OFFICE_W1, "", -1);
    bench_until(&office->bench, has_hello, &first);
    office_order(office, "notices 10 worker/w-1");
    wait_notices(&first, 10);
    listener_close(&first); /* the tunnel */
    office_order(office, "notices 1000 worker/w-1");
    office_order(office, "notices 500 desk");
    again.told[1] = first.told[1];
    listener_open(&again, office, OFFICE_W1, "", first.last_id);
    for (int i = 0; i < 10; i++) {
        bench_turn(&office->bench); /* it is being brought up meanwhile */
        office_order(office, "notices 50 worker/w-1");
    }
    wait_notices(&again, 1500);
    assert_int_equal(again.told[1], 1510);
    assert_int_equal(again.hellos, 0);
    listener_close(&again);
}

static void several_topics_are_merged_in_order(void **state)
{
    struct office *office = *state;
    struct listener both = { 0 };
    for (int i = 0; i < 7; i++) { /* runs longer and shorter than a page */
        office_order(office, "notices %d desk", 1 + i * 40);
        office_order(office, "notices %d worker/w-1", 250 - i * 40);
    }
    listener_open(&both, office, OFFICE_OP, "?topics=desk,worker/w-1&after=0", -1);
    size_t desk = 7 + 40 * 21, worker = 7 * 250 - 40 * 21;
    wait_notices(&both, desk + worker);
    assert_int_equal(both.told[0], desk);
    assert_int_equal(both.told[1], worker);
    assert_int_equal(both.last_id, desk + worker);
    office_order(office, "notices 1 worker/w-1");
    wait_notices(&both, desk + worker + 1);
    listener_close(&both);
}

static void what_is_told_on_several_topics_is_heard_once(void **state)
{
    struct office *office = *state;
    struct listener both = { 0 }, worker = { 0 }, late = { 0 };
    listener_open(&both, office, OFFICE_OP, "?topics=desk,worker/w-1", -1);
    listener_open(&worker, office, OFFICE_W1, "", -1);
    bench_until(&office->bench, has_hello, &both);
    bench_until(&office->bench, has_hello, &worker);
    office_order(office, "notices 300 desk,worker/w-1");
    office_order(office, "notices 10 desk");
    office_order(office, "notices 10 worker/w-1");
    wait_notices(&both, 320);
    wait_notices(&worker, 310);
    assert_int_equal(both.told[2], 300);
    assert_int_equal(worker.told[2], 300);
    assert_int_equal(both.last_id, 320);
    listener_open(&late, office, OFFICE_OP, "?topics=worker/w-1,desk&after=0", -1);
    wait_notices(&late, 320);
    assert_int_equal(late.told[2], 300);
    listener_close(&both);
    listener_close(&worker);
    listener_close(&late);
}

static void a_notice_without_a_doorbell_is_heard_by_the_heartbeat(void **state)
{
    struct office *office = *state;
    struct listener desk = { 0 };
    listener_open(&desk, office, OFFICE_OP, "?after=0", -1);
    office_order(office, "silent 700 desk"); /* more than one round of the loop tells */
    wait_notices(&desk, 700);
    listener_close(&desk);
}

static void a_restart_of_the_door_or_the_dispatcher_loses_and_doubles_nothing(void **state)
{
    struct office *office = *state;
    struct listener desk = { 0 };
    listener_open(&desk, office, OFFICE_OP, "", -1);
    bench_until(&office->bench, has_hello, &desk);
    office_order(office, "notices 10 desk");
    wait_notices(&desk, 10);
    office_kill_dispatcher(office);
    office_start_dispatcher(office);
    office_order(office, "notices 10 desk");
    wait_notices(&desk, 20);
    listener_close(&desk);
    office_order(office, "notices 10 desk");
    office_restart_door(office);
    office_order(office, "notices 10 desk");
    listener_open(&desk, office, OFFICE_OP, "", desk.last_id);
    wait_notices(&desk, 40);
    assert_int_equal(desk.told[0], 40);
    listener_close(&desk);
}

/* The number may come from another door, whose doorbell rang earlier than ours. */
static void a_number_that_this_door_has_not_told_yet_is_not_told_again(void **state)
{
    struct office *office = *state;
    struct listener desk = { 0 };
    office_order(office, "silent 5 desk");
    listener_open(&desk, office, OFFICE_OP, "", 5);
    client_wait_text(&desk.client, "text/event-stream"); /* it is there, and no doorbell has rung */
    office_order(office, "notices 5 desk");
    wait_notices(&desk, 5);
    assert_int_equal(desk.last_id, 10);
    listener_close(&desk);
}

static void a_number_of_another_data_folder_begins_now(void **state)
{
    struct office *office = *state;
    struct listener desk = { 0 };
    listener_open(&desk, office, OFFICE_OP, "?after=1000000", -1);
    bench_until(&office->bench, has_hello, &desk);
    office_order(office, "notices 1 desk");
    wait_notices(&desk, 1);
    listener_close(&desk);
}

static bool one_was_cut(void *context)
{
    return metric_value("drumtower_door_streams_cut_total") > *(long long *)context;
}

/* 20,000 notices are some 9 MB: more than its stream and its socket hold. */
static void a_reader_that_stops_is_cut_and_gets_the_rest_when_it_comes_again(void **state)
{
    struct office *office = *state;
    struct listener slow = { 0 }, brisk = { 0 };
    listener_open(&slow, office, OFFICE_OP, "", -1);
    listener_open(&brisk, office, OFFICE_BOSS, "", -1);
    bench_until(&office->bench, has_hello, &slow);
    bench_until(&office->bench, has_hello, &brisk);
    long long cut = metric_value("drumtower_door_streams_cut_total");
    client_pause(&slow.client, true);
    for (int i = 0; i < 20; i++)
        office_order(office, "notices 1000 desk");
    wait_notices(&brisk, 20000); /* nobody else waits for it */
    bench_until(&office->bench, one_was_cut, &cut);
    client_pause(&slow.client, false);
    client_wait_closed(&slow.client);
    parse(&slow);
    assert_false(slow.wrong);
    assert_true(slow.notices < 20000);
    listener_close(&slow);
    listener_open(&slow, office, OFFICE_OP, "", slow.last_id);
    wait_notices(&slow, 20000);
    assert_int_equal(slow.told[0], 20000);
    listener_close(&slow);
    listener_close(&brisk);
}

static void a_topic_of_somebody_else_is_refused(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *topics;
        int status;
    } rows[] = {
        { OFFICE_W1, "worker/w-2", 403 },
        { OFFICE_W1, "desk", 403 },
        { OFFICE_W1, "worker/w-1,desk", 403 },
        { OFFICE_W1, "dept/station", 403 },
        { OFFICE_W1, "worker/", 403 },
        { OFFICE_W1, "receipt/1", 403 },
        { OFFICE_LI_S, "dept/water", 403 },
        { OFFICE_LI_S, "worker/w-1", 403 },
        { OFFICE_WALL, "desk", 403 },
        { OFFICE_OP, "receipt/1", 403 },
        { OFFICE_OP, "", 400 },
        { OFFICE_OP, "dept/a,dept/b,dept/c,dept/d,dept/e,dept/f,dept/g,dept/h,dept/i", 400 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[160];
        snprintf(path, sizeof path, "/api/stream?topics=%s", rows[i].topics);
        struct answer answer = office_get(office, rows[i].account, path);
        if (answer.status != rows[i].status)
            fail_msg("account %d, topics '%s': %d", rows[i].account, rows[i].topics, answer.status);
        answer_finish(&answer);
    }
}

static void a_topic_of_ones_own_is_heard(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *query;
    } rows[] = {
        { OFFICE_W1, "?topics=worker/w-1" },
        { OFFICE_LI_S, "" },
        { OFFICE_LI_S, "?topics=dept/station" },
        { OFFICE_WALL, "" },
        { OFFICE_WALL, "?topics=wall" },
        { OFFICE_OP, "?topics=desk,wall,desk" },
        { OFFICE_BOSS, "?topics=dept/water,worker/p-1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct listener listener = { 0 };
        listener_open(&listener, office, rows[i].account, rows[i].query, -1);
        bench_until(&office->bench, has_hello, &listener);
        listener_close(&listener);
    }
}

int main(int argc, char **argv)
{
    int status;
    if (office_is_dispatcher(argc, argv, &status))
        return status;
#define STORY(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)
    const struct CMUnitTest tests[] = {
        STORY(a_stream_begins_now_and_says_from_where),
        STORY(live_notices_come_in_order_to_the_topics_that_hear_them),
        STORY(what_was_missed_comes_first_and_the_rest_follows_while_more_is_written),
        STORY(several_topics_are_merged_in_order),
        STORY(what_is_told_on_several_topics_is_heard_once),
        STORY(a_notice_without_a_doorbell_is_heard_by_the_heartbeat),
        STORY(a_restart_of_the_door_or_the_dispatcher_loses_and_doubles_nothing),
        STORY(a_number_that_this_door_has_not_told_yet_is_not_told_again),
        STORY(a_number_of_another_data_folder_begins_now),
        STORY(a_reader_that_stops_is_cut_and_gets_the_rest_when_it_comes_again),
        STORY(a_topic_of_somebody_else_is_refused),
        STORY(a_topic_of_ones_own_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
