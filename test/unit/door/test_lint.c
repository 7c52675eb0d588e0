/* Malformed and hostile requests on a raw socket: each ends in its status and the end of its connection, and a normal
 * client beside it is served all the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "bench.h"

enum { REFUSED_SILENTLY = 0, BODY_LIMIT = 1000, HEADER_LIMIT = 4096 };

static void open_door(struct bench *bench)
{
    bench_open(bench, &(struct door_options){ .body_bytes = BODY_LIMIT, .header_bytes = HEADER_LIMIT });
    bench_route(bench, "GET", "/hello", 0, 0, say_back, NULL);
    bench_route(bench, "GET", "/p/{rest*}", 0, 0, say_back, NULL);
    bench_route(bench, "POST", "/back", 0, -1, say_back, NULL);
}

struct row {
    const char *name, *bytes;
    size_t size;
    int status;
};
#define ROW(status, name, text) \
    { \
        name, text, sizeof(text) - 1, status \
    }

static const struct row rows[] = {
    ROW(200, "a normal request", "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(200, "empty lines before it", "\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(200, "a value with blanks and tabs around it",
        "GET /hello HTTP/1.1\r\nHost: \t x \t\r\nX-A:\r\nX-B: a b\r\n\r\n"),
    ROW(200, "a raw UTF-8 path", "GET /p/鼓楼 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(200, "HTTP/1.0 without a host", "GET /hello HTTP/1.0\r\n\r\n"),
    ROW(200, "a chunked body",
        "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ROW(400, "two equal lengths",
        "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
    ROW(400, "two different lengths",
        "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\ncontent-length: 30\r\n\r\nabc"),
    ROW(400, "a list of lengths", "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc"),
    ROW(400, "a signed length", "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc"),
    ROW(400, "a hexadecimal length", "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc"),
    ROW(400, "an empty length", "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n"),
    ROW(413, "a length beyond 64 bits",
        "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"),
    ROW(400, "a length and chunks",
        "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW(400, "chunks twice",
        "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n"),
    ROW(400, "chunks and something else",
        "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ROW(400, "chunks in HTTP/1.0", "POST /back HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW(400, "a chunk whose size is no number",
        "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"),
    ROW(400, "a bare LF after the request line", "GET /hello HTTP/1.1\nHost: x\r\n\r\n"),
    ROW(400, "a bare LF after a header", "GET /hello HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n"),
    ROW(400, "a bare LF after the last header", "GET /hello HTTP/1.1\r\nHost: x\n\r\n"),
    ROW(400, "a bare LF at the end", "GET /hello HTTP/1.1\r\nHost: x\r\n\n"),
    ROW(400, "bare LF everywhere", "GET /hello HTTP/1.1\nHost: x\n\n"),
    ROW(400, "a bare CR in a value", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: b\rX-B: c\r\n\r\n"),
    ROW(400, "a bare CR in the query", "GET /hello?a\rb HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a tab in the query", "GET /hello?a\tb HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a folded header", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n"),
    ROW(400, "a header folded with a tab", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\tc\r\nX-B: d\r\n\r\n"),
    ROW(400, "a folded length", "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 3\r\n\r\nabc"),
    ROW(400, "a NUL in the path", "GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a NUL at the end of the path", "GET /hello\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a NUL in the method", "GET\0X /hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a NUL in a value", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n"),
    ROW(400, "a NUL at the end of a value", "GET /hello HTTP/1.1\r\nHost: x\0\r\nX-A: b\r\n\r\n"),
    ROW(400, "two NULs at the end of the last value", "GET /hello HTTP/1.1\r\nHost: x\0\0\r\n\r\n"),
    ROW(400, "a NUL in a name", "GET /hello HTTP/1.1\r\nHost: x\r\nX\0A: b\r\n\r\n"),
    ROW(400, "a line that begins with a NUL", "GET /hello HTTP/1.1\r\nHost: x\r\n\0X-A: b\r\n\r\n"),
    ROW(400, "a line of two NULs", "GET /hello HTTP/1.1\r\nHost: x\r\n\0\0\r\nX-A: b\r\n\r\n"),
    ROW(400, "a control byte in a value", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: b\033c\r\n\r\n"),
    ROW(400, "a value that is not UTF-8", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: \xff\r\n\r\n"),
    ROW(400, "a blank before the colon", "GET /hello HTTP/1.1\r\nHost : x\r\n\r\n"),
    ROW(400, "a blank in a name", "GET /hello HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n"),
    ROW(400, "a header without a name", "GET /hello HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n"),
    ROW(400, "a header without a colon", "GET /hello HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"),
    ROW(400, "no host", "GET /hello HTTP/1.1\r\nX-A: b\r\n\r\n"),
    ROW(400, "two hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
    ROW(400, "a host that is none", "GET /hello HTTP/1.1\r\nHost: x/y\r\n\r\n"),
    ROW(400, "two authorizations", "GET /hello HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"),
    ROW(400, "two blanks in the request line", "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(REFUSED_SILENTLY, "a blank in the path", "GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "dot dot", "GET /p/../hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an escaped dot dot", "GET /p/%2e%2e/hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an escaped slash", "GET /p/..%2fhello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an escaped backslash", "GET /p/..%5chello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an escaped NUL", "GET /p/a%00b HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an escaped line break", "GET /p/a%0d%0ab HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an escape that is cut short", "GET /p/a%4 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an escape that is none", "GET /p/a%zz HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(200, "an escape is decoded once", "GET /p/%252e%252e HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "overlong UTF-8", "GET /p/%c0%ae%c0%ae/x HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "raw overlong UTF-8", "GET /p/\xc0\xae HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a surrogate", "GET /p/%ed%a0%80 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a bad escape in the query", "GET /hello?a=%c0%80 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(200, "an absolute target", "GET http://X/hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(404, "an absolute target without a path", "GET https://x?a=b HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an absolute target of another host", "GET http://y/hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an absolute target of a host that begins so", "GET http://xy/hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "an absolute target of another scheme", "GET ftp://x/hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a star", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "a fragment", "GET /hello#x HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "CONNECT", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(405, "TRACE", "TRACE /hello HTTP/1.1\r\nHost: x\r\n\r\n"),
    ROW(400, "HTTP/0.9", "GET /hello\r\n\r\n"),
    ROW(505, "HTTP/2.0", "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n"),
    ROW(505, "HTTP/0.1", "GET /hello HTTP/0.1\r\nHost: x\r\n\r\n"),
    ROW(400, "no version that anybody knows", "GET /hello HTTP/one\r\nHost: x\r\n\r\n"),
    ROW(505, "the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ROW(415, "a compressed body",
        "POST /back HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
    ROW(417, "an expectation", "POST /back HTTP/1.1\r\nHost: x\r\nExpect: more\r\nContent-Length: 3\r\n\r\nabc"),
    ROW(413, "a body where none is taken", "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
    ROW(413, "a length above the limit", "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\nabc"),
    ROW(413, "a length above the limit, asked first",
        "POST /back HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n"),
};

static void a_hostile_request_hurts_only_itself(void **state)
{
    (void)state;
    struct bench bench;
    struct client neighbour, hostile;
    open_door(&bench);
    client_open(&neighbour, &bench);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        client_open(&hostile, &bench);
        client_send(&hostile, rows[i].bytes, rows[i].size);
        struct answer answer = client_answer(&hostile);
        if (answer.status != rows[i].status)
            fail_msg("%s: expected %d, got %d %s", rows[i].name, rows[i].status, answer.status,
                     answer.head ? answer_text(&answer) : "");
        if (answer.status >= 400 && answer.status != 405)
            client_wait_closed(&hostile); /* nothing that follows on this connection is read */
        answer_finish(&answer);
        client_close(&hostile);
        client_send_text(&neighbour, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        answer = client_answer(&neighbour);
        assert_int_equal(answer.status, 200);
        answer_finish(&answer);
    }
    client_close(&neighbour);
    bench_close(&bench);
}

