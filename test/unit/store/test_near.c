/* Which open case a report of the same trouble joins. 0.0009 degrees of latitude are 100 m. */
#include "proto/store/near.h"

#include "support.h"

static struct fault fault;
static const int64_t HEARD_MS = 1000000;

static struct store *open_cases(const char *folder)
{
    struct store *store;
    assert_ok(case_store_open(folder, STORE_READ_WRITE, &store, &fault), &fault);
    return store;
}

static void put_heard(struct store *store, int64_t id, const char *service, double lat, enum case_state state,
                      size_t voice_count, int64_t heard_at_ms)
{
    struct arena arena = { 0 };
    char number[32];
    snprintf(number, sizeof number, "T-%d", (int)id);
    struct voice *voices = arena_array(&arena, voice_count, sizeof *voices);
    for (size_t i = 0; i < voice_count; i++)
        voices[i] = (struct voice){ .seq = 10000 * id + (int64_t)i, .reporter = "" };
    const struct case_file record = { .id = id,
                                      .number = number,
                                      .state = state,
                                      .service = service,
                                      .place = { .lat = lat, .lon = 116.4 },
                                      .cell = near_cell(&arena, service, lat, 116.4),
                                      .heard_at_ms = heard_at_ms,
                                      .voices = { voices, voice_count } };
    struct txn *txn = txn_begin_write(store);
    case_put(txn, NULL, &record);
    assert_ok(txn_commit(txn, &fault), &fault);
    arena_finish(&arena);
}

static void put_with_voices(struct store *store, int64_t id, const char *service, double lat, enum case_state state,
                            size_t voice_count)
{
    put_heard(store, id, service, lat, state, voice_count, HEARD_MS);
}

static void put_case(struct store *store, int64_t id, const char *service, double lat, enum case_state state)
{
    put_with_voices(store, id, service, lat, state, 1);
}

/* 0 where there is none. */
static int64_t near(struct store *store, const char *service, double lat, int64_t radius_m, int64_t since_ms)
{
    struct arena arena = { 0 };
    struct txn *txn = txn_begin_read(store);
    int64_t id;
    int result = near_find(txn, &(struct near_query){ service, lat, 116.4, radius_m, since_ms }, &arena, &id, &fault);
    assert_int_equal(result, id ? 0 : 1);
    txn_abort(txn);
    arena_finish(&arena);
    return id;
}

static void the_nearest_of_the_service_within_radius_and_time_is_found(void **state)
{
    struct store *store = open_cases(*state);
    put_case(store, 1, "lamp", 39.9400, CASE_REPORTED);
    put_case(store, 2, "lamp", 39.9409, CASE_REPORTED);
    put_case(store, 3, "lid", 39.9401, CASE_REPORTED);
    put_case(store, 4, "lamp", 39.9409, CASE_REPORTED);
    assert_int_equal(near(store, "lamp", 39.9401, 60, 0), 1);
    assert_int_equal(near(store, "lamp", 39.9408, 60, 0), 2); /* of equals the older */
    assert_int_equal(near(store, "lid", 39.9408, 60, 0), 0);  /* 78 m */
    assert_int_equal(near(store, "lid", 39.9408, 80, 0), 3);
    assert_int_equal(near(store, "tree", 39.9401, 60, 0), 0);
    assert_int_equal(near(store, "lamp", 39.9401, 60, HEARD_MS), 1);
    assert_int_equal(near(store, "lamp", 39.9401, 60, HEARD_MS + 1), 0);
    store_close(store);
}

static void the_edge_of_a_cell_is_no_edge(void **state)
{
    struct store *store = open_cases(*state);
    put_case(store, 1, "lamp", 39.9399, CASE_REPORTED); /* cells end at even thousandths */
    assert_int_equal(near(store, "lamp", 39.9401, 60, 0), 1);
    assert_int_equal(near(store, "lamp", 39.9443, 500, 0), 1); /* two cells farther */
    store_close(store);
}

static void what_is_disposed_is_not_joined_any_more(void **state)
{
    struct store *store = open_cases(*state);
    put_case(store, 1, "lamp", 39.94, CASE_DISPOSED);
    put_case(store, 2, "lamp", 39.94, CASE_CLOSED);
    assert_int_equal(near(store, "lamp", 39.94, 60, 0), 0);
    put_case(store, 3, "lamp", 39.94, CASE_IN_PROGRESS);
    assert_int_equal(near(store, "lamp", 39.94, 60, 0), 3);
    store_close(store);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

/* Else each further report of a trouble that everybody sees would be a case of its own. */
static void a_full_case_is_passed_over(void **state)
{
    struct store *store = open_cases(*state);
    put_with_voices(store, 1, "lamp", 39.9400, CASE_REPORTED, NEAR_VOICES_MAX);
    assert_int_equal(near(store, "lamp", 39.9400, 100, 0), 0);
    put_with_voices(store, 2, "lamp", 39.9401, CASE_REPORTED, NEAR_VOICES_MAX - 1);
    assert_int_equal(near(store, "lamp", 39.9400, 100, 0), 2);
    store_close(store);
}

/* More cases stand around than are looked at: those of which somebody spoke last are the ones. */
static void in_a_flood_the_newest_are_found(void **state)
{
    enum { FLOOD = 250 };
    struct store *store = open_cases(*state);
    for (int64_t id = 1; id <= FLOOD; id++) /* 222 m away, in the cell that comes first */
        put_heard(store, id, "lamp", 39.9381, CASE_REPORTED, 1, HEARD_MS + id);
    put_heard(store, FLOOD + 1, "lamp", 39.9401, CASE_REPORTED, 1, HEARD_MS + FLOOD + 1);
    assert_int_equal(near(store, "lamp", 39.9401, 60, 0), FLOOD + 1);
    assert_int_equal(near(store, "lamp", 39.9381, 60, 0), 52); /* the oldest of those that are looked at */
    put_heard(store, FLOOD + 2, "lamp", 39.9381, CASE_REPORTED, 1, HEARD_MS + FLOOD + 2);
    assert_int_equal(near(store, "lamp", 39.9401, 60, HEARD_MS + FLOOD + 1), FLOOD + 1);
    store_close(store);
}

/* Of the longest code that a book may have, at the place whose cell has the longest name. */
static void a_cell_fits_into_its_case(void **state)
{
    struct store *store = open_cases(*state);
    struct arena arena = { 0 };
    struct case_file record;
    char code[64 + 1] = "";
    memset(code, 'x', sizeof code - 1);
    put_case(store, 1, code, -89.999, CASE_REPORTED);
    struct txn *txn = txn_begin_read(store);
    assert_ok(case_get(txn, 1, &arena, &record, &fault), &fault);
    txn_abort(txn);
    assert_true(strlen(near_cell(&arena, code, -90, -180)) <= 96);
    arena_finish(&arena);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(the_nearest_of_the_service_within_radius_and_time_is_found),
        in_a_folder(the_edge_of_a_cell_is_no_edge),
        in_a_folder(what_is_disposed_is_not_joined_any_more),
        in_a_folder(a_full_case_is_passed_over),
        in_a_folder(in_a_flood_the_newest_are_found),
        in_a_folder(a_cell_fits_into_its_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
