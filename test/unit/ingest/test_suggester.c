/* Ingest's suggestion: the model's file comes, changes, breaks and goes; and the event that reaches the log has what was suggested. */
#include "test/unit/ingest/fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "ingest/enrich/classify/suggester.h"
#include "ingest/intake.h"
#include "test/unit/bus/bus_harness.h"
#include "test/unit/door/bench.h"
#include "test/unit/ingest/sayings.h"

struct desk {
    struct book *book;
    char folder[40], path[80];
    struct suggester suggester;
};

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    void *book;
    strcpy(desk->folder, "/tmp/ingest-suggester-XXXXXX");
    if (load_test_book(&book) || !mkdtemp(desk->folder))
        return -1;
    desk->book = book;
    snprintf(desk->path, sizeof desk->path, "%s/" SUGGESTER_FILE, desk->folder);
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    suggester_close(&desk->suggester);
    book_destroy(desk->book);
    nftw(desk->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(desk);
    return 0;
}

/* As drumctl train does: whole under its name at once. */
static void put_file(const struct desk *desk, const void *bytes, size_t size)
{
    char draft[100];
    snprintf(draft, sizeof draft, "%s.new", desk->path);
    FILE *file = fopen(draft, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(draft, desk->path), 0);
}

static void put_model(const struct desk *desk)
{
    struct classifier model;
    struct buffer file = { 0 };
    sayings_model(&model);
    classifier_encode(&model, &file);
    put_file(desk, file.bytes, file.size);
    buffer_finish(&file);
    classifier_finish(&model);
}

static struct event manhole(const char *area)
{
    return (struct event){ .kind = EVENT_REPORT,
                           .source = SOURCE_RESIDENT,
                           .service = "",
                           .title = "小区门口井盖丢了",
                           .text = "小区门口井盖丢了\n请尽快处理",
                           .place = { .area = area } };
}

static const char *suggestion(struct desk *desk, struct event event)
{
    suggester_event(&desk->suggester, &event);
    assert_true((event.suggested_service != NULL) == (event.suggestion_confidence > 0));
    return event.suggested_service ? event.suggested_service : "";
}

static void without_a_model_nothing_is_suggested(void **state)
{
    struct desk *desk = *state;
    suggester_open(&desk->suggester, desk->book, desk->path);
    assert_string_equal(suggestion(desk, manhole("west")), "");
    assert_int_equal(harness_metric("drumtower_ingest_suggest_services"), 0);
    suggester_check(&desk->suggester);
    assert_string_equal(suggestion(desk, manhole("west")), "");
}

static void a_model_suggests_by_words_and_area(void **state)
{
    struct desk *desk = *state;
    put_model(desk);
    suggester_open(&desk->suggester, desk->book, desk->path);
    assert_int_equal(harness_metric("drumtower_ingest_suggest_services"), SAYING_SERVICES);
    struct event event = manhole("west");
    suggester_event(&desk->suggester, &event);
    assert_ptr_equal(event.suggested_service, book_service(desk->book, "0101")->code); /* lives as long as the book */
    assert_true(event.suggestion_confidence > 0.8 && event.suggestion_confidence < 1);
    assert_string_equal(suggestion(desk, manhole("east")), "internal");
}

static void who_needs_none_gets_none(void **state)
{
    struct desk *desk = *state;
    put_model(desk);
    suggester_open(&desk->suggester, desk->book, desk->path);
    struct event named = manhole("west"), rating = manhole("west"), patrol = manhole("west"), stray = manhole("west");
    struct event suggested = manhole("west");
    named.service = "0102";
    rating.kind = EVENT_RATING;
    patrol.kind = EVENT_PATROL;
    stray.title = stray.text = "流浪狗咬人"; /* a service that the book has not */
    suggested.suggested_service = "general";
    assert_string_equal(suggestion(desk, named), "");
    assert_string_equal(suggestion(desk, rating), "");
    assert_string_equal(suggestion(desk, patrol), "0101");
    assert_string_equal(suggestion(desk, stray), "");
    suggester_event(&desk->suggester, &suggested);
    assert_string_equal(suggested.suggested_service, "general");
}

