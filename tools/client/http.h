/* HTTP as a client, in our loop: the one room of libcurl. For the simulated city and the replays, which talk to the doors only.
 *
 * Connections are kept and shared. Everything runs in the loop's thread; callbacks may start new calls.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"

struct http;

int http_create(struct loop *loop, struct http **http, struct fault *fault);
void http_destroy(struct http *http); /* ends what is under way without calling back; takes NULL */

struct http_call {
    const char *method; /* "GET", "POST" … */
    const char *url;
    const char *content_type; /* of the body; NULL without one */
    struct bytes body;        /* copied */
    const char *token;        /* session; NULL: none */
    const char *header;       /* one more header line, "Name: value"; NULL: none */
    int64_t timeout_ms;       /* 0: 30 s */
};

/* status 0: no answer came (`body` then says why, for a log line). */
typedef void http_done(void *context, int status, struct bytes body);
void http_send(struct http *http, const struct http_call *call, http_done *done, void *context);
/* Calls under way. */
size_t http_waiting(const struct http *http);

/* A body without end: `data` gets it piece by piece; `closed` is called once when the server ends it or the connection breaks. */
struct http_stream;
struct http_stream *http_stream_open(struct http *http, const struct http_call *call,
                                     void (*data)(void *context, struct bytes piece),
                                     void (*closed)(void *context, int status), void *context);

/* Breaks the connection off; `closed` is not called. */
void http_stream_close(struct http_stream *stream);

/* application/x-www-form-urlencoded: appends "&name=value", escaped. */
void form_append(struct buffer *form, const char *name, const char *value);
