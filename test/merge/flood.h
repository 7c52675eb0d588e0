/* Floods: what a district's streets send when several things go wrong at once, from a seed, with the truth of which report is about what.
 *
 * In a square of 500 m some incidents of different services, and now and then a second one of the same service a good way off, each reported by
 * many within its hours; between them what has nothing to do with any of them. A reporter stands within the extent of the trouble (a third of the
 * service's radius) and is off by what a telephone between houses is (12 m). Of a hundred, some say no position, get a geocoder's fallback, give
 * their home instead, choose the wrong service, or send it twice.
 */
#pragma once

#include "proto/book/book.h"
#include "proto/record/event.h"
#include "test/sim/chance.h"

enum { FLOOD_ALONE = -1 };

struct flood_report {
    int incident; /* FLOOD_ALONE: it is about none of them */
    int64_t at_ms;
    struct event event;
};
struct flood {
    struct flood_report *reports; /* in order of time */
    size_t count, room;
    int incidents;
    struct arena arena;
};

/* The book must have services that are merged by place. */
void flood_make(struct flood *flood, const struct book *book, uint64_t seed, int64_t from_ms);
/* One incident: `count` reports of it within `within_ms`, and nothing else; of the book's service `code`. */
void flood_burst(struct flood *flood, const struct book *book, const char *code, int count, int64_t within_ms,
                 uint64_t seed, int64_t from_ms);
void flood_finish(struct flood *flood); /* safe on a zeroed struct */
