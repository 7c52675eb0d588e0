/* What people do through the case API: commands, reports, photos. What they see is in test_case_api.c. */
#include "office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/photo/samples.h"

/* ---- commands ---- */

static char *store_jpeg(struct office *office, enum office_account account)
{
    struct buffer exif = { 0 }, jpeg = { 0 };
    sample_exif(&(struct sample_exif){ .taken = "2026:01:05 08:30:00" }, &exif);
    sample_jpeg(400, 300, &exif, &jpeg);
    json_t *body = office_json(office_post(office, account, "/api/media", "image/jpeg", buffer_view(&jpeg)));
    buffer_finish(&exif);
    buffer_finish(&jpeg);
    const char *hash = json_string_value(json_object_get(body, "hash"));
    assert_non_null(hash);
    char *copy = strdup(hash);
    json_decref(body);
    return copy;
}

static void a_command_carries_the_account_and_what_the_device_said(void **state)
{
    struct office *office = *state;
    char *hash = store_jpeg(office, OFFICE_W1), body[512];
    snprintf(body, sizeof body,
             "{\"id\":\"c-1\",\"revision\":4,\"reason\":\"换好了\",\"to_department\":\"\",\"to_worker\":\"w-2\","
             "\"media\":[\"%s\"],\"happened_at_ms\":77}",
             hash);
    json_t *answer = office_json(office_post_json(office, OFFICE_W1, "/api/cases/T-4/dispose", body));
    assert_string_equal(json_string_value(json_object_get(answer, "message")), "c-1 w-1 worker 'station' T-4 r4 "
                                                                               "dispose '换好了' '' 'w-2' 1 image/jpeg "
                                                                               "@77");
    assert_string_equal(json_string_value(json_object_get(answer, "status")), "ok");
    assert_string_equal(json_string_value(json_object_get(answer, "state")), "received");
    assert_int_equal(json_integer_value(json_object_get(answer, "revision")), 5);
    json_decref(answer);
    answer = office_json(office_post_json(office, OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":\"c-2\"}"));
    assert_string_equal(json_string_value(json_object_get(answer, "message")), "c-2 op operator '' T-1 r0 accept '' '' "
                                                                               "'' 0 - @0");
    json_decref(answer);
    free(hash);
}

static void a_command_says_all_that_a_verb_may_need(void **state)
{
    struct office *office = *state;
    json_t *answer = office_json(office_post_json(office, OFFICE_BOSS, "/api/cases/T-2/suspend",
                                                  "{\"id\":\"n-1\",\"to_service\":\"P0101\",\"to_condition\":\"1\","
                                                  "\"to_priority\":2,\"until_ms\":99,"
                                                  "\"to_case\":\"T-1\",\"voice_seq\":7,\"to_person\":\"op\",\"lat\":39."
                                                  "5,\"lon\":116.25}"));
    assert_string_equal(json_string_value(json_object_get(answer, "message")), "T-2 P0101/1 p2 until99 T-1 v7 op 39.50 "
                                                                               "116.25");
    json_decref(answer);
}

static void a_worker_says_where_it_is_without_a_case(void **state)
{
    struct office *office = *state;
    json_t *answer =
        office_json(office_post_json(office, OFFICE_W1, "/api/here", "{\"id\":\"h-1\",\"lat\":39.5,\"lon\":116.25}"));
    assert_string_equal(json_string_value(json_object_get(answer, "message")), "h-1 w-1 worker 'station'  r0 here '' "
                                                                               "'' "
                                                                               "'' 0 - @0");
    json_decref(answer);
    answer = office_json(office_post_json(office, OFFICE_W1, "/api/away", "{\"id\":\"h-2\"}"));
    assert_non_null(strstr(json_string_value(json_object_get(answer, "message")), " away "));
    json_decref(answer);
    answer =
        office_json(office_post_json(office, OFFICE_W1, "/api/moved", "{\"id\":\"h-3\",\"lat\":39.5,\"lon\":116.25}"));
    assert_non_null(strstr(json_string_value(json_object_get(answer, "message")), " moved "));
    json_decref(answer);
}

/* ---- reports of workers ---- */

static void a_report_of_a_worker_is_handed_on_with_its_name_and_photos(void **state)
{
    struct office *office = *state;
    char *hash = store_jpeg(office, OFFICE_W1), body[512];
    static const char format[] = "{\"id\":\"p-1\",\"service\":\"P0101\",\"text\":\"垫稳了\",\"lat\":39.5,"
                                 "\"lon\":116.25,\"media\":[\"%s\"],\"happened_at_ms\":77,\"disposed\":true%s}";
    snprintf(body, sizeof body, format, hash, "");
    struct answer answer = office_post_json(office, OFFICE_W1, "/api/report", body);
    assert_int_equal(answer.status, 201);
    json_t *receipt = office_json(answer);
    assert_int_equal(json_integer_value(json_object_get(receipt, "seq")), 17);
    json_decref(receipt);
    snprintf(body, sizeof body, format, hash, ",\"address\":\"invalid\"");
    answer = office_post_json(office, OFFICE_W1, "/api/report", body);
    assert_int_equal(answer.status, 422);
    assert_non_null(strstr(answer_text(&answer), "p-1 w-1 P0101/ '垫稳了' 39.50,116.25 1 image/jpeg disposed @77"));
    answer_finish(&answer);
    free(hash);
}

