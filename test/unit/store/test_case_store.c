#include "proto/store/case_store.h"

#include <stdlib.h>

#include "proto/store/case_index.h"
#include "support.h"

static struct fault fault;
static struct arena arena;

static struct store *open_cases(void **state)
{
    struct store *store;
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    return store;
}

static void put_new(struct txn *txn, int64_t id, const char *number, int64_t reported_at_ms)
{
    struct case_file record = {
        .id = id, .number = number, .state = CASE_REPORTED, .reported_at_ms = reported_at_ms, .title = "井盖"
    };
    case_put(txn, NULL, &record);
}

static void a_case_is_found_by_id_number_and_receipt(void **state)
{
    struct store *store = open_cases(state);
    struct voice voices[] = { { .seq = 11 }, { .seq = 12 } };
    struct case_file record = {
        .id = 1, .number = "gl-20260105-0001", .state = CASE_REPORTED, .voices = { voices, 1 }
    };
    struct txn *txn = txn_begin_write(store);
    case_put(txn, NULL, &record);
    struct case_file joined = record;
    joined.voices.count = 2; /* a further voice */
    joined.revision = 1;
    case_put(txn, &record, &joined);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    int64_t id = 0;
    struct case_file found;
    assert_int_equal(case_find_number(txn, "gl-20260105-0001", &id), 0);
    assert_int_equal(id, 1);
    assert_int_equal(case_find_number(txn, "gl-20260105-0002", &id), 1);
    assert_int_equal(case_find_number(txn, "", &id), 1);
    assert_int_equal(case_find_receipt(txn, 11, &id), 0);
    assert_int_equal(case_find_receipt(txn, 12, &id), 0);
    assert_int_equal(id, 1);
    assert_int_equal(case_find_receipt(txn, 13, &id), 1);
    assert_ok(case_get(txn, 1, &arena, &found, &fault), &fault);
    assert_int_equal(found.voices.count, 2);
    assert_int_equal(case_get(txn, 2, &arena, &found, &fault), 1);
    txn_abort(txn);
    store_close(store);
}

static void fields_of_a_newer_version_survive(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    /* the pair 126: "new" */
    static const uint8_t pair[] = { 126, 0xa3, 'n', 'e', 'w' };
    struct case_file record = { .id = 1, .number = "n", .state = CASE_REPORTED, .extra = { pair, sizeof pair, 1 } },
                     old;
    case_put(txn, NULL, &record);
    assert_ok(case_get(txn, 1, &arena, &old, &fault), &fault);
    assert_ok(case_get(txn, 1, &arena, &record, &fault), &fault);
    record.state = CASE_ACCEPTED;
    case_put(txn, &old, &record);
    assert_ok(case_get(txn, 1, &arena, &record, &fault), &fault);
    assert_int_equal(record.state, CASE_ACCEPTED);
    assert_int_equal(record.extra.pairs, 1);
    assert_memory_equal(record.extra.bytes, pair, sizeof pair);
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
}

static void an_old_value_that_is_not_the_stored_one_stops_the_turn(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    put_new(txn, 1, "n", 5000);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_write(store);
    struct case_file wrong = { .id = 1, .number = "n", .state = CASE_REPORTED, .reported_at_ms = 6000 }, next = wrong;
    next.reported_at_ms = 7000;
    case_put(txn, &wrong, &next);
    assert_int_equal(txn_commit(txn, &fault), -EBADMSG);
    assert_non_null(strstr(fault.text, "list 'all'"));
    store_close(store);
}

/* ---- lists ---- */

struct visited {
    char text[256];
    int stop_at;
};

static int note_id(void *context, int64_t order, int64_t id)
{
    struct visited *visited = context;
    size_t at = strlen(visited->text);
    snprintf(visited->text + at, sizeof visited->text - at, "%lld:%lld ", (long long)order, (long long)id);
    return id == visited->stop_at ? 42 : 0;
}

static const char *visited(struct txn *txn, const char *name, int64_t order, int64_t id, bool backwards)
{
    static struct visited found;
    found = (struct visited){ .stop_at = -1 };
    assert_int_equal(index_visit(txn, name, order, id, backwards, note_id, &found), 0);
    return found.text;
}

