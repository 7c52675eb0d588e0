/* Tables as comma-separated values (RFC 4180): a header line, quoted cells, "" inside them, line ends within quotes. */
#pragma once

#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct table_row {
    size_t line; /* where it begins, from 1 */
    const char *const *cells;
};

struct table {
    struct arena arena;
    struct table_row header;
    size_t column_count;
    struct table_row *rows;
    size_t row_count;
};

/* -EINVAL: "line 12 has 3 cells; expected 4 as in the header". table_finish() is due in any case. */
int table_read(struct bytes bytes, struct table *table, struct fault *fault);
void table_finish(struct table *table);
/* column_count where there is none of that name. */
size_t table_column(const struct table *table, const char *name);
