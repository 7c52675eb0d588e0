/* A table of cases with the department and rule that are expected of the routing: what a district checks its rules with before they are
 * used (drumctl route test). The file is no part of a book: a book reads district.yaml … and what these name, nothing else in its
 * folder, so that a table may lie there without changing the book's version.
 *
 *   defaults: {time: "2026-03-02 10:00", source: resident}   # for cases that do not say
 *   cases:
 *     - why: 井盖缺失，夜间                                      # for whoever reads a difference
 *       service: P0101
 *       condition: missing        # left out: the service's first
 *       area: "110199001001001"   # or lat and lon, or none of them
 *       source: worker            # left out: resident
 *       priority: 1               # left out: the condition's, else the service's
 *       time: "2026-03-02 23:00"  # local, or with its offset
 *       department: water         # expected; or triage: true, where no rule is to have it
 *       rule: covers              # expected: its name, or "routing.yaml:12"; left out: any
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/book/book.h"

struct route_case {
    size_t line;
    const char *why;         /* "" */
    struct case_file record; /* service, condition, place, source, priority */
    int64_t at_ms;
    const struct book_department *department; /* NULL: triage */
    const char *rule;                         /* "" */
};

struct route_cases {
    struct arena arena;
    const struct route_case *cases;
    size_t count;
};

/* Like book_load(): -EINVAL with the first error, each told to `report`. route_cases_finish() is due in any case. */
int route_cases_read(const struct book *book, const char *path, struct route_cases *cases,
                     void (*report)(void *context, const char *error), void *context, struct fault *fault);
void route_cases_finish(struct route_cases *cases); /* safe on a zeroed struct */

/* Whether the answer of book_route() is what the case expects. */
bool route_case_holds(const struct route_case *expected, const struct book_route *route,
                      const struct book_department *department);
