/* One struct connection per socket: counted, timed, dropped.
 *
 * libmicrohttpd calls the accept policy and "started" for a new one, "closed" at its end; what comes between is in exchange.h. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/loop.h"
#include "proto/door/peer.h"

struct connection {
    struct connections *all;
    struct MHD_Connection *mhd;
    int fd;
    struct peer *peer;
    struct request *request;     /* NULL between two requests; opaque here */
    bool asked;                  /* a request has begun on it */
    int64_t due_ms;              /* monotonic; what it is doing must be done by then */
    bool timed;                  /* it stands in the list by due_ms */
    bool dropped;                /* shut down by us; libmicrohttpd will notice */
    struct connection *previous; /* in that list */
    struct connection *next;
};

/* All of a door. */
struct connections {
    struct loop *loop;
    int64_t most, most_per_address;
    int64_t total_ms; /* what a connection is doing must be done within */
    bool tls;
    void (*overdue)(struct connection *connection); /* its request took too long: ends the one or the other */
    bool closing;
    struct peers peers;
    int64_t count;
    struct connection *soonest, *latest; /* by due_ms */
    struct loop_timer due_timer;
};
/* The fields up to `overdue` are the caller's. */
void connections_open(struct connections *connections);
void connections_finish(struct connections *connections);

/* For libmicrohttpd; the context is struct connections. */
enum MHD_Result connection_allowed(void *context, const struct sockaddr *address, socklen_t size);
void connection_changed(void *context, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode code);

/* What it is doing now must be done within `total_ms`, and `extra_ms` for a long answer. */
void connection_expect(struct connection *connection, int64_t extra_ms);
void connection_untimed(struct connection *connection);
/* Ends it at once; status 408 or 413 is said first where nothing else has been said and TLS does not forbid it. */
void connection_drop(struct connection *connection, int status);
