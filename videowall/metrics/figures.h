/* The wall's figures: how many cases are open, due, overdue, closed, by department, hour and area. All of them come from one snapshot
 * of the cases environment, so that they agree with each other and each is a count of cases that the lists show (invariant I9).
 *
 * "due" and "overdue" go by a case's nearest clock that still waits (case_nearest_deadline_ms), as the desk's queue is ordered:
 * overdue: the deadline is as_of_ms or earlier; due: it is within FIGURES_DUE_MS after that and its warn point has passed (a stage clock of
 * 15 minutes is not due all its life). A department's cases are those that wait for one of its tasks.
 */
#pragma once

#include "proto/book/book.h"
#include "proto/record/case.h"
#include "proto/store/store.h"

enum { FIGURES_DUE_MS = 3600 * 1000, FIGURES_HOURS = 24, FIGURES_NEWEST = 8, FIGURES_PINS = 200 };

struct figures_count {
    int64_t open, due, overdue; /* open counts all of them */
};
struct figures_department {
    const struct book_department *department;
    struct figures_count count;
};
struct figures_hour {
    int64_t reported, closed;
};
/* An area with open cases. */
struct figures_area {
    const char *code;
    struct figures_count count;
};

/* A case that stands on the map by itself: overdue or due, at a known place. */
struct figures_pin {
    double lat, lon;
    bool overdue;
};

struct figures {
    uint64_t seq;     /* of the last notice that the snapshot holds */
    int64_t as_of_ms; /* the now that deadlines were compared with */
    struct figures_count all;
    int64_t reported_today, closed_today;   /* the district's local day */
    int64_t states[CASE_STATE_COUNT];       /* cases in each state */
    int64_t triage;                         /* wait without a routing rule */
    struct figures_department *departments; /* all of the book, in its order */
    size_t department_count;
    struct figures_hour hours[FIGURES_HOURS]; /* of today */
    size_t hour_count;                        /* those that have begun */
    struct figures_area *areas;
    size_t area_count;
    struct figures_pin pins[FIGURES_PINS]; /* the longest overdue first, then those that are due next */
    size_t pin_count;
    struct case_file newest[FIGURES_NEWEST]; /* by time of the report, newest first */
    size_t newest_count;
};

/* Days and hours follow case_index_set_zone(). Everything lives in the arena and the book. <0: a record or the store is broken. */
int figures_read(struct txn *txn, const struct book *book, int64_t now_ms, struct arena *arena, struct figures *figures,
                 struct fault *fault);
/* Is the case due, as above? */
bool figures_is_due(const struct case_file *record, int64_t now_ms);
