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

enum { LIST_EVENTS = 1000 };

static int open_place(void **state)
{
    struct place_of_work *work = calloc(1, sizeof *work);
    struct fault fault = { "" };
    strcpy(work->folder, "/tmp/ingest-reports-XXXXXX");
    if (crypto_init(&fault) < 0 || !mkdtemp(work->folder) ||
        event_log_open(work->folder, STORE_READ_WRITE, &work->log, &fault) < 0 ||
        reports_open(work->log, work->folder, LIST_EVENTS, &work->reports, &fault) < 0)
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

static void a_list_looks_at_so_many_events_and_no_more(void **state)
{
    struct place_of_work *work = *state;
    struct found found = { .count = 0 };
    struct fault fault = { "" };
    const char *services[] = { "none" };
    struct reports_query query = {
        .to_ms = START_MS + 10000000, .open = true, .closed = true, .take = 1, .services = services, .service_count = 1
    };
    append(work, LIST_EVENTS + 300);
    assert_int_equal(reports_list(work->reports, &query, &work->arena, note, &found, &fault), REPORTS_TOO_WIDE);
    query.from_ms = START_MS + 1000000; /* a narrower one is answered */
    assert_int_equal(reports_list(work->reports, &query, &work->arena, note, &found, &fault), REPORTS_FOUND);
    assert_int_equal(found.count, 0);
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
        enum service_type type;
    } rows[] = {
        { 39.9401, 60, 0, 1000, true, SERVICE_TYPE_REALTIME },
        { 39.9401, 0, 0, 1000, false, SERVICE_TYPE_REALTIME }, /* a service of which none are merged */
        { 39.9409, 60, 0, 1000, false, SERVICE_TYPE_REALTIME },
        { 39.9401, 60, 1 << MARK_FAILED_GEOCODE, 1000, false, SERVICE_TYPE_REALTIME },
        { 39.9401, 60, 1 << MARK_OUTSIDE, 1000, false, SERVICE_TYPE_REALTIME },
        { 0, 60, 1 << MARK_NO_POSITION, 1000, false, SERVICE_TYPE_REALTIME },
        { 39.9401, 60, 0, 2 * 3600000, true, SERVICE_TYPE_REALTIME },
        { 39.9401, 60, 0, 2 * 3600000 + 1, false, SERVICE_TYPE_REALTIME },
        { 39.9401, 60, 0, 1000, true, SERVICE_TYPE_BATCH }, /* the desk has accepted it */
        { 39.9401, 60, 0, 1000, false, SERVICE_TYPE_BLACKBOX },
    };
    struct place_of_work *work = *state;
    struct fault fault = { "" };
    struct case_file record;
    const struct book_service lamp = { .code = "c", .merge = { .radius_m = 60, .hours = 2 } };
    const struct place here = { .lat = 39.94, .lon = 116.4 };
    assert_int_equal(reports_near(work->reports, &lamp, &here, START_MS, &work->arena, &record, &fault), 1);
    put_case_at(work, &here);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct book_service service = {
            .code = "c", .is_public = true, .type = rows[i].type, .merge = { .radius_m = rows[i].radius_m, .hours = 2 }
        };
        const struct place place = { .lat = rows[i].lat, .lon = 116.4, .marks = rows[i].marks };
        int result =
            reports_near(work->reports, &service, &place, START_MS + rows[i].after_ms, &work->arena, &record, &fault);
        if (result != !rows[i].found)
            fail_msg("row %zu: %d", i, result);
    }
}

/* Cases of which reporters were told something `told_s` seconds after the start; the dispatcher has come to event `cursor`. */
struct told_case {
    int64_t id, seq, seq_too, told_s;
};
static void put_told(struct place_of_work *work, const struct told_case *rows, size_t count, int64_t cursor)
{
    struct store *cases;
    struct fault fault = { "" };
    assert_int_equal(case_store_open(work->folder, STORE_READ_WRITE, &cases, &fault), 0);
    struct txn *txn = txn_begin_write(cases);
    for (size_t i = 0; i < count; i++) {
        struct voice voices[] = { { .seq = rows[i].seq, .reporter = "" }, { .seq = rows[i].seq_too, .reporter = "" } };
        char number[32];
        snprintf(number, sizeof number, "t1-20260105-%04d", (int)rows[i].id);
        case_put(txn, NULL,
                 &(struct case_file){ .id = rows[i].id,
                                      .number = number,
                                      .state = CASE_ACCEPTED,
                                      .service = "c",
                                      .told_at_ms = START_MS + rows[i].told_s * 1000,
                                      .voices = { voices, rows[i].seq_too ? 2 : 1 } });
    }
    meta_set(txn, META_CURSOR, cursor);
    assert_int_equal(txn_commit(txn, &fault), 0);
    store_close(cases);
}

