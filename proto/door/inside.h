/* What the files of this folder share; nobody outside includes it.
 *
 * One struct connection per socket, one struct request per request. libmicrohttpd calls, in order: the accept policy and
 * "started" (connection.c), the URI callback (a request begins: request.c), the handler once for the head (lint.c, route.c), for
 * each piece of the body, and once more at the end (the route's handler); then "completed" (the request is over).
 */
#pragma once

#include <microhttpd.h>
#include <netinet/in.h>

#include "proto/door/door.h"
#include "proto/door/peer.h"

struct pair {
    const char *name, *value;
};
struct pairs {
    struct pair *items;
    size_t count, capacity;
};

enum {
    PATH_SEGMENTS_MAX = 16,
    QUERY_PAIRS_MAX = 64,
    HEADERS_MAX = 100,
    REPLY_HEADERS_MAX = 16,
};

/* ---- connections ---- */
struct connection {
    struct door *door;
    struct MHD_Connection *mhd;
    int fd;
    struct peer *peer;
    struct request *request;     /* NULL between two requests */
    int64_t due_ms;              /* monotonic; what it is doing must be done by then */
    bool timed;                  /* it stands in the door's list by due_ms */
    bool dropped;                /* shut down by us; libmicrohttpd will notice */
    struct connection *previous; /* in that list */
    struct connection *next;
};

enum MHD_Result connection_allowed(void *door, const struct sockaddr *address, socklen_t size);
void connection_changed(void *door, struct MHD_Connection *mhd, void **context,
                        enum MHD_ConnectionNotificationCode code);
/* What it is doing now must be done within the door's total time, and `extra_ms` for a long answer. */
void connection_expect(struct connection *connection, int64_t extra_ms);
void connection_untimed(struct connection *connection);
/* Ends it at once; status 408 or 413 is said first where nothing else has been said and TLS does not forbid it. */
void connection_drop(struct connection *connection, int status);
int connection_due(void *door); /* the door's timer */

/* ---- requests ---- */
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

