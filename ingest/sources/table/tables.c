#include "ingest/sources/table/tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/mapping.h"
#include "ingest/sources/signature.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/book/table.h"

enum { ROWS_TOLD = 100 }; /* wrong rows that an answer names */

#define TABLE_FATES(X) \
    X(TABLE, TAKEN, "taken") \
    X(TABLE, CHECKED, "checked")   /* on request, nothing was stored */ \
    X(TABLE, UNSIGNED, "unsigned") /* or signed wrongly, or too old */ \
    X(TABLE, NO_KEY, "no_key") \
    X(TABLE, TOO_LARGE, "too_large") \
    X(TABLE, MALFORMED, "malformed") /* no table */ \
    X(TABLE, INVALID, "invalid")     /* a row or the header is wrong */
ENUM_DECLARE(table_fate, TABLE_FATES)
ENUM_DEFINE(table_fate, TABLE_FATES)

struct import {
    const struct tables *tables;
    const struct book_table *book;
    const char *source; /* "import/NAME" */
    struct metric **fates;
    struct metric *rows;
};

struct tables {
    struct tables_options options;
    struct arena arena;
    struct import *items;
    size_t count;
};

static void refuse(const struct import *import, struct request *request, enum table_fate fate, int status,
                   const char *message, const char *next)
{
    metric_add(import->fates[fate], 1);
    reply_error(request, status, enum_name(&table_fate_desc, (int)fate), message, next);
}

/* ---- the rows ---- */

/* A file while it is looked at. */
struct file {
    const struct import *import;
    struct request *request;
    struct arena *arena;
    struct table table;
    struct mapped *mapped; /* one a row */
    struct event_append *batch;
    json_t *wrong; /* [{line, message}] */
    size_t wrong_count;
};

static void add_wrong(struct file *file, size_t line, const char *message)
{
    if (file->wrong_count++ < ROWS_TOLD)
        json_array_append_new(file->wrong, json_pack("{s:I, s:s}", "line", (json_int_t)line, "message", message));
}

/* One row and the header that says where its cells are. */
struct cells {
    const struct table *table;
    const struct table_row *row;
};

static const char *cell(void *context, const char *name)
{
    const struct cells *cells = context;
    size_t column = table_column(cells->table, name);
    return column < cells->table->column_count ? cells->row->cells[column] : NULL;
}

static void check_template(struct file *file, const struct book_template *template)
{
    for (size_t i = 0; i < template->count; i++)
        if (template->pieces[i].is_name &&
            table_column(&file->table, template->pieces[i].text) == file->table.column_count)
            add_wrong(file, 1, arena_format(file->arena, "no column '%s'", template->pieces[i].text));
}

static void check_header(struct file *file)
{
    const struct book_mapping *mapping = &file->import->book->event;
#define CHECK_TEMPLATE(member) check_template(file, &mapping->member);
    MAPPING_TEXTS(CHECK_TEMPLATE)
#undef CHECK_TEMPLATE
    for (size_t i = 0; i < mapping->attribute_count; i++)
        check_template(file, &mapping->attributes[i].value);
}

static void take_row(struct file *file, size_t index, int64_t now_ms)
{
    const struct import *import = file->import;
    const struct table_row *row = &file->table.rows[index];
    struct cells cells = { &file->table, row };
    struct mapping_complaints complaints = { .count = 0 };
    struct mapped *mapped = &file->mapped[index];
    mapping_event(import->tables->options.desk, &import->book->event, import->source,
                  &(struct mapping_values){ cell, &cells }, now_ms, file->arena, mapped, &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        add_wrong(file, row->line, complaints.items[i]);
    file->batch[index] =
        (struct event_append){ .event = &mapped->event, .contact = mapped->has_contact ? &mapped->contact : NULL };
}

static int by_id(const void *a, const void *b)
{
    const struct mapped *left = *(const struct mapped *const *)a, *right = *(const struct mapped *const *)b;
    int order = strcmp(left->event.id, right->event.id);
    return order ? order : (left > right) - (left < right);
}

/* Two rows of one number: the second would be lost without a word. */
static void check_doubles(struct file *file)
{
    size_t count = file->table.row_count;
    const struct mapped **sorted = arena_array(file->arena, count + 1, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &file->mapped[i];
    qsort(sorted, count, sizeof *sorted, by_id);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i]->event.id, sorted[i - 1]->event.id) == 0)
            add_wrong(file, file->table.rows[sorted[i] - file->mapped].line,
                      arena_format(file->arena, "this number stands in line %zu too",
                                   file->table.rows[sorted[i - 1] - file->mapped].line));
}

/* For a check: which rows the log has. */
static int look_up(struct file *file)
{
    struct arena arena = { 0 };
    struct event event;
    int result = 0;
    for (size_t i = 0; result >= 0 && i < file->table.row_count; i++) {
        arena_reset(&arena);
        result = event_log_find(file->import->tables->options.log, file->batch[i].event->id, &arena, &event, NULL);
        file->batch[i].repeated = result == 0;
    }
    arena_finish(&arena);
    return result < 0 ? result : 0;
}

/* ---- the answer ---- */

