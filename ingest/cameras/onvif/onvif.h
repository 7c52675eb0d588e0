/* ONVIF devices: where their pictures are, and how they are turned. All in the loop's thread, nothing waits.
 *
 * An address of the book (proto/book/onvif.h) stands for a stream that the device is asked for (inquiry.h). What it says is remembered until the
 * stream is lost; then it is asked anew. An inquiry goes on when nobody waits for it any more, so that a slow device is found at the next try. A
 * device that refuses our password is left alone for a while (refusals.h), whatever is wanted of it.
 */
#pragma once

#include "ingest/cameras/source.h"
#include "proto/base/loop.h"

struct onvif;
struct refusals;

/* `refusals` is the caller's, until the end. */
int onvif_open(struct loop *loop, struct refusals *refusals, struct onvif **onvif, struct fault *fault);
void onvif_close(struct onvif *onvif); /* takes NULL; nobody is answered any more */

/* Somebody who waits for a stream's address. In the caller's memory, zeroed but for the first two. */
struct onvif_question {
    /* Once: the stream, rtsp://…, which lives during the call; or code < 0 and why, in at most 199 bytes. */
    void (*answered)(void *context, int code, const char *text);
    void *context;
    struct onvif_question *next, **link; /* link NULL: nothing is awaited */
};

/* 0: *stream is the address, which lives until the next call; 1: the question is answered later; <0: it cannot be. */
int onvif_find(struct onvif *onvif, const char *url, struct onvif_question *question, const char **stream,
               struct fault *fault);
void onvif_leave(struct onvif_question *question); /* whether it was answered or not */
/* The stream that was found is not there any more. */
void onvif_lost(struct onvif *onvif, const char *url);

/* As source_ops.move has it. A device that was never asked is asked first; then what goes wrong is told in the log. Of orders that come while one
 * is under way the last one counts. */
int onvif_move(struct onvif *onvif, const char *url, const struct source_move *move, struct fault *fault);