static void a_list_is_paged_both_ways(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    static const int64_t times[] = { 30, 10, 20, 20 };
    for (int i = 0; i < 4; i++) {
        char number[8];
        snprintf(number, sizeof number, "n%d", i + 1);
        put_new(txn, i + 1, number, times[i]);
    }
    assert_string_equal(visited(txn, "all", 0, 0, false), "10:2 20:3 20:4 30:1 ");
    assert_string_equal(visited(txn, "all", 0, 0, true), "30:1 20:4 20:3 10:2 ");
    assert_string_equal(visited(txn, "all", 20, 3, false), "20:4 30:1 ");
    assert_string_equal(visited(txn, "all", 20, 4, true), "20:3 10:2 ");
    assert_string_equal(visited(txn, "all", 25, 9, true), "20:4 20:3 10:2 "); /* that pair need not be there */
    assert_string_equal(visited(txn, "all", 30, 1, false), "");
    assert_string_equal(visited(txn, "al", 0, 0, false), ""); /* no prefix of a name is a name */
    assert_string_equal(visited(txn, "nothing", 0, 0, true), "");
    struct visited stopped = { .stop_at = 3 };
    assert_int_equal(index_visit(txn, "all", 0, 0, false, note_id, &stopped), 42);
    assert_int_equal(index_count(txn, "all", 0, ORDER_NONE, 100), 4);
    assert_int_equal(index_count(txn, "all", 10, 20, 100), 1);
    assert_int_equal(index_count(txn, "all", 0, ORDER_NONE, 2), 2);
    int64_t order, id;
    assert_int_equal(index_first(txn, "all", &order, &id), 0);
    assert_int_equal(order, 10);
    assert_int_equal(id, 2);
    assert_int_equal(index_first(txn, "closed", &order, &id), 1);
    txn_abort(txn);
    store_close(store);
}

static int note_counter(void *context, const char *name, int64_t value)
{
    struct visited *visited = context;
    size_t at = strlen(visited->text);
    snprintf(visited->text + at, sizeof visited->text - at, "%s=%lld ", name, (long long)value);
    return 0;
}

static void counters_are_read_by_name_and_prefix(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    put_new(txn, 1, "a", 1000);
    put_new(txn, 2, "b", 86400000);
    assert_int_equal(counter_get(txn, "open"), 2);
    assert_int_equal(counter_get(txn, "closed/1970-01-01"), 0);
    assert_int_equal(counter_get(txn, "reported/1970-01-02"), 1); /* a measure is a counter, too */
    struct visited found = { .stop_at = 0 };
    assert_int_equal(counter_visit(txn, "reported-hour/", note_counter, &found), 0);
    assert_string_equal(found.text, "reported-hour/1970-01-01T00=1 reported-hour/1970-01-02T00=1 ");
    struct case_file record, old;
    assert_ok(case_get(txn, 2, &arena, &record, &fault), &fault);
    old = record;
    record.state = CASE_REFUSED;
    case_put(txn, &old, &record);
    found.text[0] = 0;
    assert_int_equal(counter_visit(txn, "state/", note_counter, &found), 0);
    assert_string_equal(found.text, "state/refused=1 state/reported=1 ");
    put_new(txn, 3, "c", 1000); /* of what the visit has seen and of what came after it */
    assert_int_equal(counter_get(txn, "state/reported"), 2);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_int_equal(counter_get(txn, "state/reported"), 2);
    assert_int_equal(counter_get(txn, "reported/1970-01-01"), 2);
    txn_abort(txn);
    store_close(store);
}

static void a_turn_that_failed_changes_no_counter(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    put_new(txn, 1, "a", 1000);
    txn_abort(txn);
    txn = txn_begin_write(store);
    put_new(txn, 1, "b", 1000);
    txn_fail(txn, -EBADMSG, "for the test");
    assert_int_equal(txn_commit(txn, &fault), -EBADMSG);
    txn = txn_begin_write(store);
    put_new(txn, 1, "c", 1000);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_int_equal(counter_get(txn, "open"), 1);
    txn_abort(txn);
    store_close(store);
}

static void a_counter_below_nought_is_nought_and_stops_nobody(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    put_new(txn, 1, "a", 1000);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_write(store);
    assert_true(txn_delete(txn, TABLE_COUNTERS, (struct bytes){ (const uint8_t *)"open", 4 }));
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_write(store);
    struct case_file old, record;
    assert_ok(case_get(txn, 1, &arena, &old, &fault), &fault);
    record = old;
    record.state = CASE_REFUSED;
    case_put(txn, &old, &record);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_int_equal(counter_get(txn, "open"), 0);
    assert_int_equal(counter_get(txn, "state/refused"), 1);
    txn_abort(txn);
    store_close(store);
}

/* ---- history, answers, meta ---- */