static void what_follows_a_refused_request_is_not_read(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    open_door(&bench);
    long long before = metric_value("drumtower_door_requests_total");
    client_open(&client, &bench);
    client_send_text(&client, "POST /back HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: "
                              "chunked\r\n\r\n"
                              "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer_header(&answer, "Connection"), "close");
    answer_finish(&answer);
    client_wait_closed(&client);
    assert_int_equal(client.received.size, 0);
    assert_int_equal(metric_value("drumtower_door_requests_total"), before + 1);
    client_close(&client);
    bench_close(&bench);
}

static void nothing_is_read_behind_a_chunked_body(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    open_door(&bench);
    client_open(&client, &bench);
    client_send_text(&client, "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "3\nabc\n0\n\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 200); /* bare LF between chunks passes libmicrohttpd */
    assert_string_equal(answer_header(&answer, "Connection"), "close");
    answer_finish(&answer);
    client_wait_closed(&client);
    assert_int_equal(client.received.size, 0);
    client_close(&client);
    bench_close(&bench);
}

/* In pieces of some bytes, so that libmicrohttpd's buffer grows and moves in between. */
static void a_head_may_come_in_pieces(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    struct buffer text = { 0 };
    open_door(&bench);
    client_open(&client, &bench);
    buffer_text(&text, "POST /back?q=%E9%BC%93&r=s HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n");
    for (int i = 0; i < 60; i++)
        buffer_format(&text, "X-Header-%d: 0123456789 0123456789\r\n", i);
    buffer_text(&text, "Cookie: a=b; c=\"d e\"; f\r\n\r\nabc");
    for (int step = 1; step < 200; step += 33) {
        for (size_t at = 0; at < text.size; at += (size_t)step) {
            size_t left = text.size - at;
            client_send(&client, text.bytes + at, left < (size_t)step ? left : (size_t)step);
            bench_turn(&bench);
        }
        struct answer answer = client_answer(&client);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer_text(&answer), "abc");
        answer_finish(&answer);
    }
    buffer_finish(&text);
    client_close(&client);
    bench_close(&bench);
}

