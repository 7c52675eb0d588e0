#include "proto/door/reply.h"

#include <assert.h>
#include <microhttpd.h>
#include <string.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/door/connection.h"
#include "proto/door/reply_inside.h"
#include "proto/door/request_inside.h"
#include "proto/door/runner.h"

/* A long answer may take this much longer than the door's total time: 16 kB/s is a bad mobile link. */
enum { SENDING_BYTES_PER_MS = 16 };

static struct metric answers[] = {
    METRIC_COUNTER("drumtower_door_answers_total{class=\"1xx\"}", "Answers by class of their status."),
    METRIC_COUNTER("drumtower_door_answers_total{class=\"2xx\"}", "Answers by class of their status."),
    METRIC_COUNTER("drumtower_door_answers_total{class=\"3xx\"}", "Answers by class of their status."),
    METRIC_COUNTER("drumtower_door_answers_total{class=\"4xx\"}", "Answers by class of their status."),
    METRIC_COUNTER("drumtower_door_answers_total{class=\"5xx\"}", "Answers by class of their status."),
};

/* On every answer, unless the handler has set its own. */
static const struct pair standard_headers[] = {
    { "Cache-Control", "no-store" },
    { "Content-Security-Policy", REPLY_POLICY },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "same-origin" },
};

void reply_header(struct request *request, const char *name, const char *value)
{
    pairs_add(&request->arena, &request->reply_headers, arena_text(&request->arena, name, strlen(name)),
              arena_text(&request->arena, value, strlen(value)));
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (MHD_add_response_header(response, name, value) != MHD_YES)
        log_warn("header left out of an answer", "name=%s", name); /* a line break or nothing in its value */
}

static void add_headers(struct request *request, struct MHD_Response *response)
{
    for (size_t i = 0; i < request->reply_headers.count; i++)
        add_header(response, request->reply_headers.items[i].name, request->reply_headers.items[i].value);
    for (size_t i = 0; i < sizeof standard_headers / sizeof *standard_headers; i++)
        if (!pairs_get_header(&request->reply_headers, standard_headers[i].name))
            add_header(response, standard_headers[i].name, standard_headers[i].value);
    if (request->close_after || request->connection->all->closing)
        add_header(response, "Connection", "close");
}

/* The door has answered for the handler (too late) or the peer is gone: the handler's debt is paid all the same. */
static void settle(struct request *request, struct MHD_Response *response)
{
    assert(request->owed);
    MHD_destroy_response(response);
    request->owed = false;
    if (!request->connection)
        request_destroy(request);
}

void reply_response(struct request *request, int status, struct MHD_Response *response, size_t size)
{
    assert(response && status >= 200 && status < 600);
    if (request->stage == STAGE_ANSWERED) {
        settle(request, response);
        return;
    }
    add_headers(request, response);
    metric_add(&answers[status / 100 - 1], 1);
    log_debug("answered", "method=%s path=\"%s\" status=%d", request->method, request->path, status);
    request->response = response;
    request->status = status;
    request->stage = STAGE_ANSWERED;
    request->owed = false;
    connection_expect(request->connection, (int64_t)(size / SENDING_BYTES_PER_MS));
    if (request->suspended) {
        request->suspended = false;
        runner_resume(request->all->runner, request->mhd);
    }
}

static struct MHD_Response *response_of(const void *bytes, size_t size)
{
    return MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
}

void reply_bytes(struct request *request, int status, const char *type, struct bytes body)
{
    if (type && body.size)
        reply_header(request, "Content-Type", type);
    reply_response(request, status, response_of(body.data, body.size), body.size);
}

void reply_text(struct request *request, int status, const char *type, const char *text)
{
    reply_bytes(request, status, type, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static int append(const char *bytes, size_t size, void *context)
{
    buffer_append(context, bytes, size);
    return 0;
}

void reply_json(struct request *request, int status, json_t *body)
{
    struct buffer text = { 0 };
    if (!body) { /* json_pack() gives NULL for a text that is not UTF-8 */
        reply_error(request, 500, "internal", "The answer could not be written.", "Tell the administrator.");
        return;
    }
    int failed = json_dump_callback(body, append, &text, JSON_COMPACT | JSON_ENCODE_ANY);
    assert(!failed); /* our own values: finite numbers, UTF-8 */
    json_decref(body);
    reply_bytes(request, status, "application/json", buffer_view(&text));
    buffer_finish(&text);
}

void reply_error(struct request *request, int status, const char *code, const char *message, const char *next)
{
    message = text_mended(&request->arena, message);
    next = text_mended(&request->arena, next ? next : "");
    reply_json(request, status,
               json_pack("{s:{s:s, s:s, s:s}}", "error", "code", code, "message", message, "next", next));
}

void reply_redirect(struct request *request, int status, const char *location)
{
    reply_header(request, "Location", location);
    reply_bytes(request, status, NULL, (struct bytes){ 0 });
}

void reply_refusal(struct request *request)
{
    const struct refusal *refusal = &request->refusal;
    if (!request->method)
        request->method = "";
    reply_error(request, refusal->status, refusal->code, refusal->message, refusal->next);
}
