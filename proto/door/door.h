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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"
#include "proto/base/loop.h"
#include "proto/door/form.h"
#include "proto/door/reply.h"
#include "proto/door/request.h"
#include "proto/door/stream.h"
#include "proto/record/lifecycle.h"

struct door;
struct accounts; /* account.h */

struct door_options {
    const char *listen;             /* "127.0.0.1:8311", "[::]:8311"; port 0 takes a free one */
    const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
    const char *cookie; /* name of the session's cookie; NULL: "dt_session_PORT" (browsers share cookies between
                                       the ports of a host, so two doors with one name would sign each other out) */
    /* 0: a default. body_memory_bytes: all bodies that are being held at once; those of one address may take a quarter of it, or be one whole body */
    int64_t connections, connections_per_address, header_bytes, body_bytes, body_memory_bytes, request_seconds;
    int64_t sign_in_failures, lock_seconds, lock_seconds_most, address_failures_per_minute; /* session.h */
};

int door_open(struct loop *loop, const struct door_options *options, struct door **door, struct fault *fault);
void door_close(struct door *door);                /* takes NULL */
const char *door_address(const struct door *door); /* "http://127.0.0.1:8311" with the port really taken */
/* reason: NULL = ready; otherwise /readyz answers 503 with it. */
void door_set_ready(struct door *door, const char *reason);

/* path: "/api/cases/{number}/{verb}"; a last "{rest*}" takes the rest with its slashes. roles: ROLE_BIT()s allowed to call it, 0 = anybody
 * (the door then needs no session). body_bytes: 0 = no body is taken, -1 = the door's limit. Literal segments win over parameters. */
int door_route(struct door *door, const char *method, const char *path, unsigned roles, int64_t body_bytes,
               door_handler *handler, void *context, struct fault *fault);
/* Files under `folder` at `prefix`: ETag, Last-Modified, precompressed .gz beside the file, 304, no listing, no dot files.
 * immutable: may be kept for a year (hashed names); otherwise revalidated each time. */
int door_static(struct door *door, const char *prefix, const char *folder, bool immutable, struct fault *fault);

/* Gives the door its sessions: POST /api/session {login, password} → cookie and {"token", "role", …}; GET and DELETE /api/session.
 * Routes with roles answer 401 or 403 from here on. */
int door_use_accounts(struct door *door, struct accounts *accounts, struct fault *fault);
