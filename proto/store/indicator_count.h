/* The measures of indicator.h as counters in the cases environment: a row for each dimension, day and name, with a number for each
 * measure; no row where all are 0. case_put() keeps them, so that they agree with the cases at any commit (invariant I9).
 *
 * One row instead of a counter for each measure: a case that moves on changes several of them at once, and who asks reads all of them.
 * Rows of a day stand together, so that a commit touches few pages.
 *
 * Key: DIMENSION/DAY/NAME ("dept/2026-01-05/water"); value: MEASURE_COUNT numbers be32, fewer in a row that was written before the last
 * measures were thought of.
 */
#pragma once

#include "proto/store/case_index.h"
#include "proto/store/indicator.h"
#include "proto/store/store.h"

struct indicator_counts {
    int64_t of[MEASURE_COUNT];
};

/* Every row of a dimension with from_day ≤ day ≤ to_day (as case_local_day() says them), by day, in it by name. visit: 0 goes on, else
 * ends and is returned. */
int indicator_visit(struct txn *txn, enum dimension dimension, const char *from_day, const char *to_day,
                    int (*visit)(void *context, const char *day, const char *name,
                                 const struct indicator_counts *counts),
                    void *context);

/* One number; as a name among the counters (case_index.h) "due/2026-01-05/dept/water", of the district "due/2026-01-05". */
struct indicator_counter {
    enum measure measure;
    enum dimension dimension;
    char day[CASE_DAY_TEXT];
    const char *name;
};
int64_t indicator_count(struct txn *txn, const struct indicator_counter *counter);
/* False where the text is no such name; counter->name points into it. */
bool indicator_counter_parse(const char *text, struct indicator_counter *counter);
/* Returns out. */
const char *indicator_counter_text(char out[CASE_INDEX_NAME], const struct indicator_counter *counter);
