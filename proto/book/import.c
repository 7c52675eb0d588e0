/* A table of filing conditions that a district keeps as a spreadsheet: one service a row. */
#include <stdlib.h>
#include <string.h>

#include "proto/book/services.h"

enum {
    IMPORT_CODE_BYTES_MAX = 64, /* as RAW_CODE in schema.h */
    IMPORT_NAME_BYTES_MAX = 150 /* cases keep their rules, "limits.csv:12", in 200 bytes (proto/record/case.h) */
};

/* Rules and errors name the table without its folder, which differs from machine to machine. */
static const char *table_name(const struct import *import)
{
    const char *slash = strrchr(import->raw->file, '/');
    return slash ? slash + 1 : import->raw->file;
}

static struct place_in_file place_of(const struct import *import, size_t line)
{
    return (struct place_in_file){ table_name(import), line, 0 };
}

static bool find_column(struct loader *loader, const struct import *import, const char *key, const char *name,
                        size_t *column)
{
    *column = table_column(&import->table, name);
    if (*column < import->table.column_count)
        return true;
    struct suggestion suggestion;
    char hint[100];
    suggestion_start(&suggestion, name);
    for (size_t i = 0; i < import->table.column_count; i++)
        suggestion_offer(&suggestion, import->table.header.cells[i]);
    problem(loader, spot_key(import->spot, key), "no column '%s' in %s%s", name, table_name(import),
            suggestion_text(&suggestion, hint, sizeof hint));
    return false;
}

void import_read(struct loader *loader, struct import *import)
{
    const struct raw_import *raw = import->raw;
    struct buffer bytes = { 0 };
    struct fault fault = { "" };
    if (strlen(table_name(import)) > IMPORT_NAME_BYTES_MAX) {
        problem(loader, spot_key(import->spot, "file"), "a table's name of %zu bytes; expected at most %d",
                strlen(table_name(import)), IMPORT_NAME_BYTES_MAX);
        goto out;
    }
    if (!loader_read_named(loader, spot_key(import->spot, "file"), raw->file, &bytes))
        goto out;
    if (table_read(buffer_view(&bytes), &import->table, &fault) < 0) {
        problem(loader, spot_key(import->spot, "file"), "%s: %s", table_name(import), fault.text);
        goto out;
    }
    bool code = find_column(loader, import, "code", raw->code, &import->code);
    bool name = find_column(loader, import, "name", raw->name ? raw->name : raw->code, &import->name);
    bool unit = find_column(loader, import, "unit", raw->unit, &import->unit);
    bool amount = find_column(loader, import, "amount", raw->amount, &import->amount);
    import->row_count = code && name && unit && amount ? import->table.row_count : 0;
out:
    buffer_finish(&bytes);
}

/* The table's word for a unit, through `units` where that names it. */
static enum limit_unit take_unit(struct loader *loader, const struct import *import, const struct table_row *row)
{
    const char *word = row->cells[import->unit];
    struct spot units = spot_key(import->spot, "units"), key, value;
    bool named = units.node != import->spot.node;
    for (size_t i = 0; named && spot_pair(units, i, &key, &value); i++)
        if (strcmp(spot_text(key), word) == 0)
            word = spot_text(value);
    int unit = enum_value(&limit_unit_desc, word);
    if (unit >= 0)
        return (enum limit_unit)unit;
    problem_at(loader, place_of(import, row->line),
               "unit '%s'; expected a unit, or a word that import.units names (line %zu of services.yaml)", word,
               spot_line(units));
    return UNIT_NONE;
}

static int64_t take_amount(struct loader *loader, const struct import *import, const struct table_row *row)
{
    const char *text = row->cells[import->amount];
    char *end;
    long amount = strtol(text, &end, 10);
    if (end != text && !*end && amount >= 0 && amount <= 999999)
        return amount;
    problem_at(loader, place_of(import, row->line), "amount '%s'; expected a whole number from 0 to 999999", text);
    return 0;
}

void import_take(struct loader *loader, struct import *import, size_t index, struct book_service *service)
{
    const struct table_row *row = &import->table.rows[index];
    const char *code = row->cells[import->code];
    if (!*code || strlen(code) > IMPORT_CODE_BYTES_MAX)
        problem_at(loader, place_of(import, row->line), "column '%s' has %zu bytes; expected a service code of 1 to %d",
                   import->raw->code, strlen(code), IMPORT_CODE_BYTES_MAX);
    *service = (struct book_service){
        .code = loader_text(loader, code),
        .name = loader_name(loader, row->cells[import->name], NULL),
        .description = { "", "" },
        .group = { "", "" },
        .keywords = "",
        .notice = { "", "" },
        .condition_count = 1,
        .at = arena_format(loader->arena, "%s:%zu", table_name(import), row->line),
    };
    struct book_condition *condition = loader_array(loader, 1, sizeof *condition);
    *condition = (struct book_condition){
        .code = SERVICE_ONLY_CONDITION,
        .name = service->name,
        .closing = { "", "" },
        .limit = { .unit = take_unit(loader, import, row),
                   .amount = take_amount(loader, import, row),
                   .calendar = import->calendar,
                   .rule = service->at },
    };
    service->conditions = condition;
}

void import_check_doubles(struct loader *loader, const struct import *import, const struct book_service *imported,
                          struct spot list)
{
    const struct lookup *services = &loader->loaded->services;
    for (size_t i = 1; i < services->count; i++) {
        const struct book_service *first = services->items[i - 1], *second = services->items[i];
        if (strcmp(first->code, second->code) != 0 || second < imported)
            continue;
        size_t line = import->table.rows[second - imported].line;
        if (first >= imported)
            problem_at(loader, place_of(import, line), "code '%s' is taken since line %zu", second->code,
                       import->table.rows[first - imported].line);
        else
            problem_at(loader, place_of(import, line), "code '%s' is taken since line %zu of services.yaml",
                       second->code, spot_line(spot_item(list, (size_t)(first - loader->book->services))));
    }
}

void import_finish(struct import *import)
{
    table_finish(&import->table);
}
