#include "test/unit/ingest/fixture.h"

#include <ftw.h>
#include <stdio.h>

#include "ingest/reports.h"
#include "proto/store/near.h"

static const int64_t START_MS = INT64_C(1767573000000);

struct place_of_work {
    char folder[40];
    struct event_log *log;
    struct reports *reports;
    struct arena arena;
};

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int open_place(void **state)
{
    struct place_of_work *work = calloc(1, sizeof *work);
    struct fault fault = { "" };
    strcpy(work->folder, "/tmp/ingest-reports-XXXXXX");
    if (crypto_init(&fault) < 0 || !mkdtemp(work->folder) ||
        event_log_open(work->folder, STORE_READ_WRITE, &work->log, &fault) < 0 ||
        reports_open(work->log, work->folder, &work->reports, &fault) < 0)
        return -1;
    *state = work;
    return 0;
}

static int close_place(void **state)
{
    struct place_of_work *work = *state;
    reports_close(work->reports);
    event_log_close(work->log);
    arena_finish(&work->arena);
    nftw(work->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(work);
    return 0;
}

/* Event i of the log is received at START_MS + i seconds; every tenth is a rating, every second one of service "b". */
static void append(struct place_of_work *work, size_t count)
{
    struct event *events = calloc(count, sizeof *events);
    struct event_append *batch = calloc(count, sizeof *batch);
    char(*ids)[16] = calloc(count, sizeof *ids);
    struct fault fault = { "" };
    assert_true(events && batch && ids);
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "id-%zu", i + 1);
        events[i] = (struct event){ .id = ids[i],
                                    .kind = (i + 1) % 10 ? EVENT_REPORT : EVENT_RATING,
                                    .service = (i + 1) % 2 ? "a" : "b",
                                    .received_at_ms = START_MS + (int64_t)(i + 1) * 1000 };
        batch[i].event = &events[i];
    }
    assert_int_equal(event_log_append(work->log, batch, count, &fault), 0);
    free(events);
    free(batch);
    free(ids);
}

struct found {
    int64_t seqs[1000];
    size_t count;
};

static void note(void *context, const struct report_view *view)
{
    struct found *found = context;
    found->seqs[found->count++] = view->event.seq;
}

static struct found list(struct place_of_work *work, struct reports_query query)
{
    struct found found = { .count = 0 };
    struct fault fault = { "" };
    if (!query.to_ms)
        query.to_ms = START_MS + 1000000;
    if (!query.open && !query.closed)
        query.open = query.closed = true;
    query.take = query.take ? query.take : 1000;
    assert_int_equal(reports_list(work->reports, &query, &work->arena, note, &found, &fault), REPORTS_FOUND);
    return found;
}

static void a_report_is_there_before_there_is_any_case(void **state)
{
    struct place_of_work *work = *state;
    struct report_view view;
    struct fault fault = { "" };
    append(work, 12);
    assert_int_equal(reports_get(work->reports, 3, &work->arena, &view, &fault), 0);
    assert_false(view.has_case);
    assert_true(report_is_open(&view));
    assert_int_equal(reports_get(work->reports, 10, &work->arena, &view, &fault), 1); /* a rating is no report */
    assert_int_equal(reports_get(work->reports, 13, &work->arena, &view, &fault), 1);
}

static void a_list_is_newest_first_and_paged(void **state)
{
    struct place_of_work *work = *state;
    append(work, 300); /* more than one chunk */
    struct found all = list(work, (struct reports_query){ 0 });
    assert_int_equal(all.count, 270);
    assert_int_equal(all.seqs[0], 299);
    assert_int_equal(all.seqs[269], 1);
    for (size_t i = 1; i < all.count; i++)
        assert_true(all.seqs[i] < all.seqs[i - 1]);
    struct found page = list(work, (struct reports_query){ .skip = 100, .take = 50 });
    assert_int_equal(page.count, 50);
    assert_memory_equal(page.seqs, all.seqs + 100, 50 * sizeof *page.seqs);
}

static void dates_and_services_cut_the_list(void **state)
{
    struct place_of_work *work = *state;
    append(work, 300);
    struct found found = list(work, (struct reports_query){ .from_ms = START_MS + 21000, .to_ms = START_MS + 25000 });
    assert_int_equal(found.count, 5); /* ends included */
    assert_int_equal(found.seqs[0], 25);
    assert_int_equal(found.seqs[4], 21);
    static const char *const services[] = { "b" };
    found = list(
        work, (struct reports_query){
                  .from_ms = START_MS + 21000, .to_ms = START_MS + 25000, .services = services, .service_count = 1 });
    assert_int_equal(found.count, 2);
    assert_int_equal(list(work, (struct reports_query){ .to_ms = START_MS }).count, 0);
    assert_int_equal(list(work, (struct reports_query){ .from_ms = START_MS + 999000 }).count, 0);
}

