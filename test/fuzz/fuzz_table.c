/* Comma-separated values: what is read, written with quotes everywhere, is read as the same cells. */
#include <assert.h>
#include <string.h>

#include "proto/book/table.h"
#include "proto/record/codec.h"
#include "test/fuzz/fuzz.h"

static void write_row(const struct table *table, const struct table_row *row, struct buffer *out)
{
    for (size_t i = 0; i < table->column_count; i++) {
        buffer_text(out, i ? ",\"" : "\"");
        for (const char *at = row->cells[i]; *at; at++) {
            buffer_append(out, at, 1);
            if (*at == '"')
                buffer_append(out, at, 1);
        }
        buffer_text(out, "\"");
    }
    buffer_text(out, "\r\n");
}

static void expect_same(const struct table *table, const struct table_row *a, const struct table_row *b)
{
    for (size_t i = 0; i < table->column_count; i++)
        assert(strcmp(a->cells[i], b->cells[i]) == 0);
}

static void check_round_trip(const struct table *table)
{
    struct buffer text = { 0 };
    struct table back = { .row_count = 0 };
    struct fault fault = { "" };
    write_row(table, &table->header, &text);
    for (size_t i = 0; i < table->row_count; i++)
        write_row(table, &table->rows[i], &text);
    assert(table_read(buffer_view(&text), &back, &fault) == 0);
    assert(back.column_count == table->column_count && back.row_count == table->row_count);
    expect_same(table, &table->header, &back.header);
    for (size_t i = 0; i < table->row_count; i++)
        expect_same(table, &table->rows[i], &back.rows[i]);
    table_finish(&back);
    buffer_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct table table = { .row_count = 0 };
    struct fault fault = { "" };
    struct bytes bytes = { data, size };
    if (table_read(bytes, &table, &fault) == 0) {
        assert(table.column_count >= 1);
        for (size_t i = 0; i < table.column_count; i++)
            assert(table_column(&table, table.header.cells[i]) <= i);
        if (text_is_utf8((const char *)data, size))
            check_round_trip(&table);
    }
    table_finish(&table);
    return 0;
}
