/* Feeds of alerts: polled over HTTP or in a folder, each alert once into the log.
 *
 * One poll: the index (with ETag and Last-Modified of the last whole poll: an unchanged one costs nothing), then each entry that was not
 * seen yet, one after the other, as a later one may refer to an earlier. What the index says is remembered only once all of its alerts are
 * durable; an entry that failed is asked for again at the next poll. Entries come from the feed's own host, or one that the book names.
 */
#pragma once

#include "ingest/intake.h"
#include "proto/book/book.h"

struct feeds;

struct feeds_options {
    struct loop *loop;
    const struct book *book;
    struct event_log *log;
    struct intake *intake; /* opened before */
};

/* *out is NULL where the book has no feed. */
int feeds_open(const struct feeds_options *options, struct feeds **out, struct fault *fault);
void feeds_close(struct feeds *feeds); /* takes NULL; the loop must not run any more */
