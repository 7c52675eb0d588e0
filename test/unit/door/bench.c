#include "bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/metrics.h"

static int look(void *context)
{
    struct bench *bench = context;
    if (bench->done && bench->done(bench->context))
        loop_stop(bench->loop, 0);
    return 0;
}

static int too_late(void *context)
{
    struct bench *bench = context;
    bench->late = true;
    loop_stop(bench->loop, 0);
    return 0;
}

void bench_until(struct bench *bench, bool (*done)(void *context), void *context)
{
    struct loop_timer deadline = { .fire = too_late, .context = bench };
    loop_timer_arm(bench->loop, &deadline, BENCH_DEADLINE_MS);
    bench->done = done;
    bench->context = context;
    int result = loop_run(bench->loop);
    bench->done = NULL;
    loop_timer_disarm(bench->loop, &deadline);
    assert_int_equal(result, 0);
    assert_false(bench->late);
}

static int turn_over(void *context)
{
    loop_stop(((struct bench *)context)->loop, 0);
    return 0;
}

void bench_turn(struct bench *bench)
{
    struct loop_timer now = { .fire = turn_over, .context = bench };
    loop_timer_arm(bench->loop, &now, 0);
    assert_int_equal(loop_run(bench->loop), 0);
}

void bench_open(struct bench *bench, const struct door_options *options)
{
    struct fault fault = { "" };
    struct door_options copy = options ? *options : (struct door_options){ 0 };
    if (!copy.listen)
        copy.listen = "127.0.0.1:0";
    *bench = (struct bench){ .hook = { .run = look, .context = bench } };
    assert_int_equal(loop_create(&bench->loop, &fault), 0);
    loop_add_hook(bench->loop, &bench->hook);
    if (door_open(bench->loop, &copy, &bench->door, &fault))
        fail_msg("%s", fault.text);
}

void bench_close(struct bench *bench)
{
    door_close(bench->door);
    loop_destroy(bench->loop);
}

void bench_route(struct bench *bench, const char *method, const char *path, unsigned roles, int64_t body_bytes,
                 door_handler *handler, void *context)
{
    struct fault fault = { "" };
    if (door_route(bench->door, method, path, roles, body_bytes, handler, context, &fault))
        fail_msg("%s", fault.text);
}

/* ---- the client ---- */

static void flush(struct client *client)
{
    while (client->unsent.size) {
        ssize_t sent = send(client->watch.fd, client->unsent.bytes, client->unsent.size, MSG_NOSIGNAL);
        if (sent <= 0) {
            if (sent < 0 && errno != EAGAIN)
                buffer_clear(&client->unsent); /* the door does not want the rest */
            break;
        }
        memmove(client->unsent.bytes, client->unsent.bytes + sent, client->unsent.size - (size_t)sent);
        client->unsent.size -= (size_t)sent;
    }
    uint32_t events = client->paused ? 0 : EPOLLIN;
    events |= client->unsent.size ? EPOLLOUT : 0;
    assert_int_equal(loop_modify(client->bench->loop, &client->watch, events), 0);
}

static int ready(void *context, uint32_t events)
{
    struct client *client = context;
    if (client->paused && !(events & (EPOLLHUP | EPOLLERR)))
        return 0;
    for (;;) {
        ssize_t size = recv(client->watch.fd, buffer_reserve(&client->received, 65536), 65536, 0);
        if (size < 0 && errno == EAGAIN)
            break;
        if (size <= 0) {
            client->closed = true;
            loop_remove(client->bench->loop, &client->watch);
            return 0;
        }
        client->received.size += (size_t)size;
    }
    flush(client);
    return 0;
}

void client_open(struct client *client, struct bench *bench)
{
    client_open_from(client, bench, "127.0.0.1");
}

void client_open_from(struct client *client, struct bench *bench, const char *from)
{
    struct sockaddr_in own = { .sin_family = AF_INET };
    assert_int_equal(inet_pton(AF_INET, from, &own.sin_addr), 1);
    const char *port = strrchr(door_address(bench->door), ':');
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port + 1)) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *client = (struct client){ .bench = bench };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    client->watch = (struct loop_watch){ .fd = fd, .ready = ready, .context = client };
    assert_int_equal(loop_add(bench->loop, &client->watch, EPOLLIN), 0);
}

void client_close(struct client *client)
{
    if (!client->watch.ready)
        return;
    if (!client->closed)
        loop_remove(client->bench->loop, &client->watch);
    close(client->watch.fd);
    buffer_finish(&client->received);
    buffer_finish(&client->unsent);
    *client = (struct client){ 0 };
}

void client_send(struct client *client, const void *bytes, size_t size)
{
    buffer_append(&client->unsent, bytes, size);
    if (!client->closed)
        flush(client);
}

void client_send_text(struct client *client, const char *text)
{
    client_send(client, text, strlen(text));
}

void client_pause(struct client *client, bool paused)
{
    client->paused = paused;
    if (!client->closed)
        flush(client);
}

static bool is_closed(void *context)
{
    return ((struct client *)context)->closed;
}

void client_wait_closed(struct client *client)
{
    bench_until(client->bench, is_closed, client);
}

struct text_wait {
    struct client *client;
    const char *text;
};

