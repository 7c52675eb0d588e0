#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/door/inside.h"

/* A refused body up to this size is read to its end and thrown away, so that the peer, who is still sending, gets to read
 * the answer instead of a reset. */
enum { SWALLOW_BYTES = 4 << 20 };
/* All bodies that are being held at once, whatever the limit of each. */
enum { BODY_MEMORY_BYTES = 256 << 20 };

static struct metric requests = METRIC_COUNTER("drumtower_door_requests_total", "Requests whose head was read.");

void *request_began(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct door *door = context;
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        abort();
    request->door = door;
    request->mhd = mhd;
    request->connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    request->target_at = target;
    request->target_size = strlen(target);
    request->path = arena_text(&request->arena, target, request->target_size);
    assert(!request->connection->request);
    request->connection->request = request;
    connection_expect(request->connection, 0);
    return request;
}

void request_destroy(struct request *request)
{
    request->door->body_memory -= (int64_t)request->body.size;
    if (request->response)
        MHD_destroy_response(request->response);
    json_decref(request->json);
    buffer_finish(&request->body);
    arena_finish(&request->arena);
    free(request);
}

void request_completed(void *context, struct MHD_Connection *mhd, void **request_context,
                       enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)mhd;
    (void)code;
    struct request *request = *request_context;
    *request_context = NULL;
    if (!request)
        return;
    if (request->stage == STAGE_HEAD)
        door_count(DOOR_REFUSED_PROTOCOL); /* libmicrohttpd refused the head, or the peer left in the middle of it */
    if (request->stream)
        stream_gone(request->stream);
    request->connection->request = NULL;
    connection_expect(request->connection, 0);
    request->connection = NULL;
    request->mhd = NULL;
    request->stage = STAGE_ANSWERED; /* by silence, where nothing was said */
    if (!request->owed)
        request_destroy(request);
}

void request_refuse(struct request *request, int status, const char *code, const char *message, const char *next)
{
    if (request->refusal.status)
        return; /* the first reason stands */
    request->refusal = (struct refusal){ status, code, message, next, request->refusal.at_once };
    request->close_after = true;
    request->door->body_memory -= (int64_t)request->body.size;
    buffer_finish(&request->body);
}

static enum MHD_Result queue(struct request *request)
{
    enum MHD_Result result = MHD_queue_response(request->mhd, (unsigned)request->status, request->response);
    MHD_destroy_response(request->response); /* libmicrohttpd holds its own reference now */
    request->response = NULL;
    return result;
}

/* A stream may stay open for days: what was read of its request is not needed any more. */
static enum MHD_Result queue_and_release(struct request *request)
{
    enum MHD_Result result = queue(request);
    if (!request->stream)
        return result;
    request->door->body_memory -= (int64_t)request->body.size;
    buffer_finish(&request->body);
    arena_finish(&request->arena);
    return result;
}

static void body_too_large(struct request *request)
{
    door_count(DOOR_REFUSED_BODY);
    char *message = request->body_limit ? arena_format(&request->arena, "The body is larger than %lld bytes.",
                                                       (long long)request->body_limit)
                                        : arena_format(&request->arena, "No body is taken here.");
    request_refuse(request, 413, "too_large", message, "Send less, for example a smaller photo.");
}

/* The size that the head announces: known to be digits; -1 for a chunked body. */
static int64_t announced_bytes(const struct request *request)
{
    if (pairs_get_header(&request->headers, "Transfer-Encoding"))
        return -1;
    const char *length = pairs_get_header(&request->headers, "Content-Length");
    return length ? strtoll(length, NULL, 10) : 0;
}

static bool body_is_wanted(struct request *request)
{
    if (announced_bytes(request) > request->body_limit) {
        body_too_large(request);
        return false;
    }
    return true;
}

static bool head_is_fine(struct request *request, const char *method, const char *version)
{
    return lint_head(request, method, version) && lint_target(request, request->path) && route_find(request) &&
           gate_allows(request) && body_is_wanted(request);
}

static enum MHD_Result take_head(struct request *request, const char *method, const char *version)
{
    metric_add(&requests, 1);
    request->stage = STAGE_BODY;
    if (head_is_fine(request, method, version))
        return MHD_YES;
    if (request->refusal.at_once || announced_bytes(request) > SWALLOW_BYTES ||
        pairs_get_header(&request->headers, "Expect")) {
        reply_refusal(request);
        return queue(request);
    }
    return MHD_YES;
}

