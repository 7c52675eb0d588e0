/* The door's front: a connection's bytes through libmicrohttpd and the lint. Each request that a handler sees must be the one that a
 * strict reader of RFC 9112, below, finds at that place of the bytes: so no two readers of a connection disagree on where a request
 * ends, which is what request smuggling lives on.
 *
 * Where they may differ, by lint.h: empty lines before a request (with bare LF, too, or a NUL in front); HTTP/1.2 to 1.9; NUL LF and, for the last line, a colon
 * and LF for CR LF; LF, a colon or NUL and CR LF for the two line ends behind the last header; the framing of chunks, after which the door must not
 * read on. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "proto/record/codec.h"
#include "test/fuzz/fuzz.h"
#include "test/unit/door/bench.h"

/* What is left of the connection's bytes as the strict reader has it. */
static struct {
    const char *at, *end;
    bool ended; /* by chunks: nothing may follow */
} strict;

struct strict_line {
    const char *text;
    size_t size;
};

/* LF, a colon or NUL and CR LF end the head: the first is the end of this line, and the others are what is left of an empty one. */
static bool ends_head(const char *stop)
{
    return strict.end - stop >= 4 && (memcmp(stop, "\n:\r\n", 4) == 0 || memcmp(stop, "\n\0\r\n", 4) == 0);
}

static struct strict_line take_line(void)
{
    const char *stop = memchr(strict.at, '\n', (size_t)(strict.end - strict.at));
    assert(stop > strict.at);
    bool ends = stop[-1] != '\r' && stop[-1] != 0 && ends_head(stop);
    assert(ends || stop[-1] == '\r' || stop[-1] == 0 || (stop[-1] == ':' && stop - 1 == strict.at));
    struct strict_line line = { strict.at, (size_t)(stop - strict.at) - !ends };
    for (size_t i = 0; i < line.size; i++)
        assert((unsigned char)line.text[i] >= 0x20 || line.text[i] == '\t');
    strict.at = stop + 1 + ends;
    return line;
}

/* No part of the path is "." or "..". */
static bool leads_nowhere_else(const char *path)
{
    for (; *path; path += strcspn(path, "/")) {
        path++; /* the slash */
        size_t size = strcspn(path, "/");
        if (size <= 2 && size && strspn(path, ".") >= size)
            return false;
    }
    return true;
}

static bool is_target(const char *target)
{
    return *target == '/' || strncasecmp(target, "http://", 7) == 0 || strncasecmp(target, "https://", 8) == 0;
}

/* "METHOD TARGET HTTP/1.N" */
static bool is_first_line(struct strict_line line, const char *method)
{
    size_t size = strlen(method);
    if (line.size <= size + 2 || memcmp(line.text, method, size) != 0 || line.text[size] != ' ')
        return false;
    const char *target = line.text + size + 1, *last = memrchr(line.text, ' ', line.size);
    return target < last && is_target(target) && memchr(target, ' ', line.size - size - 1) == last &&
           line.text + line.size - last == 9 && memcmp(last, " HTTP/1.", 8) == 0;
}

static void check_first_line(struct request *request)
{
    assert(is_first_line(take_line(), request_method(request)));
    assert(leads_nowhere_else(request_path(request)));
}

/* Returns the body's size, -1: in chunks. */
static long take_headers(struct request *request)
{
    long size = 0;
    bool chunked = false, sized = false;
    for (struct strict_line line = take_line(); line.size; line = take_line()) {
        const char *colon = memchr(line.text, ':', line.size);
        assert(text_is_utf8(line.text, line.size)); /* of the target only what it is once decoded */
        assert(colon > line.text && *line.text != ' ' && *line.text != '\t' && colon[-1] != ' ' && colon[-1] != '\t');
        size_t name_size = (size_t)(colon - line.text);
        if (name_size == 14 && strncasecmp(line.text, "Content-Length", 14) == 0) {
            const char *said = request_header(request, "Content-Length");
            assert(!sized && said && strspn(said, "0123456789") == strlen(said));
            sized = true;
            size = atol(said);
        }
        chunked |= name_size == 17 && strncasecmp(line.text, "Transfer-Encoding", 17) == 0;
    }
    assert(!(chunked && sized));
    return chunked ? -1 : size;
}

static bool begins_request(const char *method)
{
    const char *stop = memchr(strict.at, '\n', (size_t)(strict.end - strict.at));
    return stop > strict.at && is_first_line((struct strict_line){ strict.at, (size_t)(stop - 1 - strict.at) }, method);
}

/* Behind a line that begins with NUL libmicrohttpd looks for a request in ways of its own: then it is taken up where the door has it. */
static void skip_empty_lines(const char *method)
{
    while (strict.at < strict.end && (*strict.at == '\r' || *strict.at == '\n'))
        strict.at++;
    bool anywhere = strict.at < strict.end && !*strict.at;
    while (anywhere && strict.at < strict.end && !begins_request(method))
        strict.at++;
}

static void answer(struct request *request, void *context)
{
    (void)context;
    struct bytes body = request_body(request);
    assert(!strict.ended);
    skip_empty_lines(request_method(request));
    check_first_line(request);
    long size = take_headers(request);
    strict.ended = size < 0;
    if (size >= 0) {
        assert(strict.end - strict.at >= size && (size_t)size == body.size);
        assert(size == 0 || memcmp(strict.at, body.data, body.size) == 0);
        strict.at += size;
    }
    fuzz_touch(body.data, body.size);
    reply_text(request, 200, "text/plain", request_path(request));
}

/* The door that all inputs come to; it is closed by the end of the process. */
static struct bench *open_bench(void)
{
    static struct bench bench;
    if (bench.door)
        return &bench;
    fuzz_quiet();
    bench_open(&bench, NULL);
    bench_route(&bench, "GET", "/p/{rest*}", 0, -1, answer, NULL);
    bench_route(&bench, "POST", "/p/{rest*}", 0, -1, answer, NULL);
    return &bench;
}

static bool is_sent(void *context)
{
    const struct client *client = context;
    return client->closed || client->unsent.size == 0;
}

/* Until the door has read what it wants of the client's bytes. */
static void wait_till_quiet(struct client *client)
{
    enum { QUIET_TURNS = 4 };
    size_t had = client->received.size;
    for (int quiet = 0; quiet < QUIET_TURNS && !client->closed; had = client->received.size) {
        bench_turn(client->bench);
        quiet = client->received.size == had ? quiet + 1 : 0;
    }
}

static bool is_empty(void *context)
{
    (void)context;
    return metric_value("drumtower_door_connections") == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench *bench = open_bench();
    struct client client;
    strict.at = (const char *)data;
    strict.end = strict.at + size;
    strict.ended = false;
    client_open(&client, bench);
    /* leaves with a reset: a port that waits for its time to be used again would be one less for each input */
    setsockopt(client.watch.fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
    client_send(&client, data, size);
    bench_until(bench, is_sent, &client);
    wait_till_quiet(&client);
    client_close(&client);
    bench_until(bench, is_empty, NULL);
    return 0;
}
