#include "proto/door/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/metrics.h"
#include "proto/door/lint.h"
#include "proto/door/refused.h"
#include "proto/door/reply.h"
#include "proto/door/reply_inside.h"
#include "proto/door/request_inside.h"
#include "proto/door/session_gate.h"
#include "proto/door/static.h"
#include "proto/door/stream_inside.h"

/* A refused body up to this size is read to its end and thrown away, so that the peer, who is still sending, gets to read
 * the answer instead of a reset. */
enum { SWALLOW_BYTES = 4 << 20 };
/* So much of the memory for bodies is one address's, or one whole body, so that nobody takes all of it. */
enum { BODY_SHARES = 4 };

static struct metric requests = METRIC_COUNTER("drumtower_door_requests_total", "Requests whose head was read.");

void *exchange_began(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct exchanges *exchanges = context;
    struct connection *connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    assert(!connection->request);
    connection->request = request_open(&exchanges->requests, connection, mhd, target);
    connection->asked = true;
    connection_expect(connection, 0);
    return connection->request;
}

/* libmicrohttpd refused its head or a chunk of its body, or the peer left in the middle; neither counted by a reason of ours. */
static bool was_cut_short(const struct request *request)
{
    return (request->stage == STAGE_HEAD || request->stage == STAGE_BODY) && !request->refusal.status &&
           !request->connection->dropped;
}

void exchange_completed(void *context, struct MHD_Connection *mhd, void **request_context,
                        enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)mhd;
    (void)code;
    struct request *request = *request_context;
    *request_context = NULL;
    if (!request)
        return;
    if (was_cut_short(request))
        refused_count(REFUSED_PROTOCOL);
    if (request->stream)
        stream_gone(request->stream);
    request->connection->peer->body_bytes -= (int64_t)request->body.size; /* which may go before the body does */
    request->connection->request = NULL;
    connection_expect(request->connection, 0);
    request->connection = NULL;
    request->mhd = NULL;
    request->stage = STAGE_ANSWERED; /* by silence, where nothing was said */
    if (!request->owed)
        request_destroy(request);
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
    request_release_body(request);
    arena_finish(&request->arena);
    return result;
}

static void body_too_large(struct request *request)
{
    refused_count(REFUSED_BODY);
    char *message = request->body_limit ? arena_format(&request->arena, "The body is larger than %lld bytes.",
                                                       (long long)request->body_limit)
                                        : arena_format(&request->arena, "No body is taken here.");
    request_refuse(request, 413, "too_large", message, "Send less: a smaller photo, or a table in parts.");
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

static bool head_is_fine(const struct exchanges *exchanges, struct request *request, const char *method,
                         const char *version)
{
    return lint_head(request, method, version, exchanges->header_bytes) && lint_target(request, request->path) &&
           route_find(exchanges->routes, request) && gate_allows(request) && body_is_wanted(request);
}

static enum MHD_Result take_head(const struct exchanges *exchanges, struct request *request, const char *method,
                                 const char *version)
{
    metric_add(&requests, 1);
    request->stage = STAGE_BODY;
    if (head_is_fine(exchanges, request, method, version))
        return MHD_YES;
    if (request->refusal.at_once || announced_bytes(request) > SWALLOW_BYTES ||
        pairs_get_header(&request->headers, "Expect")) {
        reply_refusal(request);
        return queue(request);
    }
    return MHD_YES;
}

/* False: the memory for bodies is taken, or the address's share of it; refused. */
static bool hold(struct request *request, int64_t size)
{
    int64_t *all = &request->all->body_memory, *own = &request->connection->peer->body_bytes;
    int64_t most = request->all->body_memory_most, share = most / BODY_SHARES;
    share = request->body_limit > share ? request->body_limit : share;
    bool shared = *own + size <= share;
    if (shared && *all + size <= most) {
        *all += size;
        *own += size;
        return true;
    }
    refused_count(shared ? REFUSED_MEMORY : REFUSED_SHARE);
    request_refuse(request, 503, "busy", "Too many large requests at once.", "Send it again in a moment.");
    return false;
}

static void take_body(struct request *request, const char *data, size_t size)
{
    if (!request->refusal.status) {
        if ((int64_t)(request->body.size + size) > request->body_limit) {
            body_too_large(request);
        } else if (hold(request, (int64_t)size)) {
            buffer_append(&request->body, data, size);
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

enum MHD_Result exchange_handle(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                                const char *version, const char *data, size_t *size, void **request_context)
{
    (void)mhd;
    (void)url; /* decoded by libmicrohttpd without checks: ours is in request->path */
    struct request *request = *request_context;
    if (request->stage == STAGE_HEAD)
        return take_head(context, request, method, version);
    if (*size) {
        take_body(request, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return finish(request);
}

void exchange_overdue(struct connection *connection)
{
    struct request *request = connection->request;
    switch (request->stage) {
    case STAGE_HEAD:
    case STAGE_BODY:
        connection_drop(connection, 408);
        break;
    case STAGE_DEFERRED:
        reply_error(request, 504, "timeout", "The answer did not come in time.",
                    "Look whether it was done, or send it again with the same id.");
        request->owed = true; /* the handler still holds it */
        break;
    case STAGE_HANDLER:
    case STAGE_ANSWERED:
        connection_drop(connection, 0);
        break;
    }
}

void exchanges_end(struct connections *connections)
{
    for (struct connection *next, *connection = connections->soonest; connection; connection = next) {
        struct request *request = connection->request;
        next = connection->next;
        if (!request || request->stage != STAGE_DEFERRED)
            continue;
        reply_error(request, 503, "closing", "The service is being stopped.", "Send it again in a moment.");
    }
}
