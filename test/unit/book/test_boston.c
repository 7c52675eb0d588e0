/* The limits that a real city stamped on its requests, from the book alone. Needs the test data. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/buffer.h"
#include "proto/base/timestamp.h"
#include "proto/book/table.h"
#include "support.h"

enum { TOLERANCE_MS = 180 * MS_PER_SECOND };

static struct book *load(void)
{
    char folder[600];
    struct fault fault = { "" };
    struct book *book;
    snprintf(folder, sizeof folder, "%s/examples/boston", source_root());
    if (book_load(folder, &book, NULL, NULL, &fault) < 0)
        fail_msg("%s", fault.text);
    return book;
}

static void read_requests(struct table *table)
{
    char path[600];
    struct buffer bytes = { 0 };
    struct fault fault = { "" };
    int got;
    snprintf(path, sizeof path, "%s/boston311_2011_first40000.csv.gz", test_data());
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    while ((got = gzread(file, buffer_reserve(&bytes, 1 << 20), 1 << 20)) > 0)
        bytes.size += (size_t)got;
    gzclose(file);
    assert_int_equal(got, 0);
    if (table_read(buffer_view(&bytes), table, &fault) < 0)
        fail_msg("%s", fault.text);
    buffer_finish(&bytes);
}

static void the_book_gives_the_targets_of_the_city(void **state)
{
    (void)state;
    struct book *book = load();
    struct table requests = { .row_count = 0 };
    read_requests(&requests);
    size_t type = table_column(&requests, "type"), open = table_column(&requests, "open_dt"),
           target = table_column(&requests, "target_dt");
    assert_int_equal(requests.row_count, 40000);
    size_t compared = 0, near = 0;
    for (size_t i = 0; i < requests.row_count; i++) {
        const char *const *cells = requests.rows[i].cells;
        const struct book_service *service = book_service(book, cells[type]);
        if (!service || !*cells[target])
            continue;
        const struct book_limit *limit = &book_condition(service, NULL)->limit;
        int64_t deadline =
            calendar_deadline(limit->calendar, moment(book->zone, cells[open]), limit->unit, limit->amount);
        compared++;
        near += llabs(deadline - moment(book->zone, cells[target])) <= TOLERANCE_MS;
    }
    print_message("# %zu of %zu targets within %d s\n", near, compared, TOLERANCE_MS / MS_PER_SECOND);
    assert_int_equal(compared, 32175);
    assert_true(near * 1000 >= compared * 993);
    table_finish(&requests);
    book_destroy(book);
}

static void boston_holds_the_citys_rules(void **state)
{
    (void)state;
    struct book *book = load();
    assert_int_equal(book->service_count, 80);
    assert_int_equal(book_condition(book_service(book, "general"), NULL)->limit.unit, UNIT_NONE);
    const struct book_service *graffiti = book_service(book, "Graffiti Removal");
    assert_true(graffiti->auto_accept && graffiti->auto_dispatch && graffiti->auto_check &&
                graffiti->limit_from_report);
    assert_int_equal(book_condition(graffiti, "")->limit.amount, 45);
    assert_int_equal(book->failed_geocode_count, 1);
    const struct book_department *department;
    struct case_file record = { .service = "Graffiti Removal", .condition = "", .place = { .area = "" } };
    assert_non_null(book_route(book, &record, 0, &department));
    assert_string_equal(department->code, "PROP");
    record.service = "general";
    assert_non_null(book_route(book, &record, 0, &department));
    assert_string_equal(department->code, "INFO");
    book_destroy(book);
}

static void its_neighbourhoods_hold_their_places(void **state)
{
    (void)state;
    struct book *book = load();
    static const struct {
        double lat, lon;
        const char *area; /* NULL: outside */
    } places[] = {
        { 42.3467, -71.0972, "fenway" },
        { 42.2715, -71.0772, "mattapan" },
        { 42.3782, -71.0602, "charlestown" },
        { 42.3736, -71.1097, NULL /* Cambridge */ },
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct book_area *area = book_locate(book, places[i].lat, places[i].lon);
        assert_string_equal(area ? area->code : "outside", places[i].area ? places[i].area : "outside");
    }
    assert_string_equal(book_condition(book_service(book, "Graffiti Removal"), NULL)->limit.rule, "boston311_sla_rules."
                                                                                                  "csv:7");
    book_destroy(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_book_gives_the_targets_of_the_city),
        cmocka_unit_test(boston_holds_the_citys_rules),
        cmocka_unit_test(its_neighbourhoods_hold_their_places),
    };
    if (!test_data()) {
        printf("1..0 # SKIP no test data; set DRUMTOWER_TEST_DATA to the folder that holds it\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
