#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"

static void say_hello(struct request *request, void *context)
{
    (void)context;
    reply_text(request, 200, "text/plain", "hello");
}

static void say_param(struct request *request, void *context)
{
    reply_text(request, 200, "text/plain",
               arena_format(request_arena(request), "%s number=%s verb=%s q=%s", (const char *)context,
                            request_param(request, "number"), request_param(request, "verb"),
                            request_query(request, "q") ? request_query(request, "q") : "(none)"));
}

static int answer_now(void *context)
{
    struct parked *parked = context;
    reply_text(parked->request, 202, "text/plain", "at last");
    return 0;
}

static void one_connection_carries_many_requests(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/hello", 0, 0, say_hello, NULL);
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    client_open(&client, &bench);
    for (int i = 0; i < 50; i++) {
        client_send_text(&client, i % 2 ? "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                                        : "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde");
        struct answer answer = client_answer(&client);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer_text(&answer), i % 2 ? "hello" : "abcde");
        answer_finish(&answer);
        assert_false(client.closed);
    }
    client_close(&client);
    bench_close(&bench);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/hello", 0, 0, say_hello, NULL);
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    client_open(&client, &bench);
    client_send_text(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                              "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                              "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
    static const int expected[] = { 200, 200, 404 };
    for (int i = 0; i < 3; i++) {
        struct answer answer = client_answer(&client);
        assert_int_equal(answer.status, expected[i]);
        answer_finish(&answer);
    }
    client_close(&client);
    bench_close(&bench);
}

static void an_answer_may_come_later(void **state)
{
    (void)state;
    struct bench bench;
    struct client client = { 0 };
    struct parked parked;
    struct loop_timer timer = { .fire = answer_now, .context = &parked };
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/later", 0, 0, park, &parked);
    for (int round = 0; round < 3; round++) {
        park_one(&bench, &client, "/later", &parked);
        loop_timer_arm(bench.loop, &timer, 0);
        struct answer answer = client_answer(&client);
        assert_int_equal(answer.status, 202);
        assert_string_equal(answer_text(&answer), "at last");
        answer_finish(&answer);
    }
    client_close(&client);
    bench_close(&bench);
}

static void a_door_that_closes_answers_what_is_open(void **state)
{
    (void)state;
    struct bench bench;
    struct client client = { 0 };
    struct parked parked;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/later", 0, 0, park, &parked);
    park_one(&bench, &client, "/later", &parked);
    door_close(bench.door);
    bench.door = NULL;
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 503);
    answer_finish(&answer);
    client_close(&client);
    bench_close(&bench);
}