static void a_report_that_cannot_be_handed_on_is_refused(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *body;
        int status;
        const char *says;
    } rows[] = {
        { OFFICE_W1, "", 400, "is empty" },
        { OFFICE_W1, "{}", 422, "id" },
        { OFFICE_W1, "{\"id\":\"q\",\"reporter\":\"w-2\"}", 422, "reporter" },
        { OFFICE_W1, "{\"id\":\"q\",\"colour\":\"red\"}", 422, "colour" },
        { OFFICE_W1, "{\"id\":\"q\",\"media\":[\"00\"]}", 422, "POST /api/media" },
        { OFFICE_W1, "{\"id\":\"q\",\"address\":\"busy\"}", 503, "q w-1" },
        { OFFICE_W1, "{\"id\":\"q\",\"address\":\"hang\"}", 503, "perhaps" },
        { OFFICE_LI_S, "{\"id\":\"q\"}", 403, "" },
        { OFFICE_OP, "{\"id\":\"q\"}", 403, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = office_post_json(office, rows[i].account, "/api/report", rows[i].body);
        if (answer.status != rows[i].status || !strstr(answer_text(&answer), rows[i].says))
            fail_msg("%s: %d %s", rows[i].body, answer.status, answer_text(&answer));
        answer_finish(&answer);
    }
}

/* The path says what kind of report it is, the session whose. */
static void the_desk_takes_down_calls_and_orders(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *path, *body;
        int status;
        const char *says;
    } rows[] = {
        { OFFICE_OP, "/api/hotline", "{\"id\":\"c-1\",\"phone\":\"138\",\"number\":\"7\",\"address\":\"invalid\"}", 422,
          "c-1 op / hotline 7 138" },
        { OFFICE_OP, "/api/order", "{\"id\":\"o-1\",\"ordered_by\":\"x\",\"number\":\"8\",\"address\":\"invalid\"}",
          422, "o-1 op / order 8 x" },
        { OFFICE_OP, "/api/hotline", "{\"id\":\"c-2\"}", 201, "17" },
        { OFFICE_OP, "/api/hotline", "{\"id\":\"c-3\",\"source\":\"order\"}", 422,
          "'source' is not the device's to say" },
        { OFFICE_OP, "/api/order", "{\"id\":\"\"}", 422, "id" },
        { OFFICE_W1, "/api/hotline", "{\"id\":\"q\"}", 403, "" },
        { OFFICE_W1, "/api/order", "{\"id\":\"q\"}", 403, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = office_post_json(office, rows[i].account, rows[i].path, rows[i].body);
        if (answer.status != rows[i].status || !strstr(answer_text(&answer), rows[i].says))
            fail_msg("%s %s: %d %s", rows[i].path, rows[i].body, answer.status, answer_text(&answer));
        answer_finish(&answer);
    }
}

static void an_answer_of_the_engine_has_its_status(void **state)
{
    struct office *office = *state;
    static const struct {
        const char *reason;
        int status;
        const char *code;
    } rows[] = {
        { "conflict", 409, "conflict" }, { "not_found", 404, "not_found" }, { "forbidden", 403, "forbidden" },
        { "invalid", 422, "invalid" },   { "busy", 503, "busy" },           { "hang", 503, "timeout" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"id\":\"r-%zu\",\"reason\":\"%s\"}", i, rows[i].reason);
        struct answer answer = office_post_json(office, OFFICE_OP, "/api/cases/T-2/urge", body);
        assert_int_equal(answer.status, rows[i].status);
        assert_string_equal(answer_header(&answer, "Retry-After"), rows[i].status == 503 ? "1" : "");
        json_t *json = office_json(answer), *error = json_object_get(json, "error");
        assert_string_equal(json_string_value(json_object_get(error, "code")), rows[i].code);
        assert_true(*json_string_value(json_object_get(error, "message")) &&
                    *json_string_value(json_object_get(error, "next")));
        json_decref(json);
    }
}

static void a_conflict_brings_the_case_as_it_is_to_who_may_see_it(void **state)
{
    struct office *office = *state;
    static const char body[] = "{\"id\":\"k-1\",\"revision\":1,\"reason\":\"conflict\"}";
    json_t *answer = office_json(office_post_json(office, OFFICE_LI_S, "/api/cases/T-2/receive", body));
    assert_string_equal(json_string_value(json_object_get(json_object_get(answer, "case"), "state")), "dispatched");
    assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(answer, "verbs"), 0), "verb")),
                        "receive");
    json_decref(answer);
    answer = office_json(office_post_json(office, OFFICE_LI_W, "/api/cases/T-2/receive", body));
    assert_null(json_object_get(answer, "case"));
    assert_non_null(json_object_get(answer, "error"));
    json_decref(answer);
}

