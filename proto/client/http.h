/* HTTP as a client, in our loop: the one room of libcurl. For feeds that are polled, cameras that are asked, the simulated city and the replays.
 *
 * Connections are kept and shared. Everything runs in the loop's thread; callbacks may start new calls. http and https only; a redirection
 * is an answer like others, and not followed.
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
    const char *user;         /* for Digest (RFC 7616), which the server asks for, never for Basic; NULL: nobody */
    const char *password;     /* of the user */
    const char *header;       /* one more header line, "Name: value"; NULL: none */
    const char *header_too;   /* and one more */
    bool direct;              /* not by a proxy that the environment names: what is called is in our own network */
    bool any_certificate;     /* of https: not judged, as cameras sign their own */
    int64_t answer_bytes;     /* a larger answer is none; 0: no limit */
    int64_t timeout_ms;       /* 0: 30 s */
};

/* status 0: no answer came (`body` then says why, for a log line). */
typedef void http_done(void *context, int status, struct bytes body);
void http_send(struct http *http, const struct http_call *call, http_done *done, void *context);
/* A header of the answer, for `done` while it runs; NULL where there is none. */
const char *http_answer_header(const struct http *http, const char *name);
/* Calls under way. */
size_t http_waiting(const struct http *http);

/* A body without end: `data` gets it piece by piece; `closed` is called once when the server ends it or the connection breaks. */
struct http_stream;
struct http_stream *http_stream_open(struct http *http, const struct http_call *call,
                                     void (*data)(void *context, struct bytes piece),
                                     void (*closed)(void *context, int status), void *context);

/* Breaks the connection off; `closed` is not called. */
void http_stream_close(struct http_stream *stream);

/* Appends `link`, a reference that stood in the document `base` (RFC 3986), as a whole address, and its host with the port to `host`. -EINVAL:
 * no address, or one of another scheme than http and https. */
int http_resolve(const char *base, const char *link, struct buffer *url, struct buffer *host, struct fault *fault);

/* application/x-www-form-urlencoded: appends "&name=value", escaped. */
void form_append(struct buffer *form, const char *name, const char *value);
