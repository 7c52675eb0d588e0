/* Inside the cases environment: what case_put() derives from a case. Nobody else includes this. */
#pragma once

#include "proto/store/case_index.h"
#include "proto/store/key.h"
#include "proto/store/store.h"
#include "proto/store/tally.h"

/* a + b + c + d, without a format to parse: this runs some forty times a case_put(). The parts' limits are those of the record. */
struct name {
    char text[CASE_INDEX_NAME];
};
const char *name_join(struct name *name, const char *a, const char *b, const char *c, const char *d);

/* The places that a case has in the lists, each once. They point into it, and live until that scratch slot is used again. */
struct index_places {
    const struct index_entry *items;
    size_t count;
};
struct index_places index_places_of(struct txn *txn, int slot, const struct case_file *record);
struct key index_key(const struct index_entry *entry, int64_t id);
void index_apply(struct txn *txn, const struct case_file *old, const struct case_file *record);
void counter_apply(struct txn *txn, const struct case_file *old, const struct case_file *record);
void indicator_apply(struct txn *txn, const struct case_file *old, const struct case_file *record);

/* A transaction collects what its cases change in counters and indicators, and writes it once, before its commit and before somebody reads
 * them in it. */
enum { TALLY_OF_COUNTERS, TALLY_OF_INDICATORS };
void counter_write_changes(struct txn *txn);
/* The number as it can be stored: 0 or `most` where it would be outside. So it is where the days and hours of the past have moved since they
 * were counted, as by an update of the tz database: that makes figures wrong, and must not end the dispatcher. The log says so once, the
 * metrics how often. */
int64_t counter_bounded(const char *name, int64_t value, int64_t most);
void indicator_write_changes(struct txn *txn);

/* Recount: adds the measures of one more case to rows as they are stored (indicator_count.h), by their keys; then compares them with those
 * that are, and tells each number that differs by its name as a counter. Returns how many numbers the rows have. */
void indicator_add_case(struct tally *rows, const struct case_file *record);
uint64_t indicator_compare(struct txn *txn, struct tally *rows,
                           void (*differs)(void *context, const char *counter, int64_t stored, int64_t counted),
                           void *context);