static void a_command_that_is_wrong_is_refused_before_the_bus(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *path, *body;
        int status;
        const char *says;
    } rows[] = {
        { OFFICE_OP, "/api/cases/T-1/accept", "{}", 422, "command.id" },
        { OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":7}", 422, "command.id" },
        { OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":\"a\",\"actor\":\"boss\"}", 422, "actor" },
        { OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":\"a\",\"revision\":\"1\"}", 422, "revision" },
        { OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":\"a\",\"media\":\"x\"}", 422, "media" },
        { OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":\"a\",\"media\":[7]}", 422, "media" },
        { OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":\"a\",\"media\":[\"../../etc/passwd\"]}", 422,
          "POST /api/media" },
        { OFFICE_OP, "/api/cases/T-1/accept", "", 400, "is empty" },
        { OFFICE_OP, "/api/cases/T-1/accept", "[1]", 400, "" },
        { OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":", 400, "" },
        { OFFICE_OP, "/api/cases/T-1/explode", "{\"id\":\"a\"}", 404, "verb" },
        { OFFICE_OP, "/api/cases/T-1/none", "{\"id\":\"a\"}", 404, "verb" },
        { OFFICE_W1, "/api/cases/T-1/here", "{\"id\":\"a\"}", 404, "verb" },
        { OFFICE_OP, "/api/here", "{\"id\":\"a\"}", 403, "" },
        { OFFICE_LI_S, "/api/away", "{\"id\":\"a\"}", 403, "" },
        { OFFICE_WALL, "/api/cases/T-1/accept", "{\"id\":\"a\"}", 403, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = office_post_json(office, rows[i].account, rows[i].path, rows[i].body);
        if (answer.status != rows[i].status || !strstr(answer_text(&answer), rows[i].says))
            fail_msg("%s: %d %s", rows[i].body, answer.status, answer_text(&answer));
        answer_finish(&answer);
    }
    char *large = calloc(1, 20000);
    memset(large, ' ', 19999);
    struct answer answer = office_post_json(office, OFFICE_OP, "/api/cases/T-1/accept", large);
    assert_int_equal(answer.status, 413);
    answer_finish(&answer);
    free(large);
}

/* ---- photos ---- */

static void a_photo_is_stored_once_and_shown_to_who_is_signed_in(void **state)
{
    struct office *office = *state;
    char *first = store_jpeg(office, OFFICE_W1), *second = store_jpeg(office, OFFICE_LI_S), path[128];
    assert_string_equal(first, second);
    snprintf(path, sizeof path, "/api/media/%s", first);
    struct answer answer = office_get(office, OFFICE_OP, path);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer_header(&answer, "Content-Type"), "image/jpeg");
    assert_non_null(strstr(answer_header(&answer, "Cache-Control"), "immutable"));
    assert_null(memmem(answer.body.bytes, answer.body.size, "Phone", 5)); /* what the camera wrote is not in it */
    assert_int_equal(sample_look(buffer_view(&answer.body), 20, 50).width, 400);
    answer_finish(&answer);
    strcat(path, "?size=small");
    answer = office_get(office, OFFICE_OP, path);
    assert_int_equal(answer.status, 200);
    assert_int_equal(sample_look(buffer_view(&answer.body), 20, 50).width, 320);
    answer_finish(&answer);
    free(first);
    free(second);
}

static void what_is_no_photo_is_refused(void **state)
{
    struct office *office = *state;
    static const char *const bodies[] = { "<svg onload=alert(1)>", "\xff\xd8\xff\xe0 cut short" };
    for (size_t i = 0; i < 2; i++) {
        struct answer answer = office_post(office, OFFICE_W1, "/api/media", "image/jpeg",
                                           (struct bytes){ (const uint8_t *)bodies[i], strlen(bodies[i]) });
        assert_int_equal(answer.status, 422);
        answer_finish(&answer);
    }
    struct answer answer = office_get(office, OFFICE_W1, "/api/media/0123456789");
    assert_int_equal(answer.status, 404);
    answer_finish(&answer);
}

int main(int argc, char **argv)
{
    int status;
    if (office_is_dispatcher(argc, argv, &status))
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_carries_the_account_and_what_the_device_said),
        cmocka_unit_test(a_command_says_all_that_a_verb_may_need),
        cmocka_unit_test(a_worker_says_where_it_is_without_a_case),
        cmocka_unit_test(a_report_of_a_worker_is_handed_on_with_its_name_and_photos),
        cmocka_unit_test(a_report_that_cannot_be_handed_on_is_refused),
        cmocka_unit_test(the_desk_takes_down_calls_and_orders),
        cmocka_unit_test(an_answer_of_the_engine_has_its_status),
        cmocka_unit_test(a_conflict_brings_the_case_as_it_is_to_who_may_see_it),
        cmocka_unit_test(a_command_that_is_wrong_is_refused_before_the_bus),
        cmocka_unit_test(a_photo_is_stored_once_and_shown_to_who_is_signed_in),
        cmocka_unit_test(what_is_no_photo_is_refused),
    };
    return cmocka_run_group_tests(tests, office_share, office_unshare);
}
