/* The indicators over HTTP: figures, the cases behind them page by page, and what is asked wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "few_cases.h"
#include "proto/store/indicator.h"
#include "test/unit/book/support.h"
#include "test/unit/door/bench.h"
#include "videowall/metrics/indicator_api.h"

struct fixture {
    char folder[32];
    struct store *store;
    struct book *book;
    struct bench bench;
    struct indicator_api api;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char lane[600];
    struct fault fault = { "" };
    *state = fixture;
    snprintf(lane, sizeof lane, "%s/test/scenario/books/lane", source_root());
    fixture->store = few_cases_open(fixture->folder);
    if (book_load(lane, &fixture->book, NULL, NULL, &fault))
        fail_msg("%s", fault.text);
    bench_open(&fixture->bench, NULL);
    fixture->api = (struct indicator_api){ fixture->bench.door, fixture->book, fixture->store, 0 };
    if (indicator_api_open(&fixture->api, &fault))
        fail_msg("%s", fault.text);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char command[64];
    bench_close(&fixture->bench);
    store_close(fixture->store);
    book_destroy(fixture->book);
    snprintf(command, sizeof command, "rm -r %s", fixture->folder);
    int result = system(command);
    free(fixture);
    return result;
}

/* The answer's JSON; the test frees it. */
static json_t *get(struct fixture *fixture, const char *path, int status)
{
    char request[400];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    struct answer answer = ask(&fixture->bench, request);
    if (answer.status != status)
        fail_msg("%s: %d, %s", path, answer.status, answer_text(&answer));
    json_t *body = json_loads(answer_text(&answer), 0, NULL);
    assert_non_null(body);
    answer_finish(&answer);
    return body;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

#define DAYS "from=2026-01-05&to=2026-01-05"

static void a_department_has_its_rates_and_colours(void **state)
{
    json_t *answer = get(*state, "/api/indicators?by=dept&" DAYS, 200);
    json_t *groups = json_object_get(answer, "groups");
    assert_int_equal(json_array_size(groups), 2);
    json_t *water = json_array_get(groups, 0); /* as in the book */
    assert_string_equal(text_of(water, "key"), "water");
    assert_string_equal(text_of(json_object_get(water, "name"), "zh"), "水务站");
    json_t *rate = json_object_get(json_object_get(water, "indicators"), "disposed_on_time");
    assert_int_equal(json_integer_value(json_object_get(rate, "part")), 3);
    assert_int_equal(json_integer_value(json_object_get(rate, "of")), 5);
    assert_string_equal(text_of(rate, "grade"), "red");
    json_t *roads = json_array_get(groups, 1); /* nothing of it is known yet */
    assert_null(json_object_get(json_object_get(roads, "indicators"), "disposed_on_time"));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(roads, "measures"), "reported")), 1);
    assert_int_equal(json_array_size(json_object_get(answer, "definitions")), INDICATOR_COUNT);
    json_decref(answer);
}

static void without_a_question_it_is_the_district_of_these_days(void **state)
{
    json_t *answer = get(*state, "/api/indicators", 200);
    assert_string_equal(text_of(answer, "by"), "all");
    assert_string_equal(text_of(answer, "period"), "whole");
    assert_string_equal(text_of(answer, "to"), text_of(answer, "today"));
    json_decref(answer);
}

/* All numbers that a figure leads to, page after page. */
static void follow(struct fixture *fixture, const char *question, char *out, size_t size)
{
    char path[400], after[64] = "";
    *out = 0;
    for (int page = 0; page < 10; page++) {
        snprintf(path, sizeof path, "/api/indicators/cases?%s&%s&after=%s", question, DAYS, after);
        json_t *answer = get(fixture, path, 200), *record;
        size_t i;
        json_array_foreach(json_object_get(answer, "cases"), i, record)
        {
            size_t used = strlen(out);
            snprintf(out + used, size - used, "%s%s ", text_of(record, "number"),
                     json_is_true(json_object_get(record, "part")) ? "+" : "");
        }
        const char *next = text_of(answer, "next");
        snprintf(after, sizeof after, "%s", next ? next : "");
        json_decref(answer);
        if (!*after)
            return;
    }
    fail_msg("there are pages without end");
}

static void a_figure_leads_to_its_cases_page_by_page(void **state)
{
    static const struct {
        const char *question, *numbers; /* newest first */
    } rows[] = {
        { "indicator=disposed_on_time", "n5 n4 n3+ n2+ n1+ " },
        { "indicator=disposed_on_time&limit=2", "n5 n4 n3+ n2+ n1+ " },
        { "indicator=disposed_on_time&limit=1&part=rest", "n5 n4 " },
        { "indicator=disposed_on_time&part=part&by=dept&key=water&limit=3", "n3+ n2+ n1+ " },
        { "indicator=overdue&part=part&by=tier&key=district", "n5+ n4+ " },
        { "indicator=overdue&by=dept&key=roads", "" },
        { "indicator=satisfied", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char found[200];
        follow(*state, rows[i].question, found, sizeof found);
        assert_string_equal(found, rows[i].numbers);
    }
}

static void what_is_asked_wrongly_is_refused_with_what_would_be_right(void **state)
{
    static const struct {
        const char *path, *said;
    } rows[] = {
        { "/api/indicators?by=moon", "by: 'moon' is none of all, dept, service, worker, source, tier, area" },
        { "/api/indicators?from=today", "from: 'today' is no day; expected one such as 2026-01-05" },
        { "/api/indicators?from=2000-01-01&to=2026-01-01", "these are more than 1100 days" },
        { "/api/indicators/cases", "'indicator' is missing." },
        { "/api/indicators/cases?indicator=late", "indicator: 'late' is none of accepted_on_time" },
        { "/api/indicators/cases?indicator=overdue&part=half", "part: 'half' is none of of, part, rest" },
        { "/api/indicators/cases?indicator=overdue&limit=501", "'limit' is not between 1 and 500." },
        { "/api/indicators/cases?indicator=overdue&after=5", "'after' is not ORDER,ID." },
        { "/api/indicators/cases?indicator=overdue&after=5,6x", "'after' is not ORDER,ID." },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *answer = get(*state, rows[i].path, 400);
        const char *message = text_of(json_object_get(answer, "error"), "message");
        if (strncmp(message, rows[i].said, strlen(rows[i].said)) != 0)
            fail_msg("%s: %s", rows[i].path, message);
        json_decref(answer);
    }
}

#define with_cases(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_cases(a_department_has_its_rates_and_colours),
        with_cases(without_a_question_it_is_the_district_of_these_days),
        with_cases(a_figure_leads_to_its_cases_page_by_page),
        with_cases(what_is_asked_wrongly_is_refused_with_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
