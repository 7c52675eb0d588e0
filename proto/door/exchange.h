/* An exchange: one request from its first line to the end of its answer.
 *
 * libmicrohttpd calls, in order: the URI callback (a request begins), the handler once for the head (lint, route, gate), for each piece of
 * the body, and once more at the end (the route's handler); then "completed" (the request is over).
 */
#pragma once

#include "proto/door/connection.h"
#include "proto/door/request_inside.h"
#include "proto/door/route.h"

/* The context of the callbacks. */
struct exchanges {
    struct requests requests;
    const struct routes *routes;
    int64_t header_bytes; /* the most that a head may have */
};

void *exchange_began(void *context, const char *target, struct MHD_Connection *mhd);
enum MHD_Result exchange_handle(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                                const char *version, const char *data, size_t *size, void **request_context);
void exchange_completed(void *context, struct MHD_Connection *mhd, void **request_context,
                        enum MHD_RequestTerminationCode code);
/* For struct connections. */
void exchange_overdue(struct connection *connection);
/* Answers what is deferred: libmicrohttpd ends the process if it is stopped with a suspended connection. */
void exchanges_end(struct connections *connections);
