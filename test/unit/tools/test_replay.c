#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "tools/replay/csv.h"
#include "tools/replay/rows.h"

static struct csv csv_of(const char *text)
{
    struct csv csv;
    csv_open_bytes(&csv, (struct bytes){ (const uint8_t *)text, strlen(text) });
    return csv;
}

/* The records as one text: fields between bars, a record a line; "!" and the reason for a bad one. */
static void read_all(const char *text, char *out, size_t size)
{
    struct csv csv = csv_of(text);
    struct csv_record record;
    struct fault fault = { "" };
    int result;
    size_t used = 0;
    out[0] = '\0';
    while ((result = csv_next(&csv, &record, &fault)) != CSV_END) {
        used += (size_t)snprintf(out + used, size - used, "%zu:", record.line);
        if (result == CSV_BAD)
            used += (size_t)snprintf(out + used, size - used, "!%s", fault.text);
        for (size_t i = 0; result == CSV_RECORD && i < record.count; i++)
            used += (size_t)snprintf(out + used, size - used, "%s%s", i ? "|" : "", record.fields[i]);
        used += (size_t)snprintf(out + used, size - used, "\n");
    }
    csv_close(&csv);
}

static void csv_is_read_by_rfc_4180(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "a,b\nc,d\n", "1:a|b\n2:c|d\n" },
        { "a,b\r\nc,d", "1:a|b\n2:c|d\n" },
        { ",\n", "1:|\n" },
        { "\"a,b\",\"c\"\"d\"\n", "1:a,b|c\"d\n" },
        { "\"a\nb\r\nc\",d\ne,f\n", "1:a\nb\r\nc|d\n4:e|f\n" },
        { "\"\",\"\"\n\n\nx\n", "1:|\n4:x\n" },
        { " a , b \n", "1: a | b \n" }, /* blanks are part of a field */
        { "", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[1000];
        read_all(rows[i].text, out, sizeof out);
        assert_string_equal(out, rows[i].expected);
    }
}

static void a_bad_record_costs_no_other(void **state)
{
    (void)state;
    char out[1000];
    read_all("a,b\nc\"d,e\nf,g\n", out, sizeof out);
    assert_string_equal(out, "1:a|b\n2:!line 2: a quote inside a field that is not quoted\n3:f|g\n");
    read_all("a,\"b\nc,d\ne,f\n", out, sizeof out);
    assert_string_equal(out, "1:!line 1: a quoted field does not end\n2:c|d\n3:e|f\n");
    read_all("\"a\"b,c\nd\n", out, sizeof out);
    assert_string_equal(out, "1:!line 1: 'b' after a closing quote; expected a comma\n2:d\n");
}

static char refusals[4000];

static void note_refusal(const char *why)
{
    strcat(refusals, why);
    strcat(refusals, "\n");
}

static void load(struct rows *rows, const char *text, size_t limit, int expected, struct fault *fault)
{
    char path[] = "/tmp/replay-rows-XXXXXX";
    int fd = mkstemp(path);
    struct zone *zone;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    assert_int_equal(zone_open("America/New_York", &zone, fault), 0);
    refusals[0] = '\0';
    assert_int_equal(rows_load(rows, path, zone, limit, note_refusal, fault), expected);
    zone_destroy(zone);
    unlink(path);
}

static void a_row_that_cannot_be_right_is_refused_with_its_reason(void **state)
{
    (void)state;
    struct rows rows = { 0 };
    struct fault fault = { "" };
    load(&rows,
         "case_enquiry_id,open_dt,target_dt,closed_dt,ontime,type,location,latitude,longitude\n"
         "1,2011-07-01 09:00:00,2011-07-05 09:00:00,2011-07-02 10:00:00,ONTIME,Pothole,\"1 Main St, "
         "Boston\",42.3,-71.0\n"
         "2,2011-07-01 09:00:00,,2011-07-01 08:59:59,,Pothole,x,,\n"
         "3,someday,,,,Pothole,x,,\n"
         "4,,,,,Pothole,x,,\n"
         "5,2011-07-01 09:00:00,,never,,Pothole,x,,\n"
         "6,2011-07-01 09:00:00,,,,,x,,\n"
         "7,2011-07-01 09:00:00,,,,Pothole,,42.3,\n"
         "8,2011-07-01 09:00:00\n"
         "9,2011-07-01 08:00:00,,,,Pothole,,42.3,-71.0\n",
         0, 0, &fault);
    assert_int_equal(rows.total, 9);
    assert_int_equal(rows.refused, 7);
    assert_int_equal(rows.count, 2);
    assert_string_equal(rows.items[0].id, "9"); /* in order of opening */
    assert_string_equal(rows.items[1].location, "1 Main St, Boston");
    assert_int_equal(rows.items[1].verdict, VERDICT_ON_TIME);
    assert_int_equal(rows.items[1].opened_ms, INT64_C(1309525200000)); /* 13:00 UTC: summer time */
    static const char *const reasons[] = {
        "line 3: closed_dt 2011-07-01 08:59:59 is before open_dt 2011-07-01 09:00:00",
        "line 4: open_dt 'someday' is not a date and time",
        "line 5: no open_dt",
        "line 6: closed_dt 'never' is not a date and time",
        "line 7: no type",
        "line 8: neither a location nor a position",
        "line 9: 2 fields; the first line has 9",
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (!strstr(refusals, reasons[i]))
            fail_msg("expected '%s' in '%s'", reasons[i], refusals);
    rows_finish(&rows);
}

static void a_file_without_the_needed_columns_is_refused_whole(void **state)
{
    (void)state;
    struct rows rows = { 0 };
    struct fault fault = { "" };
    load(&rows, "open_dt,kind\n2011-07-01 09:00:00,x\n", 0, -EINVAL, &fault);
    assert_non_null(strstr(fault.text, "no column 'type'"));
    rows_finish(&rows);
    load(&rows, "", 0, -EINVAL, &fault);
    assert_non_null(strstr(fault.text, "is empty"));
    rows_finish(&rows);
}

static void only_the_first_rows_are_read_when_asked(void **state)
{
    (void)state;
    struct rows rows = { 0 };
    struct fault fault = { "" };
    load(&rows, "open_dt,type,location\n2011-07-01 09:00:00,a,x\n2011-07-02 09:00:00,b,x\n2011-07-03 09:00:00,c,x\n", 2,
         0, &fault);
    assert_int_equal(rows.total, 2);
    assert_int_equal(rows.count, 2);
    rows_finish(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read_by_rfc_4180),
        cmocka_unit_test(a_bad_record_costs_no_other),
        cmocka_unit_test(a_row_that_cannot_be_right_is_refused_with_its_reason),
        cmocka_unit_test(a_file_without_the_needed_columns_is_refused_whole),
        cmocka_unit_test(only_the_first_rows_are_read_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
