/* From a measure to the cases behind it. */
#pragma once

#include "proto/base/arena.h"
#include "proto/store/case_index.h"
#include "proto/store/indicator.h"
#include "proto/store/store.h"

struct indicator_cases {
    uint64_t with,
        without; /* cases that count under all of these measures and none of those; all of one anchor, `with` not empty */
    enum dimension dimension;
    bool (*has)(void *context, const char *name); /* the names that are meant; NULL: all */
    void *context;
    char from_day[CASE_DAY_TEXT], to_day[CASE_DAY_TEXT]; /* local, both included */

    /* Where to go on, as the last visit left it; 0, 0 at first. Newest first. */
    int64_t after_order, after_id;
    int64_t look_at; /* so many cases at most are looked at a visit; 0: all */
    bool more;       /* set: that many were looked at, or the visit ended it: there may be more */
};

/* The sum of the counters over these names and days is the number of calls: a case comes once for each of the names that it counts under
 * (of departments and workers: who shared in it). `at_ms` is the moment of the anchor, `measures` all of the anchor that it counts under.
 * What is decoded lives in the arena, which is reset before each case. visit: 0 goes on, else ends after this case's names and is
 * returned. <0: a record or the store is broken. */
int indicator_visit_cases(struct txn *txn, struct indicator_cases *cases, struct arena *arena,
                          int (*visit)(void *context, const struct case_file *record, const char *name, int64_t at_ms,
                                       uint64_t measures),
                          void *context, struct fault *fault);
