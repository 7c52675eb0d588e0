/* Workload: what a district's people would do with its cases, in order of time: residents report at a steady rate; operators, workers
 * and liaisons take every case on to its end, some of them late, so that clocks warn and run out. Seeded: the same numbers give the same
 * inputs as long as the engine decides the same.
 *
 * Who acts looks at the case as it was committed last, as a person at a page does; one input a case and turn.
 */
#pragma once

#include "proto/book/book.h"
#include "proto/record/notice.h"
#include "proto/store/store.h"

struct workload_plan {
    const struct book *book;
    int64_t reports;
    int64_t reports_per_hour; /* of the workload's own time */
    int64_t start_ms;
    uint64_t seed;
};

/* The inputs of one turn, as bytes, in the batch's arena. */
struct batch {
    int64_t now_ms;
    struct batch_input {
        enum input_kind kind; /* INPUT_EVENT or INPUT_COMMAND */
        struct bytes bytes;
    } * inputs;
    size_t count, room;
    struct arena arena;
};
void batch_clear(struct batch *batch);
void batch_add(struct batch *batch, enum input_kind kind, struct bytes bytes); /* keeps a copy */
void batch_finish(struct batch *batch);                                        /* safe on a zeroed struct */

struct workload; /* one at a time looks at a store */

struct workload_counts {
    int64_t reported, closed;
    int64_t joined; /* became a further voice of somebody else's case */
    int64_t stuck;  /* nobody found anything to do, or all that was tried was refused */
};

struct workload *workload_create(const struct workload_plan *plan);
void workload_destroy(struct workload *workload); /* takes NULL */
/* Fills `batch` with up to `max` inputs for the next turn. 0, 1 where all is done, <0. */
int workload_next(struct workload *workload, struct store *store, size_t max, struct batch *batch, struct fault *fault);
const struct workload_counts *workload_counts(const struct workload *workload);

/* The same sequence for the same seed: splitmix64. */
uint64_t workload_random(uint64_t *state);
/* Some grid of the book. */
const struct book_area *workload_grid(const struct book *book, uint64_t *random);
/* One report as ingest would append it; `by_desk`: of a service that the desk accepts, not the book. */
struct bytes workload_report(const struct book *book, bool by_desk, uint64_t *random, int64_t seq, int64_t at_ms,
                             struct arena *arena);
