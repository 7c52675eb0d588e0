#include "proto/door/route.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/door/refused.h"
#include "proto/door/reply.h"
#include "proto/door/static.h"

static bool is_parameter(const char *segment)
{
    return segment[0] == '{';
}

static bool is_rest(const char *segment)
{
    size_t size = strlen(segment);
    return size > 3 && is_parameter(segment) && strcmp(segment + size - 2, "*}") == 0;
}

/* The shape alone: a parameter's name does not make a route another one. */
static bool same_shape(const struct route *a, const struct route *b)
{
    if (a->segment_count != b->segment_count)
        return false;
    for (size_t i = 0; i < a->segment_count; i++) {
        bool both_parameters = is_parameter(a->segments[i]) && is_parameter(b->segments[i]);
        if (both_parameters ? is_rest(a->segments[i]) != is_rest(b->segments[i])
                            : strcmp(a->segments[i], b->segments[i]) != 0)
            return false;
    }
    return true;
}

static int split(struct route *route, struct fault *fault)
{
    for (char *at = route->path; *at;) {
        if (*at != '/' || route->segment_count == PATH_SEGMENTS_MAX)
            return fault_set(fault, -EINVAL, "route: expected '/' before each of at most %d parts", PATH_SEGMENTS_MAX);
        *at++ = 0;
        route->segments[route->segment_count++] = at;
        at += strcspn(at, "/");
    }
    route->takes_rest = route->segment_count && is_rest(route->segments[route->segment_count - 1]);
    return route->segment_count ? 0 : fault_set(fault, -EINVAL, "route: expected a path that begins with '/'");
}

int routes_add(struct routes *routes, const char *method, const char *path, unsigned roles, int64_t body_bytes,
               door_handler *handler, void *context, struct fault *fault)
{
    assert(handler);
    struct route *route = calloc(1, sizeof *route);
    if (!route || !(route->path = strdup(path))) {
        free(route);
        return fault_set(fault, -ENOMEM, "route %s: out of memory", path);
    }
    route->method = method;
    route->roles = roles;
    route->body_bytes = body_bytes;
    route->handler = handler;
    route->context = context;
    int result = split(route, fault);
    for (struct route *other = routes->first; !result && other; other = other->next)
        if (strcmp(other->method, method) == 0 && same_shape(other, route))
            result = fault_set(fault, -EEXIST, "it is there already");
    if (result) {
        free(route->path);
        free(route);
        return fault_prefix(fault, result, "route %s %s", method, path);
    }
    route->next = routes->first;
    routes->first = route;
    return 0;
}

static bool matches(const struct route *route, const struct request *request)
{
    size_t count = route->segment_count - route->takes_rest;
    if (route->takes_rest ? request->segment_count <= count : request->segment_count != count)
        return false;
    for (size_t i = count; i-- > 0;) /* the last one tells most */
        if (is_parameter(route->segments[i]) ? !*request->segments[i]
                                             : !text_is(route->segments[i], request->segments[i]))
            return false;
    return true;
}

/* How exact a part is: of two routes the one that is more exact at the first difference wins. */
static int exactness(const char *segment)
{
    return is_rest(segment) ? 0 : is_parameter(segment) ? 1 : 2;
}

static bool more_exact(const struct route *a, const struct route *b)
{
    for (size_t i = 0; i < a->segment_count && i < b->segment_count; i++)
        if (exactness(a->segments[i]) != exactness(b->segments[i]))
            return exactness(a->segments[i]) > exactness(b->segments[i]);
    return a->segment_count > b->segment_count;
}

static void set_params(struct request *request)
{
    const struct route *route = request->route;
    for (size_t i = 0; i < route->segment_count; i++) {
        const char *segment = route->segments[i];
        if (!is_parameter(segment))
            continue;
        bool rest = is_rest(segment);
        char *name = arena_text(&request->arena, segment + 1, strlen(segment) - (rest ? 3 : 2));
        const char *value = request->segments[i];
        for (size_t j = i + 1; rest && j < request->segment_count; j++)
            value = arena_format(&request->arena, "%s/%s", value, request->segments[j]);
        pairs_add(&request->arena, &request->params, name, value);
    }
}

static bool takes_method(const char *offered, const char *asked)
{
    return strcmp(offered, asked) == 0 || (strcmp(offered, "GET") == 0 && strcmp(asked, "HEAD") == 0);
}

/* Those of all routes that lead there: "GET, POST"; "" where none does. */
static const char *methods_of(const struct routes *routes, struct request *request)
{
    const char *methods = "";
    for (const struct route *route = routes->first; route; route = route->next)
        if (matches(route, request))
            methods = arena_format(&request->arena, "%s%s%s", methods, *methods ? ", " : "", route->method);
    return methods;
}

static bool refuse_method(struct request *request, const char *allowed)
{
    refused_count(REFUSED_ROUTE);
    reply_header(request, "Allow", allowed);
    request_refuse(request, 405, "method", arena_format(&request->arena, "%s is not done here.", request->method),
                   arena_format(&request->arena, "Use one of: %s.", allowed));
    return false;
}

bool route_find(const struct routes *routes, struct request *request)
{
    const struct route *best = NULL;
    for (const struct route *route = routes->first; route; route = route->next)
        if (matches(route, request) && takes_method(route->method, request->method) &&
            (!best || more_exact(route, best)))
            best = route;
    if (best) {
        request->route = best;
        request->body_limit = best->body_bytes < 0 ? routes->body_bytes : best->body_bytes;
        set_params(request);
        return true;
    }
    const char *allowed = methods_of(routes, request);
    const struct files *files = files_find(routes->files, request->path);
    if (files && takes_method("GET", request->method) && !*allowed) {
        request->files = files;
        return true;
    }
    if (*allowed || files)
        return refuse_method(request, *allowed ? allowed : "GET, HEAD");
    refused_count(REFUSED_ROUTE);
    request_refuse(request, 404, "not_found", "There is nothing at this address.", "Look at the address again.");
    return false;
}

void routes_finish(struct routes *routes)
{
    while (routes->first) {
        struct route *route = routes->first;
        routes->first = route->next;
        free(route->path);
        free(route);
    }
}