struct request {
    struct door *door;
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
    const struct route *route;
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

void *request_began(void *door, const char *target, struct MHD_Connection *mhd);
enum MHD_Result request_handle(void *door, struct MHD_Connection *mhd, const char *url, const char *method,
                               const char *version, const char *data, size_t *size, void **context);
void request_completed(void *door, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code);
void request_refuse(struct request *request, int status, const char *code, const char *message, const char *next);
void request_destroy(struct request *request);

void pairs_add(struct arena *arena, struct pairs *pairs, const char *name, const char *value);
/* Names of headers are compared without regard to case. NULL where there is none. */
const char *pairs_get(const struct pairs *pairs, const char *name);
const char *pairs_get_header(const struct pairs *pairs, const char *name);

/* ---- lint.c: false = refused, request->refusal says why ---- */
bool lint_target(struct request *request, const char *target);
bool lint_head(struct request *request, const char *method, const char *version);

/* ---- text.c ---- */
/* The text, or a copy with '?' for each byte that is not UTF-8 (a fault's text may be cut inside of a character). */
const char *text_mended(struct arena *arena, const char *text);
/* Decodes %XX once ("+" to a blank where `form`); NULL for a bad escape, a control byte or what is not UTF-8. */
char *percent_decode(struct arena *arena, const char *text, size_t size, bool form);
/* name=value&name=value, decoded; false where malformed or more than `most`. */
bool pairs_parse(struct arena *arena, const char *text, size_t size, size_t most, struct pairs *pairs);
/* The value of `name` in "type; name=value; other=\"value\""; NULL if absent. */
const char *header_parameter(struct arena *arena, const char *header, const char *name);
/* Is the header's value, without its parameters, this type? */
bool header_is_type(const char *header, const char *type);

/* ---- route.c ---- */
struct route {
    const char *method;
    char *path; /* segments, each ended by a NUL */
    const char *segments[PATH_SEGMENTS_MAX];
    size_t segment_count;
    unsigned roles;
    int64_t body_bytes;
    door_handler *handler;
    void *context;
    struct route *next;
};
/* Finds the route or the files of the request's path; false = refused with 404 or 405. */
bool route_find(struct request *request);
void routes_finish(struct door *door);

/* ---- static.c ---- */
struct files {
    char *prefix;
    size_t prefix_size;
    int folder_fd;
    bool immutable;
    struct files *next;
};
void files_reply(struct request *request);
void files_finish(struct door *door);

/* ---- reply.c ---- */
/* The Content-Security-Policy of every answer; a page with an import map adds its hash. */
#define DOOR_POLICY \
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self'; " \
    "worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; " \
    "frame-ancestors 'none'"
/* Takes the response; every answer goes through here. */
void reply_response(struct request *request, int status, struct MHD_Response *response, size_t size);
void reply_refusal(struct request *request);

/* ---- stream.c ---- */
void stream_gone(struct stream *stream); /* the request is over: tell the owner */
void streams_shut(struct door *door);    /* before the door stops */
int streams_comment(void *door);         /* the door's timer */

/* ---- session_gate.c ---- */
/* May this request call its route? false = refused with 401, 403 or 503. */
bool gate_allows(struct request *request);
/* Is the token of a stream that is open still good? */
bool gate_token_lasts(struct door *door, const char *token);
/* 401, or 403 for a change with the cookie alone. */
void gate_reply_unknown(struct request *request);

/* ---- the door ---- */
#define DOOR_COUNTERS(X) \
    X(REFUSED_CONNECTIONS, "drumtower_door_refused_total{reason=\"connections\"}") \
    X(REFUSED_ADDRESS, "drumtower_door_refused_total{reason=\"connections_per_address\"}") \
    X(REFUSED_PROTOCOL, "drumtower_door_refused_total{reason=\"protocol\"}") \
    X(REFUSED_MALFORMED, "drumtower_door_refused_total{reason=\"malformed\"}") \
    X(REFUSED_HEADER, "drumtower_door_refused_total{reason=\"header_bytes\"}") \
    X(REFUSED_BODY, "drumtower_door_refused_total{reason=\"body_bytes\"}") \
    X(REFUSED_MEMORY, "drumtower_door_refused_total{reason=\"body_memory\"}") \
    X(REFUSED_ROUTE, "drumtower_door_refused_total{reason=\"route\"}") \
    X(REFUSED_ACCOUNT, "drumtower_door_refused_total{reason=\"account\"}") \
    X(REFUSED_FORGERY, "drumtower_door_refused_total{reason=\"forgery\"}") \
    X(REFUSED_TIME, "drumtower_door_refused_total{reason=\"request_seconds\"}") \
    X(REFUSED_ATTEMPTS, "drumtower_door_refused_total{reason=\"sign_in_attempts\"}")
#define DOOR_COUNTER_ENUM(name, text) DOOR_##name,
enum door_counter { DOOR_COUNTERS(DOOR_COUNTER_ENUM) DOOR_COUNTER_COUNT };
void door_count(enum door_counter counter);

struct door {
    struct loop *loop;
    struct MHD_Daemon *mhd;
    struct loop_watch watch;
    struct loop_timer run_timer, due_timer, comment_timer;
    struct door_options limits; /* with the defaults filled in */
    char *tls_cert, *tls_key;
    char address[128];
    char *unready; /* NULL = ready */
    bool closing;
    bool resumed; /* a connection waits for the next run */
    struct route *routes;
    struct files *files;
    struct peers peers;
    int64_t connection_count, body_memory;
    struct connection *soonest, *latest; /* by due_ms */
    struct stream *streams;
    struct accounts *accounts;
    struct loop_timer clean_timer; /* of its sessions */
    char cookie[64];
};

/* With an epoll set of the caller's, libmicrohttpd wakes nobody for a resumed connection: it must be run again. */
void door_resume(struct door *door, struct MHD_Connection *mhd);
int health_open(struct door *door, struct fault *fault);
