#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/benches/grow.h"
#include "tools/benches/postgres_shape.h"

/* What one commit is told, made ready before the watch runs. */
struct statement {
    const char *name; /* prepared; for a COPY its SQL */
    bool copies;
    size_t columns;
    size_t at[SHAPE_COLUMNS_MAX], size[SHAPE_COLUMNS_MAX]; /* of the parameters, or at 0 the rows to copy, in `ready` */
};

struct postgres {
    PGconn *connection;
    struct peer_work *work;
    enum postgres_grain grain;
    enum postgres_shape shape;
    struct arena scratch; /* of one commit */
    struct statement *statements;
    size_t statement_count, statement_room;
    struct buffer ready;
    struct buffer columns[SHAPE_COLUMNS_MAX];
    struct fault *fault;
};

static const char *const verbs[] = { [NET_INSERT] = "insert", [NET_UPDATE] = "update", [NET_DELETE] = "delete" };

/* ---- talking ---- */

static int fail(struct postgres *postgres, const char *doing)
{
    return fault_set(postgres->fault, -EIO, "PostgreSQL, %s: %s", doing, PQerrorMessage(postgres->connection));
}

static int take_answer(struct postgres *postgres, PGresult *answer, const char *doing)
{
    ExecStatusType status = PQresultStatus(answer);
    PQclear(answer);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
                status == PGRES_PIPELINE_SYNC;
    return good ? 0 : fail(postgres, doing);
}

static int run(struct postgres *postgres, const char *sql)
{
    return take_answer(postgres, PQexec(postgres->connection, sql), sql);
}

static int prepare(struct postgres *postgres, const char *name, const char *sql)
{
    return take_answer(postgres, PQprepare(postgres->connection, name, sql, 0, NULL), sql);
}

/* ---- tables ---- */

static int make_table(struct postgres *postgres, int table)
{
    const char *name = postgres->work->layout->tables[table];
    const struct shape *shape = shape_of(postgres->shape, table);
    if (!shape)
        return 0;
    int result = run(postgres, shape_sql_make(shape, name, &postgres->scratch));
    for (enum net_kind kind = NET_INSERT; result == 0 && kind <= NET_DELETE; kind++)
        result = prepare(postgres, arena_format(&postgres->scratch, "%s %s", verbs[kind], name),
                         shape_sql_change(shape, name, kind, &postgres->scratch));
    return result;
}

static int connect_to(struct postgres *postgres, const char *socket_folder)
{
    const char *const keys[] = { "host", "user", "dbname", "client_encoding", NULL };
    const char *const values[] = { socket_folder, "postgres", "postgres", "UTF8", NULL };
    postgres->connection = PQconnectdbParams(keys, values, 0);
    if (PQstatus(postgres->connection) != CONNECTION_OK)
        return fail(postgres, "connecting");
    /* Short arrays against keys: the plan that is best for it, which it cannot know of tables that were just made. */
    int result = run(postgres, "SET client_min_messages = warning; SET jit = off; SET enable_hashjoin = off;"
                               "SET enable_mergejoin = off; SET enable_seqscan = off;"
                               "SET plan_cache_mode = force_generic_plan");
    for (size_t i = 0; result == 0 && i < postgres->work->layout->table_count; i++)
        result = make_table(postgres, (int)i);
    if (result == 0)
        result = prepare(postgres, "begin", "BEGIN");
    if (result == 0)
        result = prepare(postgres, "commit", "COMMIT");
    return result;
}

/* ---- making ready ---- */

static struct statement *add_statement(struct postgres *postgres, const char *name, size_t columns)
{
    postgres->statements =
        grow(postgres->statements, postgres->statement_count, &postgres->statement_room, sizeof *postgres->statements);
    struct statement *statement = &postgres->statements[postgres->statement_count++];
    *statement = (struct statement){ .name = name, .columns = columns };
    return statement;
}

static void keep_column(struct postgres *postgres, struct statement *statement, size_t column)
{
    statement->at[column] = postgres->ready.size;
    statement->size[column] = postgres->columns[column].size;
    buffer_append(&postgres->ready, postgres->columns[column].bytes, postgres->columns[column].size);
}

