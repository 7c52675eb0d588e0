#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "tools/benches/peers.h"

enum { SQL_BYTES = 1024, COLUMNS_MAX = 16, BYTEA_OID = 17, INT8_OID = 20, TEXT_OID = 25 };

/* A column: its name, its type, and what makes it part of an index. */
struct column {
    const char *name;
    int oid;
};

/* One of our tables there. The first column is its key. */
struct shape {
    const struct column *columns;
    size_t column_count;
    const char *extra; /* further SQL when it is made; "" none */
};

static const struct column pair_columns[] = { { "key", BYTEA_OID }, { "value", BYTEA_OID } };

/* The lists of proto/store/case_index.h as columns; NULL (here: the lowest number, the empty text) leaves a case out of an index. */
static const struct column case_columns[] = {
    { "key", BYTEA_OID },      { "value", BYTEA_OID },      { "number", TEXT_OID },      { "state", INT8_OID },
    { "dept", TEXT_OID },      { "worker", TEXT_OID },      { "area", TEXT_OID },        { "department", TEXT_OID },
    { "left_ms", INT8_OID },   { "due_ms", INT8_OID },      { "reported_ms", INT8_OID }, { "closed_ms", INT8_OID },
    { "is_open", INT8_OID },   { "triage", INT8_OID },
};
static const char case_extra[] =
    "CREATE UNIQUE INDEX ON cases (number);"
    "CREATE INDEX ON cases (due_ms, key) WHERE due_ms < 9223372036854775807;"
    "CREATE INDEX ON cases (left_ms, key) WHERE is_open = 1;"
    "CREATE INDEX ON cases (state, left_ms, key);"
    "CREATE INDEX ON cases (dept, left_ms, key) WHERE is_open = 1 AND dept <> '';"
    "CREATE INDEX ON cases (worker, left_ms, key) WHERE is_open = 1 AND worker <> '';"
    "CREATE INDEX ON cases (area, left_ms, key) WHERE is_open = 1;"
    "CREATE INDEX ON cases (left_ms, key) WHERE triage = 1;"
    "CREATE INDEX ON cases (reported_ms, key);"
    "CREATE INDEX ON cases (department, reported_ms, key) WHERE department <> '';"
    "CREATE INDEX ON cases (closed_ms, key) WHERE closed_ms > 0;";
static const struct column outbox_columns[] = { { "key", BYTEA_OID }, { "value", BYTEA_OID }, { "topic", TEXT_OID } };

static const struct shape pair_shape = { pair_columns, 2, "" };
static const struct shape case_shape = { case_columns, sizeof case_columns / sizeof *case_columns, case_extra };
static const struct shape outbox_shape = { outbox_columns, 3, "CREATE INDEX ON outbox (topic, key);" };

struct postgres {
    PGconn *connection;
    struct peer_work *work;
    enum postgres_shape shape;
    struct arena arena;
    struct buffer copy;                   /* rows to COPY */
    struct buffer arrays[COLUMNS_MAX];    /* one column of the rows to update, or the keys to delete */
    struct fault *fault;
};

/* NULL: its rows are not rows there. */
static const struct shape *shape_of(const struct postgres *postgres, int table)
{
    if (postgres->shape == POSTGRES_ROWS)
        return &pair_shape;
    switch (table) {
    case TABLE_CASES:
        return &case_shape;
    case TABLE_OUTBOX:
        return &outbox_shape;
    case TABLE_NUMBERS: /* all three are indexes */
    case TABLE_INDEX:
    case TABLE_TOPICS:
        return NULL;
    default:
        return &pair_shape;
    }
}

/* ---- talking ---- */

static int finish(struct postgres *postgres, PGresult *result, const char *doing)
{
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN;
    PQclear(result);
    return good ? 0
                : fault_set(postgres->fault, -EIO, "PostgreSQL, %s: %s", doing, PQerrorMessage(postgres->connection));
}

static int run(struct postgres *postgres, const char *sql)
{
    return finish(postgres, PQexec(postgres->connection, sql), sql);
}

/* ---- tables and statements ---- */

static const char *type_name(int oid)
{
    return oid == BYTEA_OID ? "bytea" : oid == INT8_OID ? "bigint" : "text";
}

static int prepare(struct postgres *postgres, const char *name, const char *sql)
{
    return finish(postgres, PQprepare(postgres->connection, name, sql, 0, NULL), sql);
}