static void routes_prefer_what_is_literal(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/api/cases/{number}", 0, 0, say_param, "case");
    bench_route(&bench, "GET", "/api/cases/new", 0, 0, say_param, "new");
    bench_route(&bench, "POST", "/api/cases/{number}/{verb}", 0, -1, say_param, "verb");
    bench_route(&bench, "GET", "/files/{number*}", 0, 0, say_param, "rest");
    static const struct {
        const char *line, *text;
        int status;
    } rows[] = {
        { "GET /api/cases/A-1", "case number=A-1 verb= q=(none)", 200 },
        { "GET /api/cases/new", "new number= verb= q=(none)", 200 },
        { "GET /api/cases/a%20b?q=%E9%BC%93+%26&q=2", "case number=a b verb= q=鼓 &", 200 },
        { "POST /api/cases/A-1/close", "verb number=A-1 verb=close q=(none)", 200 },
        { "GET /files/a/b/c.txt", "rest number=a/b/c.txt verb= q=(none)", 200 },
        { "GET /api/cases", NULL, 404 },
        { "GET /api/cases/", NULL, 404 },
        { "GET /api/cases/A-1/close/", NULL, 404 },
        { "GET /api/cases/A-1/close", NULL, 405 },
        { "DELETE /api/cases/A-1", NULL, 405 },
        { "BREW /api/cases/A-1", NULL, 405 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char request[512];
        snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x\r\n\r\n", rows[i].line);
        struct answer answer = ask(&bench, request);
        if (answer.status != rows[i].status || (rows[i].text && strcmp(answer_text(&answer), rows[i].text) != 0))
            fail_msg("%s: %d %s", rows[i].line, answer.status, answer_text(&answer));
        if (answer.status == 405)
            assert_string_equal(answer_header(&answer, "Allow"), strstr(rows[i].line, "close") ? "POST" : "GET");
        if (answer.status >= 400)
            assert_non_null(strstr(answer_text(&answer), "\"next\":"));
        answer_finish(&answer);
    }
    struct fault fault = { "" };
    assert_int_equal(door_route(bench.door, "GET", "/api/cases/{other}", 0, 0, say_hello, NULL, &fault), -EEXIST);
    assert_non_null(strstr(fault.text, "/api/cases/{other}"));
    bench_close(&bench);
}

static void every_answer_carries_the_security_headers(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/hello", 0, 0, say_hello, NULL);
    struct answer answer = ask(&bench, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_non_null(strstr(answer_header(&answer, "Content-Security-Policy"), "frame-ancestors 'none'"));
    assert_string_equal(answer_header(&answer, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(answer_header(&answer, "Referrer-Policy"), "same-origin");
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-store");
    answer_finish(&answer);
    bench_close(&bench);
}

static void health_says_alive_and_ready(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, NULL);
    assert_int_equal(ask_status(&bench, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    assert_int_equal(ask_status(&bench, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    door_set_ready(bench.door, "The store is not there yet.");
    struct answer answer = ask(&bench, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer_text(&answer), "The store is not there yet."));
    answer_finish(&answer);
    door_set_ready(bench.door, NULL);
    assert_int_equal(ask_status(&bench, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    assert_true(metric_value("drumtower_door_requests_total") >= 4);
    bench_close(&bench);
}

static void say_address(struct request *request, void *context)
{
    (void)context;
    reply_text(request, 200, "text/plain", request_address(request));
}

static void a_wildcard_takes_both_families(void **state)
{
    (void)state;
    struct bench bench;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        skip(); /* no IPv6 in this kernel */
    close(fd);
    bench_open(&bench, &(struct door_options){ .listen = "[::]:0" });
    bench_route(&bench, "GET", "/address", 0, 0, say_address, NULL);
    assert_int_equal(strncmp(door_address(bench.door), "http://[::1]:", 13), 0);
    struct answer answer = ask(&bench, "GET /address HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer_text(&answer), "127.0.0.1"); /* not ::ffff:127.0.0.1 */
    answer_finish(&answer);
    bench_close(&bench);
}

static void say_language(struct request *request, void *context)
{
    static const char *const languages[] = { "zh-CN", "en" };
    (void)context;
    reply_text(request, 200, "text/plain", request_language(request, languages, 2));
}

static void the_best_language_is_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *query, *header, *expected;
    } rows[] = {
        { "", "", "zh-CN" },
        { "", "Accept-Language: en\r\n", "en" },
        { "", "Accept-Language: en-GB,en;q=0.9\r\n", "en" },
        { "", "Accept-Language: zh;q=0.5, en;q=0.8\r\n", "en" },
        { "", "Accept-Language: zh-TW, en;q=0.8\r\n", "zh-CN" },
        { "", "Accept-Language: fr, de;q=0.3\r\n", "zh-CN" },
        { "", "Accept-Language: ,;q=,x;;\r\n", "zh-CN" },
        { "?lang=en", "Accept-Language: zh\r\n", "en" },
        { "?lang=fr", "Accept-Language: en\r\n", "en" },
    };
    struct bench bench;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/language", 0, 0, say_language, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char request[256];
        snprintf(request, sizeof request, "GET /language%s HTTP/1.1\r\nHost: x\r\n%s\r\n", rows[i].query,
                 rows[i].header);
        struct answer answer = ask(&bench, request);
        assert_string_equal(answer_text(&answer), rows[i].expected);
        answer_finish(&answer);
    }
    bench_close(&bench);
}

static void say_broken_text(struct request *request, void *context)
{
    (void)context;
    if (request_query(request, "json"))
        reply_json(request, 200, json_pack("{s:s}", "text", "\xe9\xbc"));
    else
        reply_error(request, 422, "invalid", "cut short: \xe9\xbc\x93\xe6\xa5", NULL);
}

static void text_that_was_cut_inside_a_character_is_mended(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/broken", 0, 0, say_broken_text, NULL);
    struct answer answer = ask(&bench, "GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 422);
    assert_non_null(strstr(answer_text(&answer), "cut short: 鼓??\""));
    answer_finish(&answer);
    assert_int_equal(ask_status(&bench, "GET /broken?json HTTP/1.1\r\nHost: x\r\n\r\n"), 500);
    bench_close(&bench);
}

static void a_port_in_use_is_named(void **state)
{
    (void)state;
    struct bench bench;
    struct door *second = NULL;
    struct fault fault = { "" };
    bench_open(&bench, NULL);
    const char *listen = door_address(bench.door) + strlen("http://");
    assert_int_equal(door_open(bench.loop, &(struct door_options){ .listen = listen }, &second, &fault), -EADDRINUSE);
    assert_non_null(strstr(fault.text, listen));
    assert_int_equal(door_open(bench.loop, &(struct door_options){ .listen = "nonsense" }, &second, &fault), -EINVAL);
    assert_non_null(strstr(fault.text, "HOST:PORT"));
    assert_null(second);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_carries_many_requests),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(a_door_that_closes_answers_what_is_open),
        cmocka_unit_test(routes_prefer_what_is_literal),
        cmocka_unit_test(every_answer_carries_the_security_headers),
        cmocka_unit_test(health_says_alive_and_ready),
        cmocka_unit_test(a_wildcard_takes_both_families),
        cmocka_unit_test(the_best_language_is_chosen),
        cmocka_unit_test(text_that_was_cut_inside_a_character_is_mended),
        cmocka_unit_test(a_port_in_use_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
