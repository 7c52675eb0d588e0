/* The arguments of GET requests and GET servicerequestupdates: which reports or updates, by GeoReport v2 and the extensions of the field.
 *   service_request_id  ids, comma separated: overrides all else
 *   service_code        codes, comma separated
 *   status              open, closed, comma separated
 *   start_date, end_date  W3C times; a span of at most 90 days; without both: the last 90 days. Of updates: when they were told
 *   updated_after, updated_before  the same for updated_datetime, whenever it was reported; then in the order of the updates
 *   page, page_size     from 1; at most 1,000 a page (extension of the standard's servers)
 */
#pragma once

#include "ingest/reports.h"
#include "proto/door/door.h"

struct zone;

enum { QUERY_ROWS_MAX = 1000, QUERY_SPAN_DAYS = 90 };

struct query {
    const uint64_t *ids; /* NULL: by the filters */
    size_t id_count;
    struct reports_query filters;
};

/* The arguments as texts, NULL where absent: what a request gives, or a test. */
struct query_texts {
    const char *ids, *services, *status, *start, *end, *updated_after, *updated_before, *page, *page_size;
};

/* -EINVAL: the fault names the argument, its value and what was expected. */
int query_parse(const struct query_texts *texts, const struct zone *zone, int64_t now_ms, struct arena *arena,
                struct query *query, struct fault *fault);

/* The same for the updates of reports: ids, start, end, page and page_size. */
int query_parse_updates(const struct query_texts *texts, const struct zone *zone, int64_t now_ms, struct arena *arena,
                        struct reports_updates_query *query, struct fault *fault);

/* "17" → 17; 0 for anything that is no id (ids begin with 1). */
uint64_t query_id(const char *text, size_t length);