static int put_row(struct postgres *postgres, const struct shape *shape, const struct row_write *write,
                   struct buffer *const *out)
{
    return shape_put(shape, recording_key(postgres->work->recording, write),
                     recording_value(postgres->work->recording, write), out, &postgres->scratch, postgres->fault);
}

/* Head and end of the rows: https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format". */
static int ready_copy(struct postgres *postgres, const char *table, const struct shape *shape,
                      const struct net_row *rows, size_t count)
{
    static const char head[19] = "PGCOPY\n\377\r\n"; /* with its NUL; then no flags, no more head */
    const uint8_t fields[2] = { 0, (uint8_t)shape->column_count };
    struct buffer *all = &postgres->columns[0], *out[SHAPE_COLUMNS_MAX];
    struct statement *statement =
        add_statement(postgres, arena_format(&postgres->scratch, "COPY \"%s\" FROM STDIN (FORMAT binary)", table), 1);
    int result = 0;
    for (size_t i = 0; i < SHAPE_COLUMNS_MAX; i++)
        out[i] = all;
    buffer_clear(all);
    buffer_append(all, head, sizeof head);
    for (size_t i = 0; result == 0 && i < count; i++) {
        buffer_append(all, fields, sizeof fields);
        result = put_row(postgres, shape, rows[i].write, out);
    }
    buffer_append(all, "\xff\xff", 2);
    statement->copies = true;
    keep_column(postgres, statement, 0);
    return result;
}

/* An array as the server reads it: dimensions, no NULLs, the elements' type, how many, counted from 1; then the elements. */
static void begin_array(struct buffer *array, int type, size_t count)
{
    buffer_clear(array);
    buffer_be32(array, 1);
    buffer_be32(array, 0);
    buffer_be32(array, (uint32_t)type);
    buffer_be32(array, (uint32_t)count);
    buffer_be32(array, 1);
}

static int ready_arrays(struct postgres *postgres, const char *table, const struct shape *shape,
                        const struct net_row *rows, size_t count)
{
    size_t columns = rows->kind == NET_DELETE ? 1 : shape->column_count;
    struct buffer unused = { 0 }, *out[SHAPE_COLUMNS_MAX];
    struct statement *statement =
        add_statement(postgres, arena_format(&postgres->scratch, "%s %s", verbs[rows->kind], table), columns);
    int result = 0;
    for (size_t i = 0; i < shape->column_count; i++) {
        begin_array(&postgres->columns[i], shape->columns[i].type, count);
        out[i] = &postgres->columns[i];
    }
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct bytes key = recording_key(postgres->work->recording, rows[i].write);
        if (rows->kind == NET_DELETE)
            result = shape_put(shape_of(POSTGRES_ROWS, 0), key, (struct bytes){ NULL, 0 },
                               (struct buffer *[]){ out[0], &unused }, &postgres->scratch, postgres->fault);
        else
            result = put_row(postgres, shape, rows[i].write, out);
    }
    for (size_t i = 0; i < columns; i++)
        keep_column(postgres, statement, i);
    buffer_finish(&unused);
    return result;
}

/* Rows of one table and kind. */
static int ready_rows(struct postgres *postgres, const struct net_row *rows, size_t count)
{
    int table = rows->write->table;
    const char *name = postgres->work->layout->tables[table];
    const struct shape *shape = shape_of(postgres->shape, table);
    if (!shape)
        return 0;
    postgres->work->rows += (int64_t)count;
    bool copies = postgres->grain == POSTGRES_BULK && rows->kind == NET_INSERT;
    return (copies ? ready_copy : ready_arrays)(postgres, name, shape, rows, count);
}

static int ready_group(struct postgres *postgres, const struct net_row *rows, size_t count)
{
    int result = 0;
    for (size_t from = 0, to; result == 0 && from < count; from = to) {
        for (to = from + 1;
             to < count && rows[to].write->table == rows[from].write->table && rows[to].kind == rows[from].kind;)
            to++;
        result = ready_rows(postgres, rows + from, to - from);
    }
    return result;
}

/* ---- sending ---- */

