#include "test/unit/ingest/fixture.h"

#include <ftw.h>
#include <stdio.h>

#include "ingest/sources/cities/handover.h"
#include "ingest/sources/cities/letter.h"

static struct book_city city_of(const struct book *book)
{
    static struct book_city_service services[2];
    services[0] = (struct book_city_service){ book_service(book, "0101"), "7" };
    services[1] = (struct book_city_service){ book_service(book, "0102"), "8 & 9" };
    return (struct book_city){ .name = "next",
                               .url = "http://next.example",
                               .jurisdiction = "",
                               .pictures = "",
                               .services = services,
                               .service_count = 2 };
}

static struct case_file case_of(const char *service)
{
    return (struct case_file){ .number = "t1-20260105-0001",
                               .service = service,
                               .title = "井盖",
                               .text = "",
                               .place = { .lat = 39.94, .lon = 116.39, .address = "", .area = "west" } };
}

static const char *form_of_case(const struct book *book, const struct book_city *city, const struct case_file *record,
                                const char *key, struct buffer *form)
{
    buffer_clear(form);
    return letter_report(book, city, record, key, form) ? buffer_string(form) : NULL;
}

static void a_case_becomes_a_report_without_who_reported(void **state)
{
    struct book_city city = city_of(*state);
    struct case_file record = case_of("0101");
    struct buffer form = { 0 };
    assert_string_equal(form_of_case(*state, &city, &record, NULL, &form), "service_code=7&description=%E4%BA%95%E7%"
                                                                           "9B%96&lat=39%2E9400000&long=116%2E3900000");
    city.jurisdiction = "next.example";
    record = case_of("0102");
    record.text = "words";
    record.place = (struct place){ .address = "", .area = "west", .marks = 1 << MARK_NO_POSITION };
    assert_string_equal(form_of_case(*state, &city, &record, "a.b", &form), "api_key=a%2Eb&jurisdiction_id=next%"
                                                                            "2Eexample&"
                                                                            "service_code=8%20%26%209&description=words"
                                                                            "&address_string=%E8%A5%BF%E7%BD%91%E6%A0%"
                                                                            "BC"); /* the grid, for want of better */
    record.place.address = "x";
    assert_non_null(strstr(form_of_case(*state, &city, &record, NULL, &form), "&address_string=x"));
    record = case_of("general");
    assert_null(form_of_case(*state, &city, &record, NULL, &form)); /* they have no code for it */
    buffer_finish(&form);
}

static void pictures_go_along_where_they_can_be_fetched(void **state)
{
    struct book_city city = city_of(*state);
    struct case_file record = case_of("0101");
    struct media pictures[] = { { .hash = "ab12", .url = "" }, { .hash = "", .url = "http://p.example/1" } };
    struct buffer form = { 0 };
    record.media = (struct media_list){ pictures, 2 };
    const char *text = form_of_case(*state, &city, &record, NULL, &form);
    assert_null(strstr(text, "ab12"));
    assert_non_null(strstr(text, "&media_url=http%3A%2F%2Fp%2Eexample%2F1"));
    city.pictures = "https://t1.example";
    text = form_of_case(*state, &city, &record, NULL, &form);
    assert_non_null(strstr(text, "&media_url=https%3A%2F%2Ft1%2Eexample%2Fmedia%2Fab12&media_url=http"));
    buffer_finish(&form);
}

static void numbers_are_asked_for_in_one_question(void **state)
{
    struct book_city city = city_of(*state);
    struct buffer query = { 0 };
    letter_question(&city, (const char *const[]){ "1", "b/2" }, 2, &query);
    assert_string_equal(buffer_string(&query), "service_request_id=1%2Cb%2F2");
    buffer_clear(&query);
    city.jurisdiction = "n";
    letter_question(&city, NULL, 0, &query);
    assert_string_equal(buffer_string(&query), "jurisdiction_id=n");
    buffer_finish(&query);
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void answers_are_read_as_the_standard_has_them(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct letter_row *rows;
    size_t count;
    struct fault fault = { "" };
    assert_int_equal(letter_read(bytes_of("<?xml version=\"1.0\"?><service_requests><request><service_request_id>638344"
                                          "</service_request_id><status>closed</status><status_notes>Duplicate."
                                          "</status_notes></request><other/><request><token>t1</token></request>"
                                          "</service_requests>"),
                                 &arena, &rows, &count, &fault),
                     0);
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].number, "638344");
    assert_string_equal(rows[0].notes, "Duplicate.");
    assert_true(rows[0].is_closed);
    assert_string_equal(rows[0].token, "");
    assert_string_equal(rows[1].token, "t1");
    assert_false(rows[1].is_closed);
    assert_int_equal(letter_read(bytes_of("<service_requests/>"), &arena, &rows, &count, &fault), 0);
    assert_int_equal(count, 0);
    static const char *const wrong[] = { "", "<errors/>", "[{\"service_request_id\":1}]", "<service_requests>",
                                         "<!DOCTYPE x [<!ENTITY e \"y\">]><service_requests/>" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (letter_read(bytes_of(wrong[i]), &arena, &rows, &count, &fault) == 0 || count)
            fail_msg("row %zu was read", i);
    assert_string_equal(letter_errors(bytes_of("<errors><error><code>400</code><description>no</description></error>"
                                               "<error><description>never</description></error></errors>"),
                                      &arena),
                        "no; never");
    assert_string_equal(letter_errors(bytes_of("not XML"), &arena), "");
    struct buffer many = { 0 };
    buffer_text(&many, "<errors>");
    for (int i = 0; i < 10000; i++)
        buffer_text(&many, "<error><description>it cannot be taken for one of many reasons</description></error>");
    buffer_text(&many, "</errors>");
    size_t used = arena.used;
    assert_in_range(strlen(letter_errors(buffer_view(&many), &arena)), 900, 2000);
    assert_in_range(arena.used - used, 0, 100 * many.size); /* its tree */
    buffer_finish(&many);
    arena_finish(&arena);
}

