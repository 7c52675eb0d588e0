/* Other cities: cases of a department that stands for one are handed on to its Open311 endpoint (sources.yaml: cities), and what it says of them
 * comes back as events, by which the engine lets the case move as that department's liaison could move it.
 *
 * Our cases are read from snapshots; what is with the department and has no handover yet is handed on. A report carries a token of ours as
 * Idempotency-Key, which stays the same until an answer was heard and is durable here. What fails is tried again later and later. One call to
 * a city at a time.
 */
#pragma once

#include "ingest/intake.h"
#include "ingest/reports.h"
#include "proto/base/loop.h"
#include "proto/book/book.h"

struct cities;

struct cities_options {
    struct loop *loop;
    const struct book *book;
    struct event_log *log;
    struct intake *intake;
    struct reports *reports;
    const char *keys; /* folder of the key files */
};
int cities_open(const struct cities_options *options, struct cities **out, struct fault *fault);
void cities_close(struct cities *cities); /* takes NULL; the loop must not run any more */
