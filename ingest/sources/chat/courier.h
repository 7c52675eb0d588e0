/* The courier of a chat: brings what is owed (memory.h) to its bridge, oldest first, one at a time.
 *
 *   POST callback  {"id": …, "chat": "NAME", "group": …, "to": …, "reply_to": …, "report": "12", "text": …}, signed (signature.h)
 *
 * A 2xx is a receipt. `id` is the same at every try: an answer whose receipt was lost comes again, and the bridge drops it. 400, 410, 413 and 422
 * are a refusal for good; what else fails is tried again later and later, until the book's give_up_hours. Only of the process that leads.
 */
#pragma once

#include "ingest/intake.h"
#include "proto/base/loop.h"
#include "proto/book/sources.h"
#include "proto/client/http.h"

struct courier;

struct courier_options {
    struct loop *loop;
    struct event_log *log;
    struct intake *intake;
    struct http *http;
    const struct book_chat *chat;
    const char *keys; /* folder of the key files */
};
struct courier *courier_open(const struct courier_options *options);
void courier_close(
    struct courier *courier); /* takes NULL; the loop must not run any more, nor may `http` have calls of it */
/* Something is owed: it looks in the loop's next round, unless it waits after a failure. Takes NULL. */
void courier_wake(struct courier *courier);