static void the_file_is_read_again_when_it_changes(void **state)
{
    struct desk *desk = *state;
    suggester_open(&desk->suggester, desk->book, desk->path);
    put_model(desk);
    assert_string_equal(suggestion(desk, manhole("west")), ""); /* nobody has looked */
    suggester_check(&desk->suggester);
    assert_string_equal(suggestion(desk, manhole("west")), "0101");
    int64_t damaged = harness_metric("drumtower_ingest_suggest_damaged_total");
    put_file(desk, "DTMODEL1 is all", 15);
    for (int i = 0; i < 3; i++)
        suggester_check(&desk->suggester);
    assert_int_equal(harness_metric("drumtower_ingest_suggest_damaged_total"), damaged + 1); /* told once */
    assert_string_equal(suggestion(desk, manhole("west")), "0101");                          /* by the one before it */
    assert_int_equal(unlink(desk->path), 0);
    suggester_check(&desk->suggester);
    assert_string_equal(suggestion(desk, manhole("west")), "");
    assert_int_equal(harness_metric("drumtower_ingest_suggest_services"), 0);
}

/* ---- through the intake into the log ---- */

struct entrance {
    struct intake *intake;
    const char *service;
    size_t count;
};

static void taken(struct request *request, const struct event_append *done, void *context)
{
    (void)context;
    reply_text(request, 201, "text/plain", arena_format(request_arena(request), "%d", (int)done->seq));
}

static void take(struct request *request, void *context)
{
    struct entrance *entrance = context;
    struct event *event = arena_alloc(request_arena(request), sizeof *event);
    *event = manhole("west");
    event->service = entrance->service;
    event->id = arena_format(request_arena(request), "e-%zu", ++entrance->count);
    struct event_append append = { .event = event };
    struct fault fault;
    assert_int_equal(intake_submit(entrance->intake, request, &append, taken, NULL, &fault), INTAKE_TAKEN);
}

static void the_log_keeps_what_was_suggested(void **state)
{
    struct desk *desk = *state;
    struct fault fault = { "" };
    struct bench bench;
    struct entrance entrance = { .service = "" };
    struct event_log *log;
    struct bus_publisher *doorbell;
    struct arena arena = { 0 };
    struct event event;
    put_model(desk);
    suggester_open(&desk->suggester, desk->book, desk->path);
    bench_open(&bench, NULL);
    assert_int_equal(event_log_open(desk->folder, STORE_READ_WRITE, &log, &fault), 0);
    assert_int_equal(bus_publisher_dial(harness_port_base(), BUS_EVENTS, &doorbell, &fault), 0);
    assert_int_equal(intake_open(&(struct intake_options){ .loop = bench.loop,
                                                           .log = log,
                                                           .doorbell = doorbell,
                                                           .queue = 16,
                                                           .patience_ms = 60 * 1000,
                                                           .suggester = &desk->suggester,
                                                           .book = desk->book },
                                 &entrance.intake, &fault),
                     0);
    bench_route(&bench, "POST", "/take", 0, -1, take, &entrance);
    assert_int_equal(ask_status(&bench, "POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"), 201);
    entrance.service = "0102";
    assert_int_equal(ask_status(&bench, "POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"), 201);
    assert_int_equal(event_log_get(log, 1, &arena, &event, &fault), 0);
    assert_string_equal(event.suggested_service, "0101");
    assert_true(event.suggestion_confidence > 0.8);
    assert_int_equal(event_log_get(log, 2, &arena, &event, &fault), 0);
    assert_string_equal(event.service, "0102");
    assert_string_equal(event.suggested_service, "");
    arena_finish(&arena);
    intake_close(entrance.intake);
    bench_close(&bench);
    event_log_close(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_model_nothing_is_suggested, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(a_model_suggests_by_words_and_area, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(who_needs_none_gets_none, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(the_file_is_read_again_when_it_changes, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(the_log_keeps_what_was_suggested, open_desk, close_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
