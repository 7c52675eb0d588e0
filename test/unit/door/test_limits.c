#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

static const struct door_options hasty = { .request_seconds = 1 };

#define TOO_SLOW "drumtower_door_refused_total{reason=\"request_seconds\"}"
#define NO_REQUEST "drumtower_door_refused_total{reason=\"protocol\"}"

static bool nobody_is_connected(void *context)
{
    (void)context;
    return metric_value("drumtower_door_connections") == 0;
}

struct drip {
    struct client *client;
    struct loop_timer timer;
    const char *text; /* a byte of it every 50 ms, again and again */
    size_t at;
};

static int drip(void *context)
{
    struct drip *drip = context;
    if (drip->client->closed)
        return 0;
    client_send(drip->client, &drip->text[drip->at], 1);
    drip->at = (drip->at + 1) % strlen(drip->text);
    loop_timer_arm(drip->client->bench->loop, &drip->timer, 50);
    return 0;
}

/* Sends `start`, then drips; the status (0: closed without one) that ends it, although bytes never stop coming. */
static int status_of_drip(struct bench *bench, const char *start, const char *text)
{
    struct client client;
    struct drip dripping = { &client, { .fire = drip, .context = &dripping }, text, 0 };
    client_open(&client, bench);
    client_send_text(&client, start);
    loop_timer_arm(bench->loop, &dripping.timer, 0);
    struct answer answer = client_answer(&client);
    int status = answer.status;
    if (status && !strstr(answer_text(&answer), "\"next\""))
        fail_msg("the answer does not say what to do: %s", answer_text(&answer));
    client_wait_closed(&client);
    loop_timer_disarm(bench->loop, &dripping.timer);
    answer_finish(&answer);
    client_close(&client);
    return status;
}

static void a_request_has_a_total_time(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &hasty);
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    assert_int_equal(status_of_drip(&bench, "", "GET-"), 0);
    assert_int_equal(status_of_drip(&bench, "", "\r\n"), 0);
    assert_int_equal(status_of_drip(&bench, "GET /back HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"), 408);
    assert_int_equal(status_of_drip(&bench, "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", "b"),
                     408);
    assert_int_equal(
        status_of_drip(&bench, "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
        408);
    bench_until(&bench, nobody_is_connected, NULL);
    assert_int_equal(metric_value(TOO_SLOW), 3);
    assert_int_equal(metric_value(NO_REQUEST), 2); /* the two that never said a whole request line */
    bench_close(&bench);
}

