/* What the parts of drumctl whatif share: what came of the recorded inputs then, and what would have come of them. */
#pragma once

#include <jansson.h>

#include "dispatcher/whatif.h"
#include "proto/door/indicator_report.h"
#include "tools/drumctl/look.h"

/* How a case stands to its promise. */
#define TIMINGS(X) \
    X(TIMING, NONE, "none")       /* there is no such case */ \
    X(TIMING, OPEN, "open")       /* and in time so far */ \
    X(TIMING, IN_TIME, "in_time") /* disposed in time */ \
    X(TIMING, LATE, "late")       /* its limit has passed, whether it is disposed or not */ \
    X(TIMING, ENDED, "ended")     /* without a disposal */
ENUM_DECLARE(timing, TIMINGS)
#define TIMING_COUNT (TIMING_ENDED + 1)

struct whatif_comparison {
    struct txn *then, *now;
    const struct book *book;   /* the other one: names, tiers */
    struct days days;          /* the figures' */
    int64_t from_ms, until_ms; /* of the cases those that were reported then; 0: no end */
    int64_t limit;             /* how many cases are listed */
};

/* Adds "indicators" and "departments": {"recorded": …, "what_if": …} of each. */
int whatif_compare_figures(const struct whatif_comparison *comparison, json_t *root, struct fault *fault);
/* Adds "timings", "cases_differing" and "cases": those whose timing differs, matched by the report that opened them. */
int whatif_compare_cases(const struct whatif_comparison *comparison, json_t *root, struct fault *fault);
/* All of it for a person. */
void whatif_print(const json_t *root, const struct zone *zone);