static void put_record(struct place_of_work *work, struct case_file *record)
{
    struct store *cases;
    struct fault fault = { "" };
    assert_int_equal(case_store_open(work->folder, STORE_READ_WRITE, &cases, &fault), 0);
    struct txn *txn = txn_begin_write(cases);
    step_append(txn, record, &(struct step){ .verb = VERB_REPORT, .at_ms = START_MS });
    case_put(txn, NULL, record);
    assert_int_equal(txn_commit(txn, &fault), 0);
    store_close(cases);
}

static void put_case(struct place_of_work *work, int64_t id, int64_t seq, enum case_state state_now)
{
    struct voice voice = { .seq = seq, .reporter = "" };
    put_record(
        work,
        &(struct case_file){
            .id = id, .number = "t1-20260105-0001", .state = state_now, .service = "c", .voices = { &voice, 1 } });
}

static void put_case_at(struct place_of_work *work, const struct place *place)
{
    struct voice voice = { .seq = 1, .reporter = "" };
    put_record(work, &(struct case_file){ .id = 1,
                                          .number = "t1-20260105-0001",
                                          .state = CASE_ACCEPTED,
                                          .service = "c",
                                          .place = *place,
                                          .cell = near_cell(&work->arena, "c", place->lat, place->lon),
                                          .heard_at_ms = START_MS,
                                          .voices = { &voice, 1 } });
}

static void a_case_decides_what_is_open_and_which_service_it_is(void **state)
{
    struct place_of_work *work = *state;
    struct report_view view;
    struct step_list steps;
    struct fault fault = { "" };
    append(work, 9);
    put_case(work, 1, 4, CASE_CLOSED);
    assert_int_equal(reports_get(work->reports, 4, &work->arena, &view, &fault), 0);
    assert_true(view.has_case);
    assert_false(report_is_open(&view));
    assert_string_equal(report_service(&view), "c");
    assert_int_equal(reports_steps(work->reports, &view.record, &work->arena, &steps, &fault), 0);
    assert_int_equal(steps.count, 1);
    struct found closed = list(work, (struct reports_query){ .closed = true });
    assert_int_equal(closed.count, 1);
    assert_int_equal(closed.seqs[0], 4);
    assert_int_equal(list(work, (struct reports_query){ .open = true }).count, 8);
    static const char *const services[] = { "c" };
    assert_int_equal(list(work, (struct reports_query){ .services = services, .service_count = 1 }).count, 1);
}

static void a_report_hears_of_the_case_that_it_would_join(void **state)
{
    static const struct {
        double lat;
        int64_t radius_m, marks, after_ms;
        bool found;
    } rows[] = {
        { 39.9401, 60, 0, 1000, true },
        { 39.9401, 0, 0, 1000, false }, /* a service of which none are merged */
        { 39.9409, 60, 0, 1000, false },
        { 39.9401, 60, 1 << MARK_FAILED_GEOCODE, 1000, false },
        { 39.9401, 60, 1 << MARK_OUTSIDE, 1000, false },
        { 0, 60, 1 << MARK_NO_POSITION, 1000, false },
        { 39.9401, 60, 0, 2 * 3600000, true },
        { 39.9401, 60, 0, 2 * 3600000 + 1, false },
    };
    struct place_of_work *work = *state;
    struct fault fault = { "" };
    struct case_file record;
    const struct book_service lamp = { .code = "c", .merge = { .radius_m = 60, .hours = 2 } };
    const struct place here = { .lat = 39.94, .lon = 116.4 };
    assert_int_equal(reports_near(work->reports, &lamp, &here, START_MS, &work->arena, &record, &fault), 1);
    put_case_at(work, &here);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct book_service service = { .code = "c", .merge = { .radius_m = rows[i].radius_m, .hours = 2 } };
        const struct place place = { .lat = rows[i].lat, .lon = 116.4, .marks = rows[i].marks };
        int result =
            reports_near(work->reports, &service, &place, START_MS + rows[i].after_ms, &work->arena, &record, &fault);
        if (result != !rows[i].found)
            fail_msg("row %zu: %d", i, result);
    }
}

int main(void)
{
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)
    const struct CMUnitTest tests[] = {
        WITH_PLACE(a_report_is_there_before_there_is_any_case),
        WITH_PLACE(a_list_is_newest_first_and_paged),
        WITH_PLACE(dates_and_services_cut_the_list),
        WITH_PLACE(a_case_decides_what_is_open_and_which_service_it_is),
        WITH_PLACE(a_report_hears_of_the_case_that_it_would_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