/* Where the text stands in what was received; -1: nowhere. */
static ssize_t find(const struct client *client, const char *text)
{
    const struct buffer *received = &client->received;
    const uint8_t *at = received->size ? memmem(received->bytes, received->size, text, strlen(text)) : NULL;
    return at ? at - received->bytes : -1;
}

static bool has_text(void *context)
{
    struct text_wait *wait = context;
    return find(wait->client, wait->text) >= 0;
}

void client_wait_text(struct client *client, const char *text)
{
    bench_until(client->bench, has_text, &(struct text_wait){ client, text });
}

/* ---- handlers ---- */

void say_back(struct request *request, void *context)
{
    (void)context;
    reply_bytes(request, 200, "application/octet-stream", request_body(request));
}

void park(struct request *request, void *context)
{
    struct parked *parked = context;
    parked->request = request;
    parked->count++;
    request_defer(request);
}

static bool is_parked(void *context)
{
    return ((struct parked *)context)->count > 0;
}

void park_one(struct bench *bench, struct client *client, const char *path, struct parked *parked)
{
    char text[256];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    *parked = (struct parked){ 0 };
    if (!client->watch.ready)
        client_open(client, bench);
    client_send_text(client, text);
    bench_until(bench, is_parked, parked);
}

/* ---- answers ---- */

const char *answer_header(const struct answer *answer, const char *name)
{
    static char value[2048];
    size_t size = strlen(name);
    value[0] = 0;
    for (const char *line = answer->head; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strncasecmp(line, name, size) == 0 && line[size] == ':')
            snprintf(value, sizeof value, "%.*s", (int)strcspn(line + size + 2, "\r\n"), line + size + 2);
    return value;
}

const char *answer_text(struct answer *answer)
{
    return buffer_string(&answer->body);
}

static size_t head_size(const struct client *client)
{
    ssize_t end = find(client, "\r\n\r\n");
    return end < 0 ? 0 : (size_t)end + 4;
}

/* Bytes of a chunked body up to its end, appended to `body` without the framing; 0 where it is not all there. */
static size_t take_chunks(const struct client *client, size_t from, struct buffer *body)
{
    const uint8_t *bytes = client->received.bytes;
    for (size_t at = from; at < client->received.size;) {
        const uint8_t *line = memmem(bytes + at, client->received.size - at, "\r\n", 2);
        if (!line)
            return 0;
        size_t size = strtoul((const char *)bytes + at, NULL, 16);
        at = (size_t)(line - bytes) + 2;
        if (at + size + 2 > client->received.size)
            return 0;
        if (body)
            buffer_append(body, bytes + at, size);
        at += size + 2;
        if (!size)
            return at;
    }
    return 0;
}

static struct answer peek_head(const struct client *client)
{
    struct answer answer = { 0 };
    size_t size = head_size(client);
    if (!size)
        return answer;
    answer.head = strndup((const char *)client->received.bytes, size);
    answer.status = atoi(answer.head + strlen("HTTP/1.1 "));
    return answer;
}

static bool without_body(int status)
{
    return status < 200 || status == 204 || status == 304;
}

/* Where the answer ends in what was received; 0 where it is not all there. */
static size_t answer_end(const struct client *client, const struct answer *answer, struct buffer *body)
{
    size_t head = strlen(answer->head);
    if (without_body(answer->status))
        return head;
    if (strcmp(answer_header(answer, "Transfer-Encoding"), "chunked") == 0)
        return take_chunks(client, head, body);
    const char *length = answer_header(answer, "Content-Length");
    size_t end = *length ? head + strtoul(length, NULL, 10) : client->closed ? client->received.size : 0;
    if (!end || end > client->received.size)
        return 0;
    if (body)
        buffer_append(body, client->received.bytes + head, end - head);
    return end;
}

static bool has_answer(void *context)
{
    struct client *client = context;
    struct answer answer = peek_head(client);
    bool whole = answer.head && answer_end(client, &answer, NULL);
    answer_finish(&answer);
    return whole || client->closed;
}

struct answer client_answer(struct client *client)
{
    bench_until(client->bench, has_answer, client);
    struct answer answer = peek_head(client);
    if (!answer.head)
        return answer;
    size_t end = answer_end(client, &answer, &answer.body);
    memmove(client->received.bytes, client->received.bytes + end, client->received.size - end);
    client->received.size -= end;
    return answer;
}

void answer_finish(struct answer *answer)
{
    free(answer->head);
    buffer_finish(&answer->body);
    *answer = (struct answer){ 0 };
}

struct answer ask(struct bench *bench, const char *request)
{
    struct client client;
    client_open(&client, bench);
    client_send_text(&client, request);
    struct answer answer = client_answer(&client);
    client_close(&client);
    return answer;
}

int ask_status(struct bench *bench, const char *request)
{
    struct answer answer = ask(bench, request);
    int status = answer.status;
    answer_finish(&answer);
    return status;
}

long long metric_value(const char *name)
{
    struct buffer text = { 0 };
    long long value = 0;
    size_t size = strlen(name);
    metrics_print(&text);
    for (const char *line = buffer_string(&text); line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, name, size) == 0 && line[size] == ' ')
            value = atoll(line + size);
    buffer_finish(&text);
    return value;
}