static void an_idle_connection_is_closed(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    bench_open(&bench, &hasty);
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    client_open(&client, &bench);
    client_send_text(&client, "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 200);
    assert_false(client.closed);
    answer_finish(&answer);
    client_wait_closed(&client);
    assert_int_equal(client.received.size, 0);
    client_close(&client);
    bench_close(&bench);
}

static void an_answer_that_does_not_come_is_given_up(void **state)
{
    (void)state;
    struct bench bench;
    struct client client = { 0 };
    struct parked parked;
    bench_open(&bench, &hasty);
    bench_route(&bench, "GET", "/later", 0, 0, park, &parked);
    park_one(&bench, &client, "/later", &parked);
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 504);
    answer_finish(&answer);
    reply_text(parked.request, 200, "text/plain", "too late"); /* goes nowhere, and harms nobody */
    bench_turn(&bench);
    assert_int_equal(client.received.size, 0);
    assert_int_equal(ask_status(&bench, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    client_close(&client);
    bench_close(&bench);
}

static void a_client_may_leave_before_its_answer(void **state)
{
    (void)state;
    struct bench bench;
    struct client client = { 0 };
    struct parked parked;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/later", 0, 0, park, &parked);
    park_one(&bench, &client, "/later", &parked);
    client_close(&client);
    bench_turn(&bench);
    reply_text(parked.request, 200, "text/plain", "anybody there?");
    assert_int_equal(ask_status(&bench, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    bench_close(&bench);
}

/* libmicrohttpd does not see the end of a connection that comes together with bytes: the total time does. */
static void clients_that_leave_half_way_leave_nothing(void **state)
{
    (void)state;
    struct bench bench;
    static const char request[] = "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789";
    bench_open(&bench, &hasty);
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    for (size_t size = 0; size < sizeof request - 1; size++) {
        struct client client;
        client_open(&client, &bench);
        client_send(&client, request, size);
        bench_turn(&bench);
        client_close(&client);
        bench_turn(&bench);
    }
    assert_int_equal(ask_status(&bench, request), 200);
    bench_until(&bench, nobody_is_connected, NULL);
    bench_close(&bench);
}

/* Half a head, half a body, a chunk that is none, another protocol: what does not become a request is counted, and once. */
static void what_is_cut_short_is_counted_once(void **state)
{
    (void)state;
    struct bench bench;
    static const char *const texts[] = {
        "GET /ba",
        "GET /back HTTP/1.1\r\nHost: x\r\nX-A",
        "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
        "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabc",
        "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc",
        "PRI * HTTP/2.0\r\n\r\n",
        "\x16\x03\x01\x02 a handshake\r\n\r\n",
    };
    bench_open(&bench, &hasty);
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct client client;
        long long before = metric_value(NO_REQUEST) + metric_value(TOO_SLOW);
        client_open(&client, &bench);
        client_send_text(&client, texts[i]);
        bench_turn(&bench);
        client_close(&client);
        bench_until(&bench, nobody_is_connected, NULL);
        if (metric_value(NO_REQUEST) + metric_value(TOO_SLOW) != before + 1)
            fail_msg("row %zu: counted %lld times", i, metric_value(NO_REQUEST) + metric_value(TOO_SLOW) - before);
    }
    struct client client;
    long long before = metric_value(NO_REQUEST);
    client_open(&client, &bench);
    bench_turn(&bench);
    client_close(&client);
    bench_until(&bench, nobody_is_connected, NULL);
    assert_int_equal(metric_value(NO_REQUEST), before); /* a browser that connects ahead of need did nothing wrong */
    bench_close(&bench);
}

static bool is_closed(void *context)
{
    return ((struct client *)context)->closed;
}

static void check_connection_limit(const struct door_options *options, const char *metric)
{
    struct bench bench;
    struct client clients[4], last;
    bench_open(&bench, options);
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    long long before = metric_value(metric);
    for (int i = 0; i < 3; i++) {
        client_open(&clients[i], &bench);
        client_send_text(&clients[i], "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        struct answer answer = client_answer(&clients[i]);
        assert_int_equal(answer.status, 200);
        answer_finish(&answer);
    }
    client_open(&last, &bench);
    bench_until(&bench, is_closed, &last);
    client_close(&last);
    client_close(&clients[0]);
    bench_turn(&bench);
    client_open(&clients[0], &bench);
    client_send_text(&clients[0], "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer answer = client_answer(&clients[0]);
    assert_int_equal(answer.status, 200);
    answer_finish(&answer);
    for (int i = 0; i < 3; i++)
        client_close(&clients[i]);
    bench_turn(&bench);
    assert_int_equal(metric_value(metric), before + 1);
    bench_close(&bench);
}

static void connections_have_a_limit(void **state)
{
    (void)state;
    check_connection_limit(&(struct door_options){ .connections = 3 }, "drumtower_door_refused_total{reason="
                                                                       "\"connections\"}");
}

static void connections_of_one_address_have_a_limit(void **state)
{
    (void)state;
    check_connection_limit(&(struct door_options){ .connections_per_address = 3 }, "drumtower_door_refused_total{"
                                                                                   "reason=\"connections_per_"
                                                                                   "address\"}");
}

enum { LARGE_BYTES = 40 << 20, MEDIUM_BYTES = 26 << 20 };

static void send_large(struct client *client, const char *path, size_t size)
{
    char head[200];
    char *body = calloc(1, size);
    assert_non_null(body);
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", path, size);
    client_send_text(client, head);
    client_send(client, body, size);
    free(body);
}

static int status_of_large(struct bench *bench, const char *address)
{
    struct client client;
    client_open_from(&client, bench, address);
    send_large(&client, "/long", MEDIUM_BYTES);
    struct answer answer = client_answer(&client);
    int status = answer.status;
    answer_finish(&answer);
    client_close(&client);
    return status;
}

static void say_short(struct request *request, void *context)
{
    (void)context;
    reply_text(request, 200, "text/plain", "whole");
}

static bool somebody_is_parked(void *context)
{
    const struct parked *parked = context;
    return parked->count == 1;
}

/* While one large body of 127.0.0.1 is held, another one of `refused` is refused, which is counted; afterwards it is taken. */
static void check_memory(const struct door_options *options, const char *metric, const char *refused, const char *taken)
{
    struct bench bench;
    struct client holder;
    struct parked parked = { 0 };
    bench_open(&bench, options);
    bench_route(&bench, "POST", "/later", 0, -1, park, &parked);
    bench_route(&bench, "POST", "/long", 0, -1, say_short, NULL);
    long long before = metric_value(metric);
    client_open(&holder, &bench);
    send_large(&holder, "/later", LARGE_BYTES);
    bench_until(&bench, somebody_is_parked, &parked);
    assert_int_equal(status_of_large(&bench, refused), 503);
    assert_int_equal(metric_value(metric), before + 1);
    if (taken)
        assert_int_equal(status_of_large(&bench, taken), 200);
    reply_text(parked.request, 200, "text/plain", "whole");
    client_close(&holder); /* what it held is there again */
    bench_turn(&bench);
    assert_int_equal(status_of_large(&bench, refused), 200);
    bench_close(&bench);
}

static void no_address_takes_all_of_the_memory_for_bodies(void **state)
{
    (void)state;
    check_memory(&(struct door_options){ .body_bytes = LARGE_BYTES },
                 "drumtower_door_refused_total{reason=\"body_memory_per_address\"}", "127.0.0.1", "127.0.0.2");
}

static void bodies_have_a_memory(void **state)
{
    (void)state;
    enum { ROOM_BYTES = 1 << 20 }; /* that is missing: little enough to be read and thrown away */
    check_memory(&(struct door_options){ .body_bytes = LARGE_BYTES,
                                         .body_memory_bytes = LARGE_BYTES + MEDIUM_BYTES - ROOM_BYTES },
                 "drumtower_door_refused_total{reason=\"body_memory\"}", "127.0.0.2",
                 NULL); /* its own share has room */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_has_a_total_time),
        cmocka_unit_test(an_idle_connection_is_closed),
        cmocka_unit_test(an_answer_that_does_not_come_is_given_up),
        cmocka_unit_test(a_client_may_leave_before_its_answer),
        cmocka_unit_test(clients_that_leave_half_way_leave_nothing),
        cmocka_unit_test(what_is_cut_short_is_counted_once),
        cmocka_unit_test(connections_have_a_limit),
        cmocka_unit_test(connections_of_one_address_have_a_limit),
        cmocka_unit_test(no_address_takes_all_of_the_memory_for_bodies),
        cmocka_unit_test(bodies_have_a_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