static void expect_seqs(const struct found *found, const int64_t *seqs, size_t count)
{
    assert_int_equal(found->count, count);
    assert_memory_equal(found->seqs, seqs, count * sizeof *seqs);
}
#define EXPECT_SEQS(found, ...) \
    expect_seqs(&(found), (int64_t[]){ __VA_ARGS__ }, sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static void what_has_changed_is_listed_in_the_order_of_the_changes(void **state)
{
    struct place_of_work *work = *state;
    const struct reports_query since = { .updated_from_ms = START_MS + 500000, .updated_to_ms = START_MS + 900000 };
    append(work, 8); /* received 1 to 8 s after the start */
    static const struct told_case rows[] = { { 1, 1, 0, 700 }, { 2, 2, 5, 600 }, { 3, 3, 0, 499 }, { 4, 4, 0, 901 } };
    put_told(work, rows, 4, 6);
    struct found found = list(work, since);
    EXPECT_SEQS(found, 2, 5, 1); /* of an old report, too; both voices of a case; neither before nor after */
    struct reports_query query = since;
    query.skip = query.take = 1;
    found = list(work, query);
    EXPECT_SEQS(found, 5);
    query = since;
    query.updated_to_ms = START_MS + 650000;
    found = list(work, query);
    EXPECT_SEQS(found, 2, 5);
    query.updated_from_ms = START_MS + 7000; /* what the dispatcher has not come to was updated when it came */
    query.updated_to_ms = START_MS + 650000;
    found = list(work, query);
    EXPECT_SEQS(found, 3, 2, 5, 7, 8);
    query.from_ms = START_MS + 3000; /* and reported in a span as well */
    query.to_ms = START_MS + 7000;
    found = list(work, query);
    EXPECT_SEQS(found, 3, 5, 7);
    query.closed = true;
    assert_int_equal(list(work, query).count, 0);
}

struct busy_list {
    struct place_of_work *work;
    struct found found;
};

/* The dispatcher goes on while a list is read. */
static void note_and_make_a_case(void *context, const struct report_view *view)
{
    struct busy_list *list = context;
    if (!list->found.count)
        put_case(list->work, 9, 8, CASE_ACCEPTED);
    note(&list->found, view);
}

static void what_gets_its_case_while_it_is_listed_is_not_left_out(void **state)
{
    struct place_of_work *work = *state;
    const struct reports_query query = { .open = true,
                                         .closed = true,
                                         .to_ms = START_MS + 1000000,
                                         .take = 100,
                                         .updated_from_ms = START_MS + 7000,
                                         .updated_to_ms = START_MS + 650000 };
    struct busy_list busy = { .work = work };
    struct fault fault = { "" };
    append(work, 8);
    put_told(work, (struct told_case[]){ { 2, 2, 5, 600 } }, 1, 6);
    assert_int_equal(reports_list(work->reports, &query, &work->arena, note_and_make_a_case, &busy, &fault),
                     REPORTS_FOUND);
    EXPECT_SEQS(busy.found, 2, 5, 7, 8);
}

static void without_any_case_what_is_received_is_what_has_changed(void **state)
{
    struct place_of_work *work = *state;
    append(work, 12);
    struct found found =
        list(work, (struct reports_query){ .updated_from_ms = START_MS + 9000, .updated_to_ms = START_MS + 900000 });
    EXPECT_SEQS(found, 9, 11, 12); /* 10 is a rating */
    found = list(work, (struct reports_query){ .updated_from_ms = START_MS + 3000, .updated_to_ms = START_MS + 5000 });
    EXPECT_SEQS(found, 3, 4, 5);
}

static void tell(struct txn *txn, enum verb verb, int64_t at_s, const char *text, const char *first, const char *second)
{
    struct topic topics[] = { { .name = first }, { .name = second } };
    outbox_append(
        txn,
        &(struct notice){
            .case_id = 1, .verb = verb, .state = CASE_DISPATCHED, .at_ms = START_MS + at_s * 1000, .text = text },
        &(struct topic_list){ topics, second ? 2 : 1 });
}

struct told {
    char text[1000];
};

static void write_update(void *context, const struct report_update *update)
{
    struct told *told = context;
    size_t used = strlen(told->text);
    snprintf(told->text + used, sizeof told->text - used, "%d/%d %s@%d%s%s; ", (int)update->notice, (int)update->report,
             enum_name(&verb_desc, (int)update->verb), (int)((update->at_ms - START_MS) / 1000),
             *update->words ? " " : "", update->words);
}

static struct told updates(struct place_of_work *work, struct reports_updates_query query)
{
    struct told told = { "" };
    struct fault fault = { "" };
    query.take = query.take ? query.take : 1000;
    query.to_ms = query.to_ms ? query.to_ms : START_MS + 1000000;
    assert_int_equal(reports_updates(work->reports, &query, &work->arena, write_update, &told, &fault), 0);
    return told;
}

static bool is_not_the_first(const void *context, const struct report_view *view)
{
    (void)context;
    return view->event.seq != 1;
}

static void what_reporters_were_told_is_listed_in_order(void **state)
{
    struct place_of_work *work = *state;
    assert_string_equal(updates(work, (struct reports_updates_query){ 0 }).text, ""); /* there are no cases yet */
    append(work, 12);
    put_told(work, (struct told_case[]){ { 1, 1, 2, 60 } }, 1, 12);
    struct store *cases;
    struct fault fault = { "" };
    assert_int_equal(case_store_open(work->folder, STORE_READ_WRITE, &cases, &fault), 0);
    struct txn *txn = txn_begin_write(cases);
    tell(txn, VERB_REPORT, 1, "", "desk", "receipt/1");
    tell(txn, VERB_DISPATCH, 10, "inside", "receipt/1", "receipt/2");
    tell(txn, VERB_RECEIVE, 20, "", "desk", NULL);
    tell(txn, VERB_ATTACH, 25, "words", "receipt/2", NULL);
    tell(txn, VERB_REPLY, 30, "for you", "desk", "receipt/2");
    tell(txn, VERB_CLOSE, 40, "", "receipt/1", "receipt/2");
    tell(txn, VERB_RATE, 50, "", "receipt/1", NULL);
    tell(txn, VERB_DISPATCH, 60, "", "receipt/10", NULL); /* whose event is no report */
    assert_int_equal(txn_commit(txn, &fault), 0);
    store_close(cases);
    const struct reports_updates_query all = { 0 };
    assert_string_equal(updates(work, all).text, "2/1 dispatch@10; 2/2 dispatch@10; 5/2 reply@30 for you; "
                                                 "6/1 close@40; 6/2 close@40; ");
    struct reports_updates_query query = { .from_ms = START_MS + 11000, .to_ms = START_MS + 39000 };
    assert_string_equal(updates(work, query).text, "5/2 reply@30 for you; ");
    query = (struct reports_updates_query){ .skip = 1, .take = 2 };
    assert_string_equal(updates(work, query).text, "2/2 dispatch@10; 5/2 reply@30 for you; ");
    query = (struct reports_updates_query){ .wants = is_not_the_first };
    assert_string_equal(updates(work, query).text, "2/2 dispatch@10; 5/2 reply@30 for you; 6/2 close@40; ");
    query =
        (struct reports_updates_query){ .reports = (uint64_t[]){ 2, 99, 1 }, .report_count = 3, .from_ms = START_MS };
    assert_string_equal(updates(work, query).text, "2/2 dispatch@10; 5/2 reply@30 for you; 6/2 close@40; "
                                                   "2/1 dispatch@10; 6/1 close@40; ");
}

static void a_report_is_found_by_its_events_id(void **state)
{
    struct place_of_work *work = *state;
    struct report_view view;
    struct fault fault = { "" };
    append(work, 12);
    assert_int_equal(reports_find(work->reports, "id-7", &work->arena, &view, &fault), 0);
    assert_int_equal(view.event.seq, 7);
    assert_int_equal(reports_find(work->reports, "id-10", &work->arena, &view, &fault), 1); /* a rating */
    assert_int_equal(reports_find(work->reports, "id-99", &work->arena, &view, &fault), 1);
}

int main(void)
{
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)
    const struct CMUnitTest tests[] = {
        WITH_PLACE(a_report_is_there_before_there_is_any_case),
        WITH_PLACE(a_list_is_newest_first_and_paged),
        WITH_PLACE(a_list_looks_at_so_many_events_and_no_more),
        WITH_PLACE(dates_and_services_cut_the_list),
        WITH_PLACE(a_case_decides_what_is_open_and_which_service_it_is),
        WITH_PLACE(a_report_hears_of_the_case_that_it_would_join),
        WITH_PLACE(what_has_changed_is_listed_in_the_order_of_the_changes),
        WITH_PLACE(what_gets_its_case_while_it_is_listed_is_not_left_out),
        WITH_PLACE(without_any_case_what_is_received_is_what_has_changed),
        WITH_PLACE(what_reporters_were_told_is_listed_in_order),
        WITH_PLACE(a_report_is_found_by_its_events_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