static void a_history_is_kept_in_order_and_apart(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    struct case_file records[] = { { .number = "1" }, { .number = "2" }, { .number = "3" } };
    for (int i = 0; i < 300; i++) /* beyond one byte of the number */
        step_append(txn, &records[i % 2], &(struct step){ .at_ms = i, .verb = VERB_NOTE, .note = "说明" });
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    struct step_list steps;
    assert_ok(step_list_of(txn, &records[1], &arena, &steps, &fault), &fault);
    assert_int_equal(steps.count, 150);
    for (size_t i = 0; i < steps.count; i++)
        assert_int_equal(steps.items[i].at_ms, 2 * i + 1);
    assert_string_equal(steps.items[7].note, "说明");
    assert_ok(step_list_of(txn, &records[2], &arena, &steps, &fault), &fault);
    assert_int_equal(steps.count, 0);
    txn_abort(txn);
    store_close(store);
}

static void the_first_answer_to_an_accounts_command_is_kept(void **state)
{
    static const struct command first = { .id = "device-1", .actor = "w-001" };
    static const struct command another = { .id = "device-2", .actor = "w-001" };
    static const struct command anothers = { .id = "device-1", .actor = "w-002" };
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    struct answer answer = { .status = ANSWER_OK, .case_number = "n", .revision = 3 }, found;
    answer_put(txn, &first, &answer);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_ok(answer_get(txn, &first, &arena, &found, &fault), &fault);
    assert_int_equal(found.revision, 3);
    assert_int_equal(answer_get(txn, &another, &arena, &found, &fault), 1);
    assert_int_equal(answer_get(txn, &anothers, &arena, &found, &fault), 1);
    txn_abort(txn);
    store_close(store);
}

static void meta_values_count_and_stay(void **state)
{
    struct store *store = open_cases(state);
    struct txn *txn = txn_begin_write(store);
    assert_int_equal(meta_get(txn, META_CURSOR), 0);
    assert_int_equal(meta_next(txn, META_CASE_ID), 1);
    assert_int_equal(meta_next(txn, META_CASE_ID), 2);
    meta_set(txn, META_TIME, -5);
    meta_set_text(txn, META_TIME_ZONE, "Asia/Shanghai");
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_int_equal(meta_get(txn, META_CASE_ID), 2);
    assert_int_equal(meta_get(txn, META_TIME), -5);
    assert_string_equal(meta_get_text(txn, META_TIME_ZONE, &arena), "Asia/Shanghai");
    assert_null(meta_get_text(txn, "nothing", &arena));
    txn_abort(txn);
    store_close(store);
}

/* ---- outbox ---- */

static int note_notice(void *context, const struct notice *notice)
{
    struct visited *visited = context;
    size_t at = strlen(visited->text);
    snprintf(visited->text + at, sizeof visited->text - at, "%lld:%s%s%s ", (long long)notice->seq, notice->topic,
             *notice->worker ? "=" : "", notice->worker);
    return 0;
}

static const char *noticed(struct txn *txn, const char *topic, uint64_t after, size_t max)
{
    static struct visited found;
    found.text[0] = 0;
    assert_ok(outbox_read(txn, topic, after, max, &arena, note_notice, &found, &fault), &fault);
    return found.text;
}

static void tell(struct txn *txn, const char *worker, struct topic *topics, size_t count)
{
    outbox_append(txn, &(struct notice){ .case_id = 1, .worker = worker }, &(struct topic_list){ topics, count });
}

static void the_outbox_is_read_by_topic_after_a_number(void **state)
{
    struct store *store = open_cases(state);
    struct topic topics[] = { { .name = "desk" },
                              { .name = "dept/water" },
                              { .name = "desk" },
                              { .name = "dept/waterworks" },
                              { .name = "dept/water" } };
    struct txn *txn = txn_begin_write(store);
    for (int i = 0; i < 5; i++) {
        tell(txn, "", &topics[i], 1);
        assert_int_equal(outbox_last(txn), i + 1);
    }
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_int_equal(outbox_last(txn), 5);
    assert_string_equal(noticed(txn, NULL, 0, 100), "1:desk 2:dept/water 3:desk 4:dept/waterworks 5:dept/water ");
    assert_string_equal(noticed(txn, NULL, 3, 1), "4:dept/waterworks ");
    assert_string_equal(noticed(txn, "dept/water", 0, 100), "2:dept/water 5:dept/water ");
    assert_string_equal(noticed(txn, "dept/water", 2, 100), "5:dept/water ");
    assert_string_equal(noticed(txn, "dept/water", 5, 100), "");
    assert_string_equal(noticed(txn, "desk", 0, 1), "1:desk ");
    assert_string_equal(noticed(txn, "worker/li", 0, 100), "");
    assert_string_equal(noticed(txn, NULL, UINT64_MAX, 100), "");
    txn_abort(txn);
    store_close(store);
}

