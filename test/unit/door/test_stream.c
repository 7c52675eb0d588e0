#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

struct source {
    struct stream *stream;
    const char *type;
    size_t buffer_bytes;
    int opened, closed;
};

static void source_closed(void *context)
{
    struct source *source = context;
    source->stream = NULL;
    source->closed++;
}

static void open_stream(struct request *request, void *context)
{
    struct source *source = context;
    source->opened++;
    source->stream = reply_stream(request, source->type, source->buffer_bytes, source_closed, source);
}

static bool is_open(void *context)
{
    return ((struct source *)context)->stream != NULL;
}

static bool is_closed(void *context)
{
    return ((struct source *)context)->closed > 0;
}

static void listen_to(struct bench *bench, struct client *client, struct source *source)
{
    bench_open(bench, NULL);
    bench_route(bench, "GET", "/stream", 0, 0, open_stream, source);
    client_open(client, bench);
    client_send_text(client, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    bench_until(bench, is_open, source);
}

static void events_arrive_as_they_are_written(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    struct source source = { .type = "text/event-stream", .buffer_bytes = 65536 };
    listen_to(&bench, &client, &source);
    assert_true(stream_event(source.stream, 7, "notice", "{\"a\":1}"));
    client_wait_text(&client, "id: 7\nevent: notice\ndata: {\"a\":1}\n\n");
    client_wait_text(&client, "Content-Type: text/event-stream");
    assert_true(stream_event(source.stream, 8, "notice", "鼓楼"));
    assert_true(stream_event(source.stream, 9, "notice", "two at once"));
    client_wait_text(&client, "id: 8\nevent: notice\ndata: 鼓楼\n\nid: 9\nevent: notice\ndata: two at once\n\n");
    assert_int_equal(source.closed, 0);
    stream_end(source.stream);
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-store");
    assert_true(strncmp(answer_text(&answer), "id: 7\n", 6) == 0);
    answer_finish(&answer);
    assert_int_equal(source.closed, 1);
    client_close(&client);
    bench_close(&bench);
    assert_int_equal(source.closed, 1);
}

static void a_reader_that_left_is_noticed_when_written_to(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    struct source source = { .type = "text/event-stream", .buffer_bytes = 65536 };
    listen_to(&bench, &client, &source);
    stream_event(source.stream, 1, "notice", "x");
    client_wait_text(&client, "id: 1");
    client_close(&client);
    for (uint64_t i = 2; source.stream && i < 100; i++) {
        stream_event(source.stream, i, "notice", "x");
        bench_turn(&bench);
    }
    bench_until(&bench, is_closed, &source);
    assert_int_equal(source.closed, 1);
    bench_close(&bench);
}

static void a_slow_reader_is_cut_off(void **state)
{
    (void)state;
    struct bench bench;
    struct client slow;
    struct source source = { .type = "application/octet-stream", .buffer_bytes = 1 << 20 };
    static uint8_t block[64 * 1024];
    listen_to(&bench, &slow, &source);
    client_pause(&slow, true);
    bool taken = true;
    for (int i = 0; taken && i < 10000; i++) { /* 640 MB: more than any socket holds */
        taken = stream_write(source.stream, (struct bytes){ block, sizeof block });
        bench_turn(&bench);
    }
    assert_false(taken);
    bench_until(&bench, is_closed, &source);
    assert_int_equal(source.closed, 1);
    assert_int_equal(metric_value("drumtower_door_streams_cut_total"), 1);
    assert_int_equal(metric_value("drumtower_door_streams"), 0);
    client_close(&slow);
    bench_close(&bench);
}

struct flow {
    struct source *source;
    struct client *client;
    size_t sent, wanted;
};

static bool flow_on(void *context)
{
    struct flow *flow = context;
    static uint8_t block[32 * 1024];
    while (flow->source->stream && flow->sent < flow->wanted && stream_waiting(flow->source->stream) < 256 * 1024) {
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = (uint8_t)((flow->sent + i) % 251);
        assert_true(stream_write(flow->source->stream, (struct bytes){ block, sizeof block }));
        flow->sent += sizeof block;
    }
    return flow->client->received.size >= flow->wanted && flow->sent >= flow->wanted;
}

static void many_megabytes_arrive_whole(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    struct source source = { .type = "application/octet-stream", .buffer_bytes = 1 << 20 };
    listen_to(&bench, &client, &source);
    struct flow flow = { &source, &client, 0, 64 << 20 };
    bench_until(&bench, flow_on, &flow);
    stream_end(source.stream);
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.body.size, flow.sent);
    for (size_t i = 0; i < answer.body.size; i++)
        if (answer.body.bytes[i] != i % (32 * 1024) % 251 && answer.body.bytes[i] != i % 251)
            fail_msg("byte %zu is wrong", i);
    answer_finish(&answer);
    client_close(&client);
    bench_close(&bench);
}

static void a_door_that_closes_ends_its_streams(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    struct source source = { .type = "text/event-stream", .buffer_bytes = 65536 };
    listen_to(&bench, &client, &source);
    stream_event(source.stream, 1, "notice", "x");
    door_close(bench.door);
    bench.door = NULL;
    assert_int_equal(source.closed, 1);
    client_close(&client);
    bench_close(&bench);
}

static void a_stream_that_begins_too_late_is_closed_at_once(void **state)
{
    (void)state;
    struct bench bench;
    struct client client = { 0 };
    struct parked parked;
    struct source source = { .type = "text/event-stream", .buffer_bytes = 65536 };
    bench_open(&bench, &(struct door_options){ .request_seconds = 1 });
    bench_route(&bench, "GET", "/stream", 0, 0, park, &parked);
    park_one(&bench, &client, "/stream", &parked);
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 504);
    answer_finish(&answer);
    open_stream(parked.request, &source);
    assert_int_equal(source.closed, 0); /* not from inside of the call */
    assert_false(stream_event(source.stream, 1, "notice", "x"));
    bench_until(&bench, is_closed, &source);
    client_close(&client);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_arrive_as_they_are_written),
        cmocka_unit_test(a_reader_that_left_is_noticed_when_written_to),
        cmocka_unit_test(a_slow_reader_is_cut_off),
        cmocka_unit_test(many_megabytes_arrive_whole),
        cmocka_unit_test(a_door_that_closes_ends_its_streams),
        cmocka_unit_test(a_stream_that_begins_too_late_is_closed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
