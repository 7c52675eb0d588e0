#include <string.h>

#include "proto/book/table.h"
#include "support.h"

static void read(const char *text, struct table *table)
{
    struct fault fault = { "" };
    *table = (struct table){ .row_count = 0 };
    if (table_read((struct bytes){ (const uint8_t *)text, strlen(text) }, table, &fault) < 0)
        fail_msg("%s", fault.text);
}

static void rows_and_columns_are_found(void **state)
{
    (void)state;
    struct table table;
    read("type,unit,n\r\nHoles,day,2\r\n\r\nBins,hour,\n", &table);
    assert_int_equal(table.column_count, 3);
    assert_int_equal(table.row_count, 2); /* a blank line is none */
    assert_int_equal(table_column(&table, "unit"), 1);
    assert_int_equal(table_column(&table, "Unit"), 3);
    assert_string_equal(table.rows[0].cells[2], "2");
    assert_string_equal(table.rows[1].cells[2], "");
    assert_int_equal(table.rows[1].line, 4);
    table_finish(&table);
}

static void quoted_cells_hold_commas_quotes_and_line_ends(void **state)
{
    (void)state;
    struct table table;
    read("a,b\n\"x, y\",\"he said \"\"no\"\"\"\n\"two\nlines\",\"\"\nlast,row", &table);
    assert_int_equal(table.row_count, 3);
    assert_string_equal(table.rows[0].cells[0], "x, y");
    assert_string_equal(table.rows[0].cells[1], "he said \"no\"");
    assert_string_equal(table.rows[1].cells[0], "two\nlines");
    assert_string_equal(table.rows[1].cells[1], "");
    assert_int_equal(table.rows[2].line, 5);
    assert_string_equal(table.rows[2].cells[1], "row"); /* without a line end */
    table_finish(&table);
}

static void the_mark_of_spreadsheets_is_no_part_of_the_first_name(void **state)
{
    (void)state;
    struct table table;
    read("\xef\xbb\xbftype,n\nA,1\n", &table);
    assert_int_equal(table_column(&table, "type"), 0);
    table_finish(&table);
}

static void a_table_that_is_none_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        { "", "the table is empty; expected a header line" },
        { "a,b\n1\n", "line 2 has 1 cells; expected 2 as in the header" },
        { "a,b\n\"1\n2\",3\n4,5,6\n", "line 4 has 3 cells; expected 2 as in the header" },
        { "a,b\n1,\"2\n", "line 2: a quoted cell does not end" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault fault = { "" };
        struct table table = { .row_count = 0 };
        struct bytes bytes = { (const uint8_t *)rows[i].text, strlen(rows[i].text) };
        assert_int_equal(table_read(bytes, &table, &fault), -EINVAL);
        assert_string_equal(fault.text, rows[i].error);
        table_finish(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_columns_are_found),
        cmocka_unit_test(quoted_cells_hold_commas_quotes_and_line_ends),
        cmocka_unit_test(the_mark_of_spreadsheets_is_no_part_of_the_first_name),
        cmocka_unit_test(a_table_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