static void what_is_told_on_several_topics_is_one_row(void **state)
{
    struct store *store = open_cases(state);
    struct topic all[] = { { .name = "desk" }, { .name = "worker/li" }, { .name = "receipt/7" } };
    struct txn *txn = txn_begin_write(store);
    tell(txn, "li", all, 3);
    tell(txn, "li", NULL, 0); /* nobody hears it */
    tell(txn, "li", all + 1, 1);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_int_equal(txn_count(txn, TABLE_OUTBOX), 2);
    assert_string_equal(noticed(txn, "desk", 0, 100), "1:desk=li ");
    assert_string_equal(noticed(txn, "worker/li", 0, 100), "1:worker/li=li 2:worker/li=li ");
    assert_string_equal(noticed(txn, "receipt/7", 0, 100), "1:receipt/7 "); /* is not told who the worker is */
    assert_string_equal(noticed(txn, NULL, 0, 100), "1:desk=li 1:worker/li=li 1:receipt/7 2:worker/li=li ");
    assert_string_equal(noticed(txn, NULL, 0, 1), "1:desk=li 1:worker/li=li 1:receipt/7 "); /* a row is never cut */
    assert_string_equal(noticed(txn, NULL, 1, 100), "2:worker/li=li ");
    txn_abort(txn);
    store_close(store);
}

static void what_is_told_on_more_topics_than_a_row_holds_is_several(void **state)
{
    enum { MANY = RECORD_LIST_MAX + 2 };
    struct store *store = open_cases(state);
    struct topic *all = arena_array(&arena, MANY, sizeof *all);
    for (int i = 0; i < MANY; i++)
        all[i].name = arena_format(&arena, "receipt/%d", i);
    struct txn *txn = txn_begin_write(store);
    tell(txn, "", all, MANY);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_int_equal(txn_count(txn, TABLE_OUTBOX), 2);
    assert_string_equal(noticed(txn, "receipt/0", 0, 100), "1:receipt/0 ");
    assert_string_equal(noticed(txn, all[MANY - 1].name, 0, 100), "2:receipt/4097 ");
    txn_abort(txn);
    store_close(store);
}

struct counted {
    int64_t count;
    uint64_t last;
};

static int count_notice(void *context, const struct notice *notice)
{
    struct counted *counted = context;
    assert_true((uint64_t)notice->seq > counted->last);
    counted->last = (uint64_t)notice->seq;
    counted->count++;
    return 0;
}

/* The index by topic is in blocks of notices: one who hears little is read over those that have nothing for them. */
static void a_topic_is_read_over_all_blocks(void **state)
{
    enum { NOTICES = 20000, EVERY = 6001 };
    struct store *store = open_cases(state);
    struct topic desk = { .name = "desk" }, worker = { .name = "worker/li" };
    struct txn *txn = txn_begin_write(store);
    for (int i = 1; i <= NOTICES; i++)
        tell(txn, "", i % EVERY == 0 ? &worker : &desk, 1);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_string_equal(noticed(txn, "worker/li", 0, 100), "6001:worker/li 12002:worker/li 18003:worker/li ");
    assert_string_equal(noticed(txn, "worker/li", 6001, 1), "12002:worker/li ");
    assert_string_equal(noticed(txn, "worker/li", 0, 2), "6001:worker/li 12002:worker/li ");
    assert_string_equal(noticed(txn, "worker/li", 18003, 100), "");
    struct counted counted = { 0 };
    for (int64_t before = -1; before != counted.count;) {
        before = counted.count;
        assert_ok(outbox_read(txn, "desk", counted.last, 50, &arena, count_notice, &counted, &fault), &fault);
    }
    assert_int_equal(counted.count, NOTICES - NOTICES / EVERY);
    txn_abort(txn);
    store_close(store);
}

static int release_memory(void **state)
{
    arena_finish(&arena);
    return remove_test_folder(state);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, release_memory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(a_case_is_found_by_id_number_and_receipt),
        in_a_folder(fields_of_a_newer_version_survive),
        in_a_folder(an_old_value_that_is_not_the_stored_one_stops_the_turn),
        in_a_folder(a_list_is_paged_both_ways),
        in_a_folder(counters_are_read_by_name_and_prefix),
        in_a_folder(a_turn_that_failed_changes_no_counter),
        in_a_folder(a_counter_below_nought_is_nought_and_stops_nobody),
        in_a_folder(a_history_is_kept_in_order_and_apart),
        in_a_folder(the_first_answer_to_an_accounts_command_is_kept),
        in_a_folder(meta_values_count_and_stay),
        in_a_folder(the_outbox_is_read_by_topic_after_a_number),
        in_a_folder(what_is_told_on_several_topics_is_one_row),
        in_a_folder(what_is_told_on_more_topics_than_a_row_holds_is_several),
        in_a_folder(a_topic_is_read_over_all_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
