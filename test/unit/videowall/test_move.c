/* Cameras moved over the door; the test plays ingest. */
#include <stdio.h>
#include <string.h>

#include "proto/book/book.h"
#include "proto/door/account_store.h"
#include "test/unit/door/office.h"
#include "videowall/feed/feed.h"
#include "videowall/live/move.h"

static struct office office;
static struct book_folder folder;
static struct book *book;
static struct moves moves;

/* What the test is as ingest. */
static struct {
    int asked;
    int pan, tilt, zoom;
    char holder[65];
    enum camera_result result;
    bool full;                /* takes nothing more */
    bool away;                /* answers nothing in time */
    struct loop_timer answer; /* as over the bus: later */
    void (*answered)(void *context, int status, struct bytes answer);
    void *context;
} ingest;

static int answer(void *unused)
{
    (void)unused;
    struct camera_grant grant = { .result = ingest.result, .message = "the device is not registered" };
    struct buffer bytes = { 0 };
    grant.status = (struct camera_status){ .camera = "cam-01", .reason = "" };
    record_encode(&camera_grant_desc, &grant, &bytes);
    ingest.answered(ingest.context, ingest.away ? -ETIMEDOUT : 0, buffer_view(&bytes));
    buffer_finish(&bytes);
    return 0;
}

int feeds_ask(struct feeds *feeds, const struct camera_lease *wish, int64_t timeout_ms,
              void (*answered)(void *context, int status, struct bytes answer), void *context)
{
    (void)feeds, (void)timeout_ms;
    if (ingest.full)
        return -EAGAIN;
    assert_int_equal(wish->verb, CAMERA_VERB_MOVE);
    assert_string_equal(wish->camera, "cam-01");
    ingest.asked++;
    ingest.pan = (int)wish->pan;
    ingest.tilt = (int)wish->tilt;
    ingest.zoom = (int)wish->zoom;
    snprintf(ingest.holder, sizeof ingest.holder, "%s", wish->holder);
    ingest.answered = answered;
    ingest.context = context;
    loop_timer_arm(office.bench.loop, &ingest.answer, 0);
    return 0;
}

static int share(void **state)
{
    struct fault fault = { "" };
    office_open(&office, (struct case_api_options){ 0 });
    book_folder_make(&folder);
    book_folder_write(&folder, "cameras.yaml",
                      "cameras:\n  - {id: cam-01, name: 路口, url: \"rtsp://127.0.0.1/1\", lat: 39.94, lon: 116.39}\n");
    if (book_load(folder.path, &book, NULL, NULL, &fault))
        fail_msg("%s", fault.text);
    moves.options = (struct move_options){ .door = office.bench.door,
                                           .book = book,
                                           .roles = ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_LEADER) };
    assert_int_equal(moves_open(&moves, &fault), 0);
    (void)state;
    return 0;
}

static int unshare(void **state)
{
    (void)state;
    office_close(&office);
    book_destroy(book);
    book_folder_remove(&folder);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    moves.turns = (struct turns){ 0 };
    memset(&ingest, 0, sizeof ingest);
    ingest.result = CAMERA_RESULT_OK;
    ingest.answer = (struct loop_timer){ .fire = answer };
    return 0;
}

/* Sends it as that account; the status. `says`: what the answer must hold. */
static int send_order(enum office_account account, const char *camera, const char *json, const char *says)
{
    char path[64];
    snprintf(path, sizeof path, "/api/cameras/%s/move", camera);
    struct answer answer = office_post_json(&office, account, path, json);
    int status = answer.status;
    if (!strstr(answer_text(&answer), says))
        fail_msg("%s lacks %s", answer_text(&answer), says);
    answer_finish(&answer);
    return status;
}

#define ORDER(press, serial, pan) \
    "{\"press\": \"" press "\", \"serial\": " #serial ", \"pan\": " #pan ", \"tilt\": -20, \"zoom\": 0}"
#define STOP(press, serial) "{\"press\": \"" press "\", \"serial\": " #serial ", \"pan\": 0, \"tilt\": 0, \"zoom\": 0}"

static int count_moves(void *context, const struct audit_line *line)
{
    if (line->kind == AUDIT_MOVED) {
        char *all = context;
        snprintf(all + strlen(all), 400 - strlen(all), "%s: %s; ", line->login, line->what);
    }
    return 0;
}

