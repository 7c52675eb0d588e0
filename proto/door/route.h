/* Which handler answers which path. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/fault.h"
#include "proto/door/request.h"
#include "proto/door/request_inside.h"

struct route {
    const char *method;
    char *path; /* segments, each ended by a NUL */
    const char *segments[PATH_SEGMENTS_MAX];
    size_t segment_count;
    bool takes_rest; /* by its last segment */
    unsigned roles;
    int64_t body_bytes;
    door_handler *handler;
    void *context;
    struct route *next;
};

struct routes {
    struct route *first;
    struct files *files;
    int64_t body_bytes; /* the limit of a route that has none of its own */
};

/* See door_route(). */
int routes_add(struct routes *routes, const char *method, const char *path, unsigned roles, int64_t body_bytes,
               door_handler *handler, void *context, struct fault *fault);
/* Finds the route or the files of the request's path; false = refused with 404 or 405. */
bool route_find(const struct routes *routes, struct request *request);
void routes_finish(struct routes *routes);
