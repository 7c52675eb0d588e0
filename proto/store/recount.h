/* Recount: every list and counter computed anew from the cases and compared with what is stored (invariant I9). */
#pragma once

#include "proto/base/fault.h"
#include "proto/store/store.h"

enum { RECOUNT_DIFFERS = 1 };

/* Zeroed but for what is given. */
struct recount {
    void (*progress)(void *context, uint64_t done, uint64_t all); /* given: with each case; NULL: nobody asks */
    void *progress_context;
    uint64_t cases, counters, list_entries; /* what the cases give */
    uint64_t differences;
};

/* 0: all agree; RECOUNT_DIFFERS: `differs` was called with each counter ("counter open/dept/water"), list ("list open: case 17")
 * or table ("table numbers") that does not. The zone of case_index.h must be the one that the counters were written with.
 * Reads every case in one transaction: for the administrator and for tests. */
int case_recount(struct txn *txn, struct recount *recount,
                 void (*differs)(void *context, const char *what, int64_t stored, int64_t counted), void *context,
                 struct fault *fault);
