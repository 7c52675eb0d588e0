/* The one room of libmicrohttpd: HTTP/1.1 doors in the loop's thread (external epoll, no threads of its own).
 *
 * Before a handler sees a request it has passed the lint: one Content-Length or chunked but not both, no bare LF, no folded
 * header, no NUL or control byte, path decoded once and without "..", limits on headers, body, total time (not only
 * idle time), connections in all and per address. What is refused gets the right status and closes its connection; nobody else notices.
 *
 * A handler answers with one reply_*() call, now or later (request_defer()). Errors have one shape in JSON:
 *   {"error": {"code": "conflict", "message": "…what was wrong…", "next": "…what to do…"}}
 * Every door serves /metrics, /healthz (process runs) and /readyz (can do its work; see door_set_ready).
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"
#include "proto/record/lifecycle.h"

struct door;
struct request;
struct account_session; /* session.h */

struct door_options {
    const char *listen;             /* "127.0.0.1:8311", "[::]:8311"; port 0 takes a free one */
    const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
    const char *cookie; /* name of the session's cookie; NULL: "dt_session_PORT" (browsers share cookies between
                                       the ports of a host, so two doors with one name would sign each other out) */
    int64_t connections, connections_per_address, header_bytes, body_bytes, request_seconds; /* 0: a default */
};

int door_open(struct loop *loop, const struct door_options *options, struct door **door, struct fault *fault);
void door_close(struct door *door);                /* takes NULL */
const char *door_address(const struct door *door); /* "http://127.0.0.1:8311" with the port really taken */
/* reason: NULL = ready; otherwise /readyz answers 503 with it. */
void door_set_ready(struct door *door, const char *reason);

typedef void door_handler(struct request *request, void *context);

/* path: "/api/cases/{number}/{verb}"; a last "{rest*}" takes the rest with its slashes. roles: ROLE_BIT()s allowed to call it, 0 = anybody
 * (the door then needs no session). body_bytes: 0 = no body is taken, -1 = the door's limit. Literal segments win over parameters. */
int door_route(struct door *door, const char *method, const char *path, unsigned roles, int64_t body_bytes,
               door_handler *handler, void *context, struct fault *fault);
/* Files under `folder` at `prefix`: ETag, Last-Modified, precompressed .gz beside the file, 304, no listing, no dot files.
 * immutable: may be kept for a year (hashed names); otherwise revalidated each time. */
int door_static(struct door *door, const char *prefix, const char *folder, bool immutable, struct fault *fault);

/* ---- the request: all texts live until it is answered and its handler has returned ---- */
const char *request_method(const struct request *request);
const char *request_path(const struct request *request);
const char *request_param(const struct request *request, const char *name);  /* of the route's path; "" if none */
const char *request_query(const struct request *request, const char *name);  /* NULL if absent; first one wins */
const char *request_header(const struct request *request, const char *name); /* NULL if absent */
const char *request_address(const struct request *request);                  /* of the peer: "127.0.0.1" */
struct bytes request_body(const struct request *request);
struct arena *request_arena(struct request *request);
/* The signed-in account; NULL for anonymous requests. Also on routes without roles, for who sends a token all the same. */
const struct account_session *request_session(struct request *request);

/* Form fields (urlencoded and multipart) and files of the body, parsed within the limits. */
struct form_field {
    const char *name, *value;     /* value of a text field: UTF-8, NUL-terminated */
    const char *file_name, *type; /* NULL for text fields */
    struct bytes bytes;           /* the part's bytes, also for text fields */
};
struct form {
    const struct form_field *fields;
    size_t count;
};
/* -EINVAL with a fault for anything malformed. A body of type application/json is not a form. */
int request_form(struct request *request, struct form *form, struct fault *fault);
const char *form_value(const struct form *form, const char *name); /* NULL if absent; first one wins */
/* The body as a JSON object; NULL with a fault that names line and column. Freed with the request. */
json_t *request_json(struct request *request, struct fault *fault);

/* The first language of Accept-Language or ?lang= that is in the list; the list's first otherwise. */
const char *request_language(const struct request *request, const char *const *languages, size_t count);

/* ---- answers ---- */
/* The handler returns without an answer; the connection waits (not for longer than the door's total time: 504 then). Whoever
 * holds it still answers once, also after that and when the peer has left (it goes nowhere then), but not after door_close(). */
void request_defer(struct request *request);
void reply_bytes(struct request *request, int status, const char *type, struct bytes body);
void reply_text(struct request *request, int status, const char *type, const char *text);
void reply_json(struct request *request, int status, json_t *body); /* takes the reference */
void reply_error(struct request *request, int status, const char *code, const char *message, const char *next);
void reply_redirect(struct request *request, int status, const char *location);
/* Before the reply: an additional header. */
void reply_header(struct request *request, const char *name, const char *value);

/* ---- streams: server-sent events and other endless bodies ---- */
struct stream;
/* Answers 200 with `type` and leaves the body open. `closed` is called once, when the peer has gone, stream_end() was called, the
 * session that opened it has ended, or the door closes; never from inside of a call of these functions. The stream is gone then.
 * A reader that lets more than `buffer_bytes` wait is cut off (stream_write returns false and `closed` follows). */
struct stream *reply_stream(struct request *request, const char *type, size_t buffer_bytes,
                            void (*closed)(void *context), void *context);
bool stream_write(struct stream *stream, struct bytes bytes);
/* "id: …\nevent: …\ndata: …\n\n"; data without line breaks. A comment line goes out by itself every 15 s. */
bool stream_event(struct stream *stream, uint64_t id, const char *event, const char *data);
size_t stream_waiting(const struct stream *stream); /* bytes not yet taken by the peer */
void stream_end(struct stream *stream);