static int make_table(struct postgres *postgres, const char *table, const struct shape *shape)
{
    struct arena *arena = &postgres->arena;
    const char *columns = "", *sets = "", *arrays = "", *names = "", *comma = "";
    for (size_t i = 0; i < shape->column_count; i++) {
        const struct column *column = &shape->columns[i];
        columns = arena_format(arena, "%s%s%s %s%s", columns, comma, column->name, type_name(column->oid),
                               i ? " NOT NULL" : " PRIMARY KEY");
        arrays = arena_format(arena, "%s%s$%zu::%s[]", arrays, comma, i + 1, type_name(column->oid));
        names = arena_format(arena, "%s%s%s", names, comma, column->name);
        if (i)
            sets = arena_format(arena, "%s%s%s = n.%s", sets, i > 1 ? "," : "", column->name, column->name);
        comma = ",";
    }
    int result = run(postgres, arena_format(arena, "DROP TABLE IF EXISTS \"%s\"; CREATE TABLE \"%s\" (%s); %s", table, table,
                                            columns, shape->extra));
    if (result == 0)
        result = prepare(postgres, arena_format(arena, "update_%s", table),
                         arena_format(arena, "UPDATE \"%s\" t SET %s FROM unnest(%s) AS n(%s) WHERE t.key = n.key", table,
                                      sets, arrays, names));
    if (result == 0)
        result = prepare(postgres, arena_format(arena, "delete_%s", table),
                         arena_format(arena, "DELETE FROM \"%s\" WHERE key = ANY($1::bytea[])", table));
    return result;
}

/* ---- one row as fields, binary ---- */

static void put_field(struct buffer *out, const void *bytes, size_t size)
{
    buffer_be32(out, (uint32_t)size);
    buffer_append(out, bytes, size);
}

static void put_number(struct buffer *out, int64_t number)
{
    buffer_be32(out, 8);
    buffer_be64(out, (uint64_t)number);
}

static void put_text(struct buffer *out, const char *text)
{
    put_field(out, text, strlen(text));
}

/* Where a field goes: the same buffer for a COPY, one for each column for arrays. */
static struct buffer *column_buffer(struct postgres *postgres, bool copy, size_t column)
{
    return copy ? &postgres->copy : &postgres->arrays[column];
}

static int put_case(struct postgres *postgres, bool copy, struct bytes value)
{
    struct case_file record;
    int result = record_decode(&case_file_desc, value, &postgres->arena, &record, postgres->fault);
    if (result)
        return result;
    const struct task *lead = case_lead_task(&record);
    bool open = case_state_is_open(record.state);
    bool triage = record.no_rule && (record.state == CASE_REPORTED || record.state == CASE_ACCEPTED);
    const char *const texts[] = { lead ? lead->department : "", lead ? lead->worker : "", record.place.area,
                                  record.department };
    const int64_t numbers[] = { open ? case_nearest_deadline_ms(&record) : record.closed_at_ms,
                                case_next_due_ms(&record),
                                record.reported_at_ms,
                                record.closed_at_ms,
                                open,
                                triage };
    put_text(column_buffer(postgres, copy, 2), record.number);
    put_number(column_buffer(postgres, copy, 3), record.state);
    for (size_t i = 0; i < 4; i++)
        put_text(column_buffer(postgres, copy, 4 + i), texts[i]);
    for (size_t i = 0; i < 6; i++)
        put_number(column_buffer(postgres, copy, 8 + i), numbers[i]);
    return 0;
}

static int put_notice(struct postgres *postgres, bool copy, struct bytes value)
{
    struct notice notice;
    int result = record_decode(&notice_desc, value, &postgres->arena, &notice, postgres->fault);
    if (result == 0)
        put_text(column_buffer(postgres, copy, 2), notice.topic);
    return result;
}

static int put_row(struct postgres *postgres, const struct shape *shape, const struct row_write *write, bool copy)
{
    struct bytes key = recording_key(postgres->work->recording, write),
                 value = recording_value(postgres->work->recording, write);
    if (copy) {
        uint8_t fields[2] = { 0, (uint8_t)shape->column_count };
        buffer_append(&postgres->copy, fields, sizeof fields);
    }
    put_field(column_buffer(postgres, copy, 0), key.data, key.size);
    put_field(column_buffer(postgres, copy, 1), value.data, value.size);
    return shape == &case_shape     ? put_case(postgres, copy, value)
           : shape == &outbox_shape ? put_notice(postgres, copy, value)
                                    : 0;
}

/* ---- rows of one table and kind ---- */

/* Copy header and trailer: https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format". */
static int copy_rows(struct postgres *postgres, const char *table)
{
    char sql[SQL_BYTES];
    struct watch began = watch_now();
    snprintf(sql, sizeof sql, "COPY \"%s\" FROM STDIN (FORMAT binary)", table);
    int result = run(postgres, sql);
    if (result)
        return result;
    if (PQputCopyData(postgres->connection, (const char *)postgres->copy.bytes, (int)postgres->copy.size) != 1 ||
        PQputCopyEnd(postgres->connection, NULL) != 1)
        return fault_set(postgres->fault, -EIO, "PostgreSQL, copying: %s", PQerrorMessage(postgres->connection));
    for (PGresult *answer; result == 0 && (answer = PQgetResult(postgres->connection));)
        result = finish(postgres, answer, "copying");
    watch_add(&postgres->work->spent, began);
    return result;
}

static int send_copy(struct postgres *postgres, const char *table, const struct shape *shape,
                     const struct net_row *rows, size_t count)
{
    static const char head[19] = "PGCOPY\n\377\r\n"; /* with its NUL, then flags and no further header: zeros */
    int result = 0;
    buffer_clear(&postgres->copy);
    buffer_append(&postgres->copy, head, sizeof head);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = put_row(postgres, shape, rows[i].write, true);
    buffer_append(&postgres->copy, "\xff\xff", 2);
    return result ? result : copy_rows(postgres, table);
}

