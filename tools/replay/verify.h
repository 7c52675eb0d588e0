/* Reads every accepted request back through the Open311 door and compares with what the city's own system had computed.
 *   limit     expected_datetime against target_dt, for rows whose type has a rule and that have a target: within 180 s
 *   on time   the engine's verdict (did the dispose clock fire before the department reported?) against the column ontime, for rows
 *             of these that were closed
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/client/http.h"
#include "tools/replay/daemons.h"
#include "tools/replay/rows.h"

enum { VERIFY_WITHIN_MS = 180 * 1000, VERIFY_ASK = 100 };

struct verify {
    /* given */
    struct loop *loop;
    struct http *http;
    const struct daemons *daemons;
    struct rows *rows;
    void (*finished)(void *context);
    void *context;
    /* found */
    size_t read, cases, compared, within, ontime_compared, ontime_agree;
    size_t lost; /* accepted, and not there any more */
    /* own */
    const char **numbers; /* the case of each that was read */
    size_t next;          /* row */
    struct row *asked[VERIFY_ASK];
    size_t asked_count;
    int tries;
    struct loop_timer again;
};

void verify_start(struct verify *verify);
void verify_finish(struct verify *verify); /* safe on a zeroed struct */