static int send_statement(struct postgres *postgres, const struct statement *statement)
{
    const char *values[SHAPE_COLUMNS_MAX];
    int sizes[SHAPE_COLUMNS_MAX], formats[SHAPE_COLUMNS_MAX];
    for (size_t i = 0; i < statement->columns; i++) {
        values[i] = (const char *)postgres->ready.bytes + statement->at[i];
        sizes[i] = (int)statement->size[i];
        formats[i] = 1;
    }
    int sent =
        PQsendQueryPrepared(postgres->connection, statement->name, (int)statement->columns, values, sizes, formats, 1);
    return sent ? 0 : fail(postgres, statement->name);
}

static int take_answers(struct postgres *postgres, const char *doing)
{
    int result = 0;
    for (PGresult *answer; (answer = PQgetResult(postgres->connection));) {
        int taken = take_answer(postgres, answer, doing);
        result = result ? result : taken;
    }
    return result;
}

/* All of it goes out before the first answer is waited for; libpq reads while it cannot write. */
static int send_pipeline(struct postgres *postgres)
{
    const struct statement begin = { .name = "begin" }, commit = { .name = "commit" };
    PQenterPipelineMode(postgres->connection);
    int result = send_statement(postgres, &begin);
    for (size_t i = 0; result == 0 && i < postgres->statement_count; i++)
        result = send_statement(postgres, &postgres->statements[i]);
    if (result == 0)
        result = send_statement(postgres, &commit);
    if (result == 0 && !PQpipelineSync(postgres->connection))
        result = fail(postgres, "pipelining");
    for (size_t i = 0; result == 0 && i < postgres->statement_count + 2; i++)
        result =
            take_answers(postgres, i && i <= postgres->statement_count ? postgres->statements[i - 1].name : "commit");
    if (result == 0)
        result = take_answer(postgres, PQgetResult(postgres->connection), "ending the pipeline");
    PQexitPipelineMode(postgres->connection);
    return result;
}

static int send_copy(struct postgres *postgres, const struct statement *statement)
{
    int result = run(postgres, statement->name);
    if (result)
        return result;
    const char *rows = (const char *)postgres->ready.bytes + statement->at[0];
    if (PQputCopyData(postgres->connection, rows, (int)statement->size[0]) != 1 ||
        PQputCopyEnd(postgres->connection, NULL) != 1)
        return fail(postgres, statement->name);
    return take_answers(postgres, statement->name);
}

static int send_one_by_one(struct postgres *postgres)
{
    int result = run(postgres, "BEGIN");
    for (size_t i = 0; result == 0 && i < postgres->statement_count; i++) {
        const struct statement *statement = &postgres->statements[i];
        if (statement->copies)
            result = send_copy(postgres, statement);
        else {
            result = send_statement(postgres, statement);
            result = result ? result : take_answers(postgres, statement->name);
        }
    }
    return result ? result : run(postgres, "COMMIT");
}

static int send_commit(struct postgres *postgres)
{
    struct watch began = watch_now();
    int result = postgres->grain == POSTGRES_STEPS ? send_pipeline(postgres) : send_one_by_one(postgres);
    watch_add(&postgres->work->spent, began);
    postgres->statement_count = 0;
    buffer_clear(&postgres->ready);
    arena_reset(&postgres->scratch);
    return result;
}

static int send_all(struct postgres *postgres)
{
    const struct recording *recording = postgres->work->recording;
    struct net *net =
        net_create(recording, postgres->grain == POSTGRES_STEPS ? &recording->steps : &recording->commits);
    const struct net_row *rows;
    size_t count, commit = 0;
    int result = 0;
    while (result == 0 && (rows = net_next(net, &count))) {
        result = ready_group(postgres, rows, count);
        if (result == 0 && commit < recording->commits.count && net_position(net) == recording->commits.ends[commit]) {
            result = send_commit(postgres);
            commit++;
        }
    }
    net_destroy(net);
    return result;
}

int peer_postgres(struct peer_work *work, const char *socket_folder, enum postgres_grain grain,
                  enum postgres_shape shape, struct fault *fault)
{
    struct postgres postgres = { .work = work, .grain = grain, .shape = shape, .fault = fault };
    int result = connect_to(&postgres, socket_folder);
    if (result == 0)
        result = send_all(&postgres);
    PQfinish(postgres.connection);
    arena_finish(&postgres.scratch);
    free(postgres.statements);
    buffer_finish(&postgres.ready);
    for (size_t i = 0; i < SHAPE_COLUMNS_MAX; i++)
        buffer_finish(&postgres.columns[i]);
    return result;
}
