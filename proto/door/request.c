#include "proto/door/request.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/door/connection.h"
#include "proto/door/request_inside.h"

static void keep_arena(struct requests *all, struct arena *arena)
{
    arena_reset(arena);
    if (arena->blocks && all->arena_count < ARENAS_KEPT)
        all->arenas[all->arena_count++] = *arena;
    else
        arena_finish(arena);
}

void requests_finish(struct requests *all)
{
    while (all->arena_count)
        arena_finish(&all->arenas[--all->arena_count]);
}

struct request *request_open(struct requests *all, struct connection *connection, struct MHD_Connection *mhd,
                             const char *target)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        abort();
    request->all = all;
    if (all->arena_count)
        request->arena = all->arenas[--all->arena_count];
    request->mhd = mhd;
    request->connection = connection;
    request->target_at = target;
    request->target_size = strlen(target);
    request->path = arena_text(&request->arena, target, request->target_size);
    return request;
}

void request_release_body(struct request *request)
{
    request->all->body_memory -= (int64_t)request->body.size;
    if (request->connection)
        request->connection->peer->body_bytes -= (int64_t)request->body.size;
    buffer_finish(&request->body);
}

void request_destroy(struct request *request)
{
    request_release_body(request);
    if (request->response)
        MHD_destroy_response(request->response);
    json_decref(request->json);
    keep_arena(request->all, &request->arena);
    free(request);
}

void request_refuse(struct request *request, int status, const char *code, const char *message, const char *next)
{
    if (request->refusal.status)
        return; /* the first reason stands */
    request->refusal = (struct refusal){ status, code, message, next, request->refusal.at_once };
    request->close_after = true;
    request_release_body(request);
}

void request_defer(struct request *request)
{
    if (request->owed)
        return;
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

const char *request_query_all(struct request *request, const char *name)
{
    const char *all = NULL;
    for (size_t i = 0; i < request->query.count; i++) {
        const struct pair *pair = &request->query.items[i];
        if (strcmp(pair->name, name) == 0)
            all = all ? arena_format(&request->arena, "%s,%s", all, pair->value) : pair->value;
    }
    return all;
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
    if (!request->body.size) {
        fault_set(fault, -EINVAL, "body: is empty; expected an object: { … }");
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