static void tell_wrong(struct file *file)
{
    metric_add(file->import->fates[TABLE_INVALID], 1);
    reply_json(file->request, 422,
               json_pack("{s:{s:s, s:s, s:s, s:O, s:I}}", "error", "code", "invalid", "message",
                         "Rows of the table are wrong; nothing was stored.", "next",
                         "Mend them and send the whole again.", "rows", file->wrong, "wrong",
                         (json_int_t)file->wrong_count));
}

static void tell_taken(struct file *file, bool only_check)
{
    size_t repeated = 0, count = file->table.row_count;
    for (size_t i = 0; i < count; i++)
        repeated += file->batch[i].repeated;
    metric_add(file->import->fates[only_check ? TABLE_CHECKED : TABLE_TAKEN], 1);
    if (!only_check)
        metric_add(file->import->rows, (int64_t)(count - repeated));
    reply_json(file->request, 200,
               json_pack("{s:I, s:I, s:I}", "rows", (json_int_t)count, "taken", (json_int_t)(count - repeated),
                         "repeated", (json_int_t)repeated));
}

static void take_rows(struct file *file)
{
    const char *check = request_query(file->request, "check");
    bool only_check = check && strcmp(check, "true") == 0;
    size_t count = file->table.row_count;
    int64_t now_ms = clock_now_ms();
    file->mapped = arena_array(file->arena, count + 1, sizeof *file->mapped);
    file->batch = arena_array(file->arena, count + 1, sizeof *file->batch);
    check_header(file);
    bool header_is_good = !file->wrong_count;
    for (size_t i = 0; header_is_good && i < count; i++)
        take_row(file, i, now_ms);
    if (!file->wrong_count)
        check_doubles(file);
    if (file->wrong_count)
        tell_wrong(file);
    else if (only_check ? look_up(file) : intake_append(file->import->tables->options.intake, file->batch, count))
        reply_error(file->request, 503, "failed", "The log could not be used; nothing was stored.", "Try again later.");
    else
        tell_taken(file, only_check);
}

static void take_file(const struct import *import, struct request *request)
{
    struct bytes body = request_body(request);
    struct arena *arena = request_arena(request);
    struct file file = { .import = import, .request = request, .arena = arena };
    struct fault fault = { "" };
    static const char mend[] = "Send comma-separated values in UTF-8 with a header line.";
    if (!text_is_utf8((const char *)body.data, body.size)) {
        refuse(import, request, TABLE_MALFORMED, 400, "The table is not UTF-8.", mend);
    } else if (table_read(body, &file.table, &fault) < 0) {
        refuse(import, request, TABLE_MALFORMED, 400, fault.text, mend);
    } else if ((int64_t)file.table.row_count > import->book->rows) {
        refuse(import, request, TABLE_TOO_LARGE, 413,
               arena_format(arena, "%zu rows; expected at most %" PRId64, file.table.row_count, import->book->rows),
               "Send it in parts.");
    } else {
        file.wrong = json_array();
        take_rows(&file);
        json_decref(file.wrong);
    }
    table_finish(&file.table);
}

static void post_table(struct request *request, void *context)
{
    const struct import *import = context;
    struct fault fault = { "" };
    enum signature_verdict verdict = signature_check(request, import->tables->options.keys, import->book->name,
                                                     import->book->window_ms, clock_now_ms(), &fault);
    if (verdict == SIGNATURE_NO_KEY) {
        log_warn("a table has no key", "table=%s reason=\"%s\"", import->book->name, fault.text);
        refuse(import, request, TABLE_NO_KEY, 503, "This table has no key here yet.",
               "Ask the district's administrator.");
    } else if (verdict != SIGNATURE_GOOD) {
        refuse(import, request, TABLE_UNSIGNED, 401, fault.text,
               "Sign the timestamp, a dot and the body with the key of this table.");
    } else {
        take_file(import, request);
    }
}

int tables_open(const struct tables_options *options, struct tables **out, struct fault *fault)
{
    const struct book_sources *sources = book_sources(options->desk->book);
    *out = NULL;
    if (!sources->table_count)
        return 0;
    struct tables *tables = calloc(1, sizeof *tables);
    if (!tables || !(tables->items = calloc(sources->table_count, sizeof *tables->items)))
        abort();
    *out = tables;
    tables->options = *options;
    int result = 0;
    for (; !result && tables->count < sources->table_count; tables->count++) {
        const struct book_table *book = &sources->tables[tables->count];
        struct import *import = &tables->items[tables->count];
        *import = (struct import){
            .tables = tables,
            .book = book,
            .source = arena_format(&tables->arena, "import/%s", book->name),
            .fates = source_counters("drumtower_imports_total", "Tables that were sent, by what became of them.",
                                     "table", book->name, "fate", &table_fate_desc),
            .rows = source_counter("drumtower_import_rows_total", "Rows of tables that became events.", "table",
                                   book->name, NULL, NULL),
        };
        result = door_route(options->door, "POST", arena_format(&tables->arena, "/imports/%s", book->name), 0,
                            book->file_bytes, post_table, import, fault);
    }
    return result;
}

void tables_close(struct tables *tables)
{
    if (!tables)
        return;
    for (size_t i = 0; i < tables->count; i++)
        free(tables->items[i].fates);
    arena_finish(&tables->arena);
    free(tables->items);
    free(tables);
}
