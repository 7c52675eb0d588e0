/* What the files of this folder know of a request; nobody outside includes it. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/door/text.h"

enum {
    PATH_SEGMENTS_MAX = 16,
    QUERY_PAIRS_MAX = 64,
    HEADERS_MAX = 100,
    ARENAS_KEPT = 64,
};

enum request_stage {
    STAGE_HEAD,     /* the request line is there, the rest of the head not yet */
    STAGE_BODY,     /* passed the lint or refused; the body is arriving */
    STAGE_HANDLER,  /* the route's handler has it */
    STAGE_DEFERRED, /* suspended, somebody will answer */
    STAGE_ANSWERED, /* the answer is with libmicrohttpd */
};

struct refusal {
    int status; /* 0 = none */
    const char *code, *message, *next;
    bool at_once; /* the framing is not to be trusted: do not even wait for the body */
};

/* What the requests of a door have in common. */
struct requests {
    struct runner *runner;
    struct gate *gate;                     /* opaque here */
    struct streams *streams;               /* opaque here */
    int64_t body_memory, body_memory_most; /* bytes of all bodies that are held */
    struct arena arenas[ARENAS_KEPT];      /* of requests that are over, for the next ones */
    size_t arena_count;
};
void requests_finish(struct requests *all); /* safe on a zeroed struct */

struct request {
    struct requests *all;
    struct connection *connection; /* NULL once libmicrohttpd is through with it */
    struct MHD_Connection *mhd;
    enum request_stage stage;
    bool owed;      /* a handler deferred it and has not answered */
    bool suspended; /* libmicrohttpd waits for MHD_resume_connection() */
    bool close_after;
    struct arena arena;
    const char *target_at; /* libmicrohttpd's own memory, for the lint of the head */
    size_t target_size;
    const char *method, *path;
    const char *segments[PATH_SEGMENTS_MAX];
    size_t segment_count;
    struct pairs params, query, headers, reply_headers;
    const struct route *route; /* opaque here, as are files and stream */
    const struct files *files;
    int64_t body_limit; /* bytes */
    int64_t swallowed;  /* of a body that is refused */
    struct buffer body;
    struct refusal refusal;
    struct MHD_Response *response;
    int status;
    struct stream *stream;
    const struct account_session *session;
    bool session_known;
    bool forged;       /* a change with the cookie, from another site's page */
    const char *token; /* of the session, as it came */
    json_t *json;
};

struct request *request_open(struct requests *all, struct connection *connection, struct MHD_Connection *mhd,
                             const char *target);
void request_destroy(struct request *request);
void request_release_body(struct request *request);
/* The first reason stands. */
void request_refuse(struct request *request, int status, const char *code, const char *message, const char *next);
