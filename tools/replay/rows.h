/* The rows of a city's request file, each checked before anything is sent: a row that cannot be right is refused with a reason.
 *
 * Columns, found by the header: open_dt, type (needed); target_dt, closed_dt, ontime, case_title, location, latitude, longitude,
 * case_enquiry_id (used where there). Times are local times of the book's zone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/fault.h"

struct zone;

enum verdict { VERDICT_NONE, VERDICT_ON_TIME, VERDICT_OVERDUE };

struct row {
    size_t line;
    const char *id, *type, *title, *location, *latitude, *longitude;
    int64_t opened_ms, target_ms, closed_ms; /* 0: not given */
    enum verdict verdict;
    bool has_rule; /* the city's table of limits has its type */
    /* what became of it */
    uint64_t receipt; /* 0: not accepted */
    const char *number, *department;
    bool refused, received, disposed, lost;
    bool close_waits;       /* its closing has come, its case not yet */
    int64_t waits_since_ms; /* monotonic; for the close that waits */
    bool verified;
};

struct rows {
    struct arena arena;
    struct row *items;
    size_t count;          /* good ones, in order of opening */
    size_t total, refused; /* of the file */
    size_t capacity;
};

/* `refuse` is called for each refused row: "line 17: closed_dt … is before open_dt …". limit 0: all rows. */
int rows_load(struct rows *rows, const char *path, const struct zone *zone, size_t limit,
              void (*refuse)(const char *why), struct fault *fault);
/* Marks the rows whose type stands in the first column of the CSV file; returns how many types it has, or <0. */
int rows_mark_rules(struct rows *rows, const char *path, struct fault *fault);
void rows_finish(struct rows *rows); /* safe on a zeroed struct */