/* Who moved what, as the audit has it. */
static const char *audit(void)
{
    static char all[400];
    struct fault fault = { "" };
    *all = '\0';
    assert_int_equal(accounts_visit_audit(office.accounts, count_moves, all, &fault), 0);
    return all;
}

static void a_hold_is_told_to_ingest_and_written_down_once(void **state)
{
    (void)state;
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p1", 1, 50), "\"from\""), 200);
    assert_int_equal(ingest.pan, 50);
    assert_int_equal(ingest.tilt, -20);
    assert_string_equal(ingest.holder, "op");
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p1", 2, 50), "\"from\""), 200);
    assert_int_equal(send_order(OFFICE_OP, "cam-01", STOP("p1", 3), "\"from\""), 200);
    assert_int_equal(ingest.asked, 3);
    assert_int_equal(ingest.pan, 0);
    assert_string_equal(audit(), "op: cam-01 pan 50, tilt -20, zoom 0; ");
}

static void a_late_order_does_not_reach_ingest(void **state)
{
    (void)state;
    send_order(OFFICE_OP, "cam-01", ORDER("p1", 1, 50), "");
    send_order(OFFICE_OP, "cam-01", STOP("p1", 3), "");
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p1", 2, 50), "\"from\""), 200);
    assert_int_equal(ingest.asked, 2);
    assert_int_equal(ingest.pan, 0);
}

static void who_was_taken_over_from_hears_by_whom(void **state)
{
    (void)state;
    send_order(OFFICE_OP, "cam-01", ORDER("p1", 1, 50), "");
    assert_int_equal(send_order(OFFICE_BOSS, "cam-01", ORDER("p2", 1, -50), "\"from\":\"op\""), 200);
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p1", 2, 50), "\"by\":\"boss\""), 409);
    assert_int_equal(ingest.asked, 2);
    assert_int_equal(ingest.pan, -50);
}

static void others_may_not(void **state)
{
    (void)state;
    assert_int_equal(send_order(OFFICE_WALL, "cam-01", ORDER("p1", 1, 50), "\"forbidden\""), 403);
    assert_int_equal(send_order(OFFICE_W1, "cam-01", ORDER("p1", 1, 50), "\"forbidden\""), 403);
    assert_int_equal(ingest.asked, 0);
}

static void what_cannot_be_moved_says_so_and_is_nobodys(void **state)
{
    (void)state;
    ingest.result = CAMERA_RESULT_UNABLE;
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p1", 1, 50), "\"unable\""), 409);
    assert_int_equal(send_order(OFFICE_BOSS, "cam-01", ORDER("p2", 1, 50), "the device is not registered"), 409);
    ingest.result = CAMERA_RESULT_OK;
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p3", 1, 50), "\"from\":\"\""), 200);
}

static void an_ingest_that_is_away_is_named(void **state)
{
    (void)state;
    ingest.away = true;
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p1", 1, 50), "\"timeout\""), 503);
    ingest.full = true;
    assert_int_equal(send_order(OFFICE_OP, "cam-01", ORDER("p2", 1, 50), "\"timeout\""), 503);
}

static void what_is_wrong_with_an_order_is_said(void **state)
{
    (void)state;
    static const char *const wrong[] = { "{}",
                                         "{\"press\": 1}",
                                         "[",
                                         STOP("", 1),
                                         STOP("p", 0),
                                         ORDER("p", 1, 101),
                                         ORDER("p", 1, -101),
                                         ORDER("p", 1, 1e3) };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(send_order(OFFICE_OP, "cam-01", wrong[i], "\"invalid\""), 422);
    assert_int_equal(send_order(OFFICE_OP, "cam-99", ORDER("p", 1, 50), "\"not_found\""), 404);
    assert_int_equal(ingest.asked, 0);
}

int main(int argc, char **argv)
{
    int status;
    if (office_is_dispatcher(argc, argv, &status))
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_hold_is_told_to_ingest_and_written_down_once, begin),
        cmocka_unit_test_setup(a_late_order_does_not_reach_ingest, begin),
        cmocka_unit_test_setup(who_was_taken_over_from_hears_by_whom, begin),
        cmocka_unit_test_setup(others_may_not, begin),
        cmocka_unit_test_setup(what_cannot_be_moved_says_so_and_is_nobodys, begin),
        cmocka_unit_test_setup(an_ingest_that_is_away_is_named, begin),
        cmocka_unit_test_setup(what_is_wrong_with_an_order_is_said, begin),
    };
    return cmocka_run_group_tests(tests, share, unshare);
}