static void a_round_of_a_case_has_a_name_of_its_own(void **state)
{
    (void)state;
    struct task tasks[] = { { .id = 1, .role = TASK_ROLE_LEAD, .state = TASK_DONE, .department = "roads" },
                            { .id = 2, .role = TASK_ROLE_LEAD, .state = TASK_OFFERED, .department = "roads" } };
    struct case_file record = case_of("0101");
    char name[HANDOVER_NAME];
    record.department = "roads";
    record.tasks = (struct task_list){ tasks, 1 };
    assert_false(handover_name(&record, name)); /* it is done */
    record.tasks.count = 2;
    assert_true(handover_name(&record, name));
    assert_string_equal(name, "t1-20260105-0001/2");
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

static void a_memo_gives_the_handover_back(void **state)
{
    (void)state;
    char folder[] = "/tmp/ingest-cities-XXXXXX";
    struct arena arena = { 0 };
    struct event_log *log;
    struct fault fault = { "" };
    struct handovers handovers = { 0 };
    const struct handover rows[] = {
        { .name = "t1-20260105-0001/1",
          .report = 4,
          .state = HANDOVER_NUMBERED,
          .number = "638344",
          .said = "0123456789abcdef",
          .told = 3 },
        { .name = "t1-20260105-0002/3", .report = 5, .state = HANDOVER_TOKEN, .number = "t-1" },
        { .name = "t1-20260105-0003/1", .report = 6, .state = HANDOVER_REFUSED },
    };
    assert_non_null(mkdtemp(folder));
    assert_int_equal(event_log_open(folder, STORE_READ_WRITE, &log, &fault), 0);
    for (size_t i = 0; i < 3; i++) {
        struct event_memo memo = handover_memo(&rows[i], "next", false, &arena);
        struct event_append append = { .memos = &memo, .memo_count = 1 };
        assert_int_equal(event_log_append(log, &append, 1, &fault), 0);
    }
    struct event_memo other = handover_memo(&rows[0], "nextdoor", false, &arena),
                      gone = handover_memo(&rows[2], "next", true, &arena);
    struct event_append append = { .memos = (struct event_memo[]){ other, gone }, .memo_count = 2 };
    assert_int_equal(event_log_append(log, &append, 1, &fault), 0);
    assert_int_equal(handovers_recall(&handovers, log, "next", &fault), 0);
    assert_int_equal(handovers.count, 2);
    const struct handover *found = handovers_find(&handovers, rows[0].name);
    assert_non_null(found);
    assert_int_equal(found->report, 4);
    assert_int_equal(found->state, HANDOVER_NUMBERED);
    assert_string_equal(found->number, "638344");
    assert_string_equal(found->said, "0123456789abcdef");
    struct handover next = *found; /* they may say the same again: it is another event */
    assert_string_equal(handover_next_event(&next, &arena), "t1-20260105-0001/1 event 4");
    assert_string_equal(handover_next_event(&next, &arena), "t1-20260105-0001/1 event 5");
    assert_int_equal(handovers_find(&handovers, rows[1].name)->state, HANDOVER_TOKEN);
    handovers_finish(&handovers);
    struct event_memo old = { "city/next/t1-20260105-0004/1", bytes_of("numbered\n4\n17\n0123456789abcdef") };
    append = (struct event_append){ .memos = &old, .memo_count = 1 };
    assert_int_equal(event_log_append(log, &append, 1, &fault), 0);
    assert_int_equal(handovers_recall(&handovers, log, "next", &fault), 0);
    assert_int_equal(handovers_find(&handovers, "t1-20260105-0004/1")->told, 0);
    handovers_finish(&handovers);
    struct event_memo broken = { "city/next/x", bytes_of("numbered\nfour\n1\n") };
    append = (struct event_append){ .memos = &broken, .memo_count = 1 };
    assert_int_equal(event_log_append(log, &append, 1, &fault), 0);
    assert_true(handovers_recall(&handovers, log, "next", &fault) < 0);
    assert_non_null(strstr(fault.text, "is no handover"));
    handovers_finish(&handovers);
    event_log_close(log);
    arena_finish(&arena);
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_becomes_a_report_without_who_reported),
        cmocka_unit_test(pictures_go_along_where_they_can_be_fetched),
        cmocka_unit_test(numbers_are_asked_for_in_one_question),
        cmocka_unit_test(answers_are_read_as_the_standard_has_them),
        cmocka_unit_test(a_round_of_a_case_has_a_name_of_its_own),
        cmocka_unit_test(a_memo_gives_the_handover_back),
    };
    return cmocka_run_group_tests(tests, load_test_book, free_test_book);
}
