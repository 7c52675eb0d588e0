/* Shapes: what tables and columns our rows have in PostgreSQL, and a row as its fields, in the server's binary format. */
#pragma once

#include "proto/base/arena.h"
#include "tools/benches/peers.h"

enum { SHAPE_COLUMNS_MAX = 16 };

/* Types by their ids in pg_type. */
enum { TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25 };

struct shape_column {
    const char *name;
    int type;
};

struct shape {
    const struct shape_column *columns; /* the first is the key */
    size_t column_count;
    const char *indexes; /* SQL; "" none */
};

/* NULL: the rows of that table (enum case_table) are no rows there. */
const struct shape *shape_of(enum postgres_shape kind, int table);

/* The SQL that makes the table, and those of the statements that change it by arrays of columns ($1 …; a deletion takes keys only). */
const char *shape_sql_make(const struct shape *shape, const char *table, struct arena *arena);
const char *shape_sql_change(const struct shape *shape, const char *table, enum net_kind kind, struct arena *arena);

/* Appends the fields of one row: field i to out[i], which may all be the same buffer. */
int shape_put(const struct shape *shape, struct bytes key, struct bytes value, struct buffer *const *out,
              struct arena *arena, struct fault *fault);