static void take_body(struct request *request, const char *data, size_t size)
{
    struct door *door = request->door;
    if (!request->refusal.status) {
        if ((int64_t)(request->body.size + size) > request->body_limit) {
            body_too_large(request);
        } else if (door->body_memory + (int64_t)size > BODY_MEMORY_BYTES) {
            door_count(DOOR_REFUSED_MEMORY);
            request_refuse(request, 503, "busy", "Too many large requests at once.", "Send it again in a moment.");
        } else {
            buffer_append(&request->body, data, size);
            door->body_memory += (int64_t)size;
            return;
        }
    }
    request->swallowed += (int64_t)size;
    if (request->swallowed > SWALLOW_BYTES)
        connection_drop(request->connection, 413);
}

static enum MHD_Result finish(struct request *request)
{
    if (request->response)
        return queue_and_release(request); /* resumed with an answer */
    if (request->refusal.status) {
        reply_refusal(request);
        return queue(request);
    }
    request->stage = STAGE_HANDLER;
    if (request->files)
        files_reply(request);
    else
        request->route->handler(request, request->route->context);
    if (request->response)
        return queue_and_release(request);
    assert(request->stage == STAGE_DEFERRED); /* a handler answers or defers */
    MHD_suspend_connection(request->mhd);
    request->suspended = true;
    return MHD_YES;
}

enum MHD_Result request_handle(void *door, struct MHD_Connection *mhd, const char *url, const char *method,
                               const char *version, const char *data, size_t *size, void **context)
{
    (void)door;
    (void)mhd;
    (void)url; /* decoded by libmicrohttpd without checks: ours is in request->path */
    struct request *request = *context;
    if (request->stage == STAGE_HEAD)
        return take_head(request, method, version);
    if (*size) {
        take_body(request, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return finish(request);
}

void request_defer(struct request *request)
{
    assert(request->stage == STAGE_HANDLER);
    request->stage = STAGE_DEFERRED;
    request->owed = true;
}

/* ---- what a handler reads ---- */

const char *request_method(const struct request *request)
{
    return request->method;
}

const char *request_path(const struct request *request)
{
    return request->path;
}

const char *request_param(const struct request *request, const char *name)
{
    const char *value = pairs_get(&request->params, name);
    return value ? value : "";
}

const char *request_query(const struct request *request, const char *name)
{
    return pairs_get(&request->query, name);
}

const char *request_header(const struct request *request, const char *name)
{
    return pairs_get_header(&request->headers, name);
}

const char *request_address(const struct request *request)
{
    return request->connection ? request->connection->peer->text : "";
}

struct bytes request_body(const struct request *request)
{
    return (struct bytes){ request->body.bytes ? request->body.bytes : (const uint8_t *)"", request->body.size };
}

struct arena *request_arena(struct request *request)
{
    return &request->arena;
}

json_t *request_json(struct request *request, struct fault *fault)
{
    if (request->json)
        return request->json;
    if (!header_is_type(request_header(request, "Content-Type"), "application/json")) {
        fault_set(fault, -EINVAL, "body: expected Content-Type: application/json");
        return NULL;
    }
    json_error_t error;
    request->json = json_loadb((const char *)request->body.bytes, request->body.size, JSON_REJECT_DUPLICATES, &error);
    if (!request->json)
        fault_set(fault, -EINVAL, "body, line %d, column %d: %s", error.line, error.column, error.text);
    else if (!json_is_object(request->json)) {
        fault_set(fault, -EINVAL, "body: expected an object: { … }");
        json_decref(request->json);
        request->json = NULL;
    }
    return request->json;
}

/* "zh-CN" is served by "zh-CN", else by "zh"; "zh" by the first that begins with it. */
static const char *language_for(const char *wanted, size_t size, const char *const *languages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(languages[i]) == size && strncasecmp(languages[i], wanted, size) == 0)
            return languages[i];
    size_t primary = strcspn(wanted, "-");
    primary = primary < size ? primary : size;
    for (size_t i = 0; i < count; i++)
        if (strcspn(languages[i], "-") == primary && strncasecmp(languages[i], wanted, primary) == 0)
            return languages[i];
    return NULL;
}

const char *request_language(const struct request *request, const char *const *languages, size_t count)
{
    const char *asked = request_query(request, "lang");
    const char *found = asked ? language_for(asked, strlen(asked), languages, count) : NULL;
    if (found)
        return found;
    const char *at = request_header(request, "Accept-Language");
    double best = 0;
    while (at && *at) {
        at += strspn(at, ", \t");
        size_t size = strcspn(at, ",; \t");
        size_t whole = strcspn(at, ",");
        const char *quality = memmem(at, whole, "q=", 2);
        double weight = quality ? strtod(quality + 2, NULL) : 1;
        const char *match = size ? language_for(at, size, languages, count) : NULL;
        if (match && weight > best) {
            best = weight;
            found = match;
        }
        at += whole;
    }
    return found ? found : languages[0];
}