/* Arrays as the server reads them: dimensions, no NULLs, the elements' type, how many, from 1. */
static void begin_array(struct buffer *array, int oid, size_t count)
{
    buffer_clear(array);
    buffer_be32(array, 1);
    buffer_be32(array, 0);
    buffer_be32(array, (uint32_t)oid);
    buffer_be32(array, (uint32_t)count);
    buffer_be32(array, 1);
}

static int send_arrays(struct postgres *postgres, const char *verb, const char *table, size_t columns)
{
    char name[SQL_BYTES];
    const char *values[COLUMNS_MAX];
    int sizes[COLUMNS_MAX], formats[COLUMNS_MAX];
    for (size_t i = 0; i < columns; i++) {
        values[i] = (const char *)postgres->arrays[i].bytes;
        sizes[i] = (int)postgres->arrays[i].size;
        formats[i] = 1;
    }
    snprintf(name, sizeof name, "%s_%s", verb, table);
    struct watch began = watch_now();
    int result =
        finish(postgres, PQexecPrepared(postgres->connection, name, (int)columns, values, sizes, formats, 1), name);
    watch_add(&postgres->work->spent, began);
    return result;
}

static int send_update(struct postgres *postgres, const char *table, const struct shape *shape,
                       const struct net_row *rows, size_t count)
{
    int result = 0;
    for (size_t i = 0; i < shape->column_count; i++)
        begin_array(&postgres->arrays[i], shape->columns[i].oid, count);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = put_row(postgres, shape, rows[i].write, false);
    return result ? result : send_arrays(postgres, "update", table, shape->column_count);
}

static int send_delete(struct postgres *postgres, const char *table, const struct net_row *rows, size_t count)
{
    begin_array(&postgres->arrays[0], BYTEA_OID, count);
    for (size_t i = 0; i < count; i++) {
        struct bytes key = recording_key(postgres->work->recording, rows[i].write);
        put_field(&postgres->arrays[0], key.data, key.size);
    }
    return send_arrays(postgres, "delete", table, 1);
}

static int send_rows(struct postgres *postgres, const struct net_row *rows, size_t count)
{
    int table = rows->write->table;
    const char *name = postgres->work->layout->tables[table];
    const struct shape *shape = shape_of(postgres, table);
    if (!shape)
        return 0;
    postgres->work->rows += (int64_t)count;
    arena_reset(&postgres->arena);
    switch (rows->kind) {
    case NET_INSERT:
        return send_copy(postgres, name, shape, rows, count);
    case NET_UPDATE:
        return send_update(postgres, name, shape, rows, count);
    case NET_DELETE:
        return send_delete(postgres, name, rows, count);
    }
    return 0;
}

/* ---- one commit ---- */

static int run_timed(struct postgres *postgres, const char *sql)
{
    struct watch began = watch_now();
    int result = run(postgres, sql);
    watch_add(&postgres->work->spent, began);
    return result;
}

static int send_commit(struct postgres *postgres, const struct net_row *rows, size_t count)
{
    int result = run_timed(postgres, "BEGIN");
    for (size_t from = 0, to; result == 0 && from < count; from = to) {
        for (to = from + 1; to < count && rows[to].write->table == rows[from].write->table &&
                            rows[to].kind == rows[from].kind;)
            to++;
        result = send_rows(postgres, rows + from, to - from);
    }
    return result ? result : run_timed(postgres, "COMMIT");
}

static int connect_to(struct postgres *postgres, const char *socket_folder)
{
    const char *const keys[] = { "host", "user", "dbname", "client_encoding", NULL };
    const char *const values[] = { socket_folder, "postgres", "postgres", "UTF8", NULL };
    postgres->connection = PQconnectdbParams(keys, values, 0);
    if (PQstatus(postgres->connection) == CONNECTION_OK)
        return run(postgres, "SET client_min_messages = warning");
    return fault_set(postgres->fault, -EIO, "PostgreSQL at %s: %s", socket_folder, PQerrorMessage(postgres->connection));
}

int peer_postgres(struct peer_work *work, const char *socket_folder, enum postgres_shape shape, struct fault *fault)
{
    struct postgres postgres = { .work = work, .shape = shape, .fault = fault };
    struct net *net = net_create(work->recording);
    const struct net_row *rows;
    size_t count;
    int result = connect_to(&postgres, socket_folder);
    for (size_t i = 0; result == 0 && i < work->layout->table_count; i++)
        if (shape_of(&postgres, (int)i))
            result = make_table(&postgres, work->layout->tables[i], shape_of(&postgres, (int)i));
    while (result == 0 && (rows = net_next(net, &count)))
        result = send_commit(&postgres, rows, count);
    PQfinish(postgres.connection);
    net_destroy(net);
    arena_finish(&postgres.arena);
    buffer_finish(&postgres.copy);
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        buffer_finish(&postgres.arrays[i]);
    return result;
}
