/* Comma-separated values by RFC 4180, plain or .gz: quoted fields with commas, doubled quotes and line breaks in them.
 * A record that breaks the rules is told as such and the reading goes on with the next line: one bad row costs no other.
 */
#pragma once

#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct csv {
    struct buffer bytes; /* the whole file */
    size_t at;
    size_t line;        /* of `at`, from 1 */
    struct arena arena; /* of the current record */
    struct buffer field;
};

/* One record; its texts live until the next one. */
struct csv_record {
    size_t line; /* where it begins */
    const char **fields;
    size_t count;
};

int csv_open(struct csv *csv, const char *path, struct fault *fault);
/* Bytes instead of a file, copied. */
void csv_open_bytes(struct csv *csv, struct bytes bytes);
void csv_close(struct csv *csv); /* safe on a zeroed struct */

enum { CSV_RECORD = 0, CSV_END = 1, CSV_BAD = 2 };
/* CSV_BAD: record->line is set and the fault says what is wrong. Empty lines are passed over. */
int csv_next(struct csv *csv, struct csv_record *record, struct fault *fault);