static int status_with_header_of(struct bench *bench, size_t size)
{
    struct buffer text = { 0 };
    buffer_text(&text, "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: ");
    memset(buffer_reserve(&text, size), 'a', size);
    text.size += size;
    buffer_text(&text, "\r\n\r\n");
    int status = ask_status(bench, buffer_string(&text));
    buffer_finish(&text);
    return status;
}

static void a_head_has_a_limit(void **state)
{
    (void)state;
    struct bench bench;
    struct buffer text = { 0 };
    open_door(&bench);
    long long before = metric_value("drumtower_door_refused_total{reason=\"header_bytes\"}");
    assert_int_equal(status_with_header_of(&bench, HEADER_LIMIT - 100), 200);
    assert_int_equal(status_with_header_of(&bench, HEADER_LIMIT), 431);
    assert_int_equal(status_with_header_of(&bench, 100000), 431);
    buffer_text(&text, "GET /hello HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 200; i++)
        buffer_text(&text, "A: b\r\n");
    buffer_text(&text, "\r\n");
    assert_int_equal(ask_status(&bench, buffer_string(&text)), 431);
    assert_true(metric_value("drumtower_door_refused_total{reason=\"header_bytes\"}") >= before + 2);
    buffer_finish(&text);
    bench_close(&bench);
}

static void a_target_has_a_limit(void **state)
{
    (void)state;
    struct bench bench;
    struct buffer text = { 0 };
    open_door(&bench);
    buffer_text(&text, "GET /");
    memset(buffer_reserve(&text, 100000), 'a', 100000);
    text.size += 100000;
    buffer_text(&text, " HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(ask_status(&bench, buffer_string(&text)), 414);
    assert_int_equal(ask_status(&bench, "GET /1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17 HTTP/1.1\r\nHost: x\r\n\r\n"),
                     400);
    buffer_finish(&text);
    bench_close(&bench);
}

/* Sends a body of `size` bytes; chunked, so that nothing announces it. */
static struct answer send_chunks(struct bench *bench, size_t size)
{
    struct client client;
    char chunk[1024];
    memset(chunk, 'b', sizeof chunk);
    client_open(&client, bench);
    client_send_text(&client, "POST /back HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (size && !client.closed) {
        size_t piece = size < sizeof chunk ? size : sizeof chunk;
        char head[16];
        snprintf(head, sizeof head, "%zx\r\n", piece);
        client_send_text(&client, head);
        client_send(&client, chunk, piece);
        client_send_text(&client, "\r\n");
        size -= piece;
    }
    client_send_text(&client, "0\r\n\r\n");
    struct answer answer = client_answer(&client);
    client_close(&client);
    return answer;
}

static void a_body_has_a_limit_while_it_arrives(void **state)
{
    (void)state;
    struct bench bench;
    open_door(&bench);
    static const struct {
        size_t size;
        int status;
    } sizes[] = { { 1, 200 }, { BODY_LIMIT, 200 }, { BODY_LIMIT + 1, 413 }, { 100000, 413 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct answer answer = send_chunks(&bench, sizes[i].size);
        assert_int_equal(answer.status, sizes[i].status);
        if (answer.status == 200)
            assert_int_equal(answer.body.size, sizes[i].size);
        answer_finish(&answer);
    }
    /* beyond what the door swallows for politeness it ends the connection; the answer may be lost with it */
    struct answer answer = send_chunks(&bench, 30 * 1000 * 1000);
    assert_true(answer.status == 413 || answer.status == 0);
    answer_finish(&answer);
    assert_true(metric_value("drumtower_door_refused_total{reason=\"body_bytes\"}") >= 3);
    bench_close(&bench);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* One of the table's requests with some bytes changed, cut out or doubled. */
static void mutate(struct buffer *text, uint64_t *seed)
{
    static const char favourites[] = "\r\n\0 :%/?&=\t,;0\xff";
    const struct row *row = &rows[next_random(seed) % (sizeof rows / sizeof *rows)];
    buffer_clear(text);
    buffer_append(text, row->bytes, row->size);
    for (uint64_t i = 1 + next_random(seed) % 4; i && text->size; i--) {
        size_t at = next_random(seed) % text->size;
        size_t run = 1 + next_random(seed) % (text->size - at);
        switch (next_random(seed) % 4) {
        case 0:
            text->bytes[at] = (uint8_t)favourites[next_random(seed) % (sizeof favourites - 1)];
            break;
        case 1:
            text->bytes[at] = (uint8_t)next_random(seed);
            break;
        case 2:
            memmove(text->bytes + at, text->bytes + at + run, text->size - at - run);
            text->size -= run;
            break;
        default:
            buffer_reserve(text, run);
            buffer_append(text, text->bytes + at, run);
        }
    }
}

static void mutated_requests_hurt_nobody(void **state)
{
    (void)state;
    enum { ROUNDS = 60, AT_ONCE = 40 };
    struct bench bench;
    struct client neighbour, clients[AT_ONCE];
    struct buffer text = { 0 };
    const char *given = getenv("DRUMTOWER_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20260105;
    print_message("# seed %llu (DRUMTOWER_TEST_SEED sets another)\n", (unsigned long long)seed);
    open_door(&bench);
    client_open(&neighbour, &bench);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < AT_ONCE; i++) {
            mutate(&text, &seed);
            client_open(&clients[i], &bench);
            client_send(&clients[i], text.bytes, text.size);
        }
        client_send_text(&neighbour, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        struct answer answer = client_answer(&neighbour);
        assert_int_equal(answer.status, 200);
        answer_finish(&answer);
        for (int i = 0; i < AT_ONCE; i++)
            client_close(&clients[i]);
        bench_turn(&bench);
    }
    buffer_finish(&text);
    client_close(&neighbour);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hostile_request_hurts_only_itself),
        cmocka_unit_test(what_follows_a_refused_request_is_not_read),
        cmocka_unit_test(nothing_is_read_behind_a_chunked_body),
        cmocka_unit_test(a_head_may_come_in_pieces),
        cmocka_unit_test(a_head_has_a_limit),
        cmocka_unit_test(a_target_has_a_limit),
        cmocka_unit_test(a_body_has_a_limit_while_it_arrives),
        cmocka_unit_test(mutated_requests_hurt_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
