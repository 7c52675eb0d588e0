#include "tools/benches/postgres_shape.h"

#include <string.h>

#include "proto/store/case_index.h"
#include "proto/store/case_store.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct shape_column pair_columns[] = { { "key", TYPE_BYTEA }, { "value", TYPE_BYTEA } };

/* What proto/store/case_index.h makes lists of, as columns. */
static const struct shape_column case_columns[] = {
    { "key", TYPE_BYTEA },        { "value", TYPE_BYTEA },    { "number", TYPE_TEXT },  { "dept", TYPE_TEXT },
    { "worker", TYPE_TEXT },      { "area", TYPE_TEXT },      { "owner", TYPE_TEXT },   { "state", TYPE_INT8 },
    { "left_ms", TYPE_INT8 },     { "due_ms", TYPE_INT8 },    { "is_open", TYPE_INT8 }, { "triage", TYPE_INT8 },
    { "reported_ms", TYPE_INT8 }, { "closed_ms", TYPE_INT8 },
};
static const char case_indexes[] = "CREATE UNIQUE INDEX ON cases (number);"
                                   "CREATE INDEX ON cases (due_ms, key) WHERE due_ms < 9223372036854775807;"
                                   "CREATE INDEX ON cases (left_ms, key) WHERE is_open = 1;"
                                   "CREATE INDEX ON cases (state, left_ms, key);"
                                   "CREATE INDEX ON cases (dept, left_ms, key) WHERE is_open = 1 AND dept <> '';"
                                   "CREATE INDEX ON cases (worker, left_ms, key) WHERE is_open = 1 AND worker <> '';"
                                   "CREATE INDEX ON cases (area, left_ms, key) WHERE is_open = 1;"
                                   "CREATE INDEX ON cases (left_ms, key) WHERE triage = 1;"
                                   "CREATE INDEX ON cases (reported_ms, key);"
                                   "CREATE INDEX ON cases (owner, reported_ms, key) WHERE owner <> '';"
                                   "CREATE INDEX ON cases (closed_ms, key) WHERE closed_ms > 0;";

static const struct shape pair_shape = { pair_columns, COUNT(pair_columns), "" };
static const struct shape case_shape = { case_columns, COUNT(case_columns), case_indexes };

const struct shape *shape_of(enum postgres_shape kind, int table)
{
    if (kind == POSTGRES_ROWS)
        return &pair_shape;
    switch (table) {
    case TABLE_CASES:
        return &case_shape;
    case TABLE_NUMBERS: /* these two are indexes there */
    case TABLE_INDEX:
        return NULL;
    default:
        return &pair_shape;
    }
}

/* ---- SQL ---- */

static const char *type_name(int type)
{
    return type == TYPE_BYTEA ? "bytea" : type == TYPE_INT8 ? "bigint" : "text";
}

const char *shape_sql_make(const struct shape *shape, const char *table, struct arena *arena)
{
    const char *columns = "key bytea PRIMARY KEY";
    for (size_t i = 1; i < shape->column_count; i++)
        columns = arena_format(arena, "%s, %s %s NOT NULL", columns, shape->columns[i].name,
                               type_name(shape->columns[i].type));
    return arena_format(arena, "DROP TABLE IF EXISTS \"%s\"; CREATE TABLE \"%s\" (%s); %s", table, table, columns,
                        shape->indexes);
}

const char *shape_sql_change(const struct shape *shape, const char *table, enum net_kind kind, struct arena *arena)
{
    const char *arrays = "$1::bytea[]", *names = "key", *sets = "";
    for (size_t i = 1; i < shape->column_count; i++) {
        const struct shape_column *column = &shape->columns[i];
        arrays = arena_format(arena, "%s, $%zu::%s[]", arrays, i + 1, type_name(column->type));
        names = arena_format(arena, "%s, %s", names, column->name);
        sets = arena_format(arena, "%s%s%s = n.%s", sets, i > 1 ? ", " : "", column->name, column->name);
    }
    switch (kind) {
    case NET_INSERT:
        return arena_format(arena, "INSERT INTO \"%s\" SELECT * FROM unnest(%s)", table, arrays);
    case NET_UPDATE:
        return arena_format(arena, "UPDATE \"%s\" t SET %s FROM unnest(%s) AS n(%s) WHERE t.key = n.key", table, sets,
                            arrays, names);
    case NET_DELETE:
        return arena_format(arena, "DELETE FROM \"%s\" WHERE key = ANY($1::bytea[])", table);
    }
    return "";
}

/* ---- fields ---- */

static void put_field(struct buffer *out, const void *bytes, size_t size)
{
    buffer_be32(out, (uint32_t)size);
    buffer_append(out, bytes, size);
}

static void put_text(struct buffer *out, const char *text)
{
    put_field(out, text, strlen(text));
}

static void put_number(struct buffer *out, int64_t number)
{
    buffer_be32(out, 8);
    buffer_be64(out, (uint64_t)number);
}

static void put_case(const struct case_file *record, const struct task *lead, struct buffer *const *out)
{
    bool open = case_state_is_open(record->state);
    bool triage = record->no_rule && (record->state == CASE_REPORTED || record->state == CASE_ACCEPTED);
    put_text(out[2], record->number);
    put_text(out[3], lead ? lead->department : "");
    put_text(out[4], lead ? lead->worker : "");
    put_text(out[5], record->place.area);
    put_text(out[6], record->department);
    put_number(out[7], record->state);
    put_number(out[8], open ? case_nearest_deadline_ms(record) : record->closed_at_ms);
    put_number(out[9], case_next_due_ms(record));
    put_number(out[10], open);
    put_number(out[11], triage);
    put_number(out[12], record->reported_at_ms);
    put_number(out[13], record->closed_at_ms);
}

int shape_put(const struct shape *shape, struct bytes key, struct bytes value, struct buffer *const *out,
              struct arena *arena, struct fault *fault)
{
    int result = 0;
    struct case_file record;
    put_field(out[0], key.data, key.size);
    put_field(out[1], value.data, value.size);
    if (shape == &case_shape) {
        result = record_decode(&case_file_desc, value, arena, &record, fault);
        if (result == 0)
            put_case(&record, case_lead_task(&record), out);
    }
    return result;
}
