/* View: the cases as they were committed last, and the notices that led there. Everybody in the simulation looks at this; most checkers of
 * single steps stand where it is renewed.
 */
#pragma once

#include "proto/record/case.h"
#include "proto/record/notice.h"
#include "test/sim/tape.h"

struct sim;

/* What is known of a clock beside its record. */
struct seen_clock {
    int64_t before_ms, seen_ms; /* it was armed after the one and not after the other, by the engine's time */
    int64_t book;               /* that was at work then */
    int64_t deadline_ms;        /* that it was armed with */
    /* Its case was part of another one from then to then, the last time: what came due meanwhile is told at the end of that. */
    int64_t merged_ms, unmerged_ms;
};

struct seen_case {
    struct case_file record;
    struct arena arena; /* of the record */
    struct birth birth;
    struct seen_clock *clocks; /* one a clock of the record */
    size_t clock_room;
    bool touched;         /* by the turn under way */
    uint64_t lookers;     /* bits by person: they will look at it anyway */
    int64_t acted_on;     /* the revision on which somebody has acted: what comes of it is awaited */
    bool worker_is_named; /* a person wanted a worker: on duty or not */
};

struct view {
    struct seen_case *cases; /* of id i + 1 */
    size_t count, room;
    size_t *touched;
    size_t touched_count, touched_room;
    int64_t *first_births; /* by seq: the first case that it opened; 0: none */
    size_t birth_room;
    uint64_t heard; /* last notice */
    int64_t engine_ms;
    struct arena spare, scratch;
};

/* After a commit: reads what is new, checks each step on the way, and lets the people hear it where there are people. */
void view_renew(struct sim *sim);
/* Looks at every case once more, heard of or not. */
void view_renew_all(struct sim *sim);
void view_finish(struct view *view); /* safe on a zeroed struct */

struct seen_case *view_case(struct view *view, int64_t id); /* NULL: not there */
/* NULL: there is none any more, or not yet. */
struct seen_case *view_born(struct view *view, struct birth birth);
