#include "proto/book/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const uint8_t *at, *end;
    size_t line;
    struct arena *arena;
    struct buffer cell;
    const char **cells; /* of the row that is read; room for `room` */
    size_t count, room;
};

static void end_cell(struct reader *reader)
{
    if (reader->count == reader->room) {
        reader->room = reader->room ? 2 * reader->room : 32;
        reader->cells = realloc(reader->cells, reader->room * sizeof *reader->cells);
        if (!reader->cells)
            abort();
    }
    reader->cells[reader->count++] = arena_text(reader->arena, buffer_string(&reader->cell), reader->cell.size);
    buffer_clear(&reader->cell);
}

/* Reads on behind the opening quote up to behind the closing one. */
static int read_quoted(struct reader *reader, struct fault *fault)
{
    size_t line = reader->line;
    for (; reader->at < reader->end; reader->at++) {
        if (*reader->at == '"' && (++reader->at == reader->end || *reader->at != '"'))
            return 0;
        reader->line += *reader->at == '\n';
        buffer_append(&reader->cell, reader->at, 1);
    }
    return fault_set(fault, -EINVAL, "line %zu: a quoted cell does not end", line);
}

static int read_row(struct reader *reader, struct fault *fault)
{
    reader->count = 0;
    while (reader->at < reader->end && *reader->at != '\n') {
        uint8_t byte = *reader->at++;
        if (byte == '"' && reader->cell.size == 0) {
            int result = read_quoted(reader, fault);
            if (result < 0)
                return result;
        } else if (byte == ',') {
            end_cell(reader);
        } else if (byte != '\r' || (reader->at < reader->end && *reader->at != '\n')) {
            buffer_append(&reader->cell, &byte, 1);
        }
    }
    end_cell(reader);
    reader->line++;
    reader->at += reader->at < reader->end;
    return 0;
}

static struct table_row keep_row(struct reader *reader, size_t line)
{
    const char **cells = arena_array(reader->arena, reader->count, sizeof *cells);
    memcpy(cells, reader->cells, reader->count * sizeof *cells);
    return (struct table_row){ line, cells };
}

static size_t count_lines(struct bytes bytes)
{
    size_t lines = 1;
    for (size_t i = 0; i < bytes.size; i++)
        lines += bytes.data[i] == '\n';
    return lines;
}

int table_read(struct bytes bytes, struct table *table, struct fault *fault)
{
    struct reader reader = { bytes.data, bytes.data + bytes.size, 1, &table->arena, { 0 }, NULL, 0, 0 };
    if (bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
        reader.at += 3; /* spreadsheets begin UTF-8 with this mark */
    int result = reader.at == reader.end ? fault_set(fault, -EINVAL, "the table is empty; expected a header line")
                                         : read_row(&reader, fault);
    if (result < 0)
        goto out;
    table->column_count = reader.count;
    table->header = keep_row(&reader, 1);
    table->rows = arena_array(&table->arena, count_lines(bytes), sizeof *table->rows);
    while (reader.at < reader.end) {
        size_t line = reader.line;
        result = read_row(&reader, fault);
        if (result < 0)
            goto out;
        bool blank = reader.count == 1 && !*reader.cells[0];
        if (blank)
            continue;
        if (reader.count != table->column_count) {
            result = fault_set(fault, -EINVAL, "line %zu has %zu cells; expected %zu as in the header", line,
                               reader.count, table->column_count);
            goto out;
        }
        table->rows[table->row_count++] = keep_row(&reader, line);
    }
out:
    free(reader.cells);
    buffer_finish(&reader.cell);
    return result;
}

void table_finish(struct table *table)
{
    arena_finish(&table->arena);
    *table = (struct table){ .row_count = 0 };
}

size_t table_column(const struct table *table, const char *name)
{
    size_t i = 0;
    while (i < table->column_count && strcmp(table->header.cells[i], name) != 0)
        i++;
    return i;
}
