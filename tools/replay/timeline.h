/* The replay itself: every row is posted at its opening and disposed at its closing, in the order of virtual time.
 *
 * The virtual clock moves on only when everything of its present second is answered. What has no moment of its own, learning a case's
 * number and confirming its receipt at the department, goes on beside it. Calls of one second are in flight together.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "proto/client/http.h"
#include "tools/replay/daemons.h"
#include "tools/replay/rows.h"

struct desk; /* a department's liaison, signed in */

enum { TIMELINE_LOOK_ROWS = 32 }; /* cases asked for in one call */

struct timeline {
    /* given */
    struct loop *loop;
    struct http *http;
    const struct book *book;
    const struct daemons *daemons;
    struct rows *rows;
    double speed; /* virtual seconds a second; 0: as fast as it goes */
    /* found */
    size_t accepted, refused, disposed, problems; /* problems: accepted rows whose closing could not be done */
    /* own */
    struct action *actions; /* by time */
    size_t action_count, next;
    size_t gating;        /* calls of the present second that are not answered */
    size_t beside;        /* receipts under way */
    struct row **unknown; /* rows whose case is not known, oldest first */
    size_t unknown_count;
    size_t closes_waiting;                 /* rows that the clock waits for: unknown, or not received yet */
    struct row *asked[TIMELINE_LOOK_ROWS]; /* unknown ones in the look that is under way */
    size_t asked_count;
    bool looking;
    struct loop_timer look_again, pace;
    struct desk *desks;
    int64_t now_ms, started_mono_ms;
    void (*finished)(void *context);
    void *context;
    bool done;
};

/* Signs the liaisons in and begins; `finished` is called when the last row is done. */
int timeline_start(struct timeline *timeline, struct fault *fault);
void timeline_finish(struct timeline *timeline); /* safe on a zeroed struct */
