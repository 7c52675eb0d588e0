#include "office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

/* ---- who sees what ---- */

static const char *const all_numbers[] = {
#define NUMBER(number, state, department, task, worker, area, done_by) number,
    OFFICE_CASES(NUMBER)
#undef NUMBER
};
enum { NUMBERS = sizeof all_numbers / sizeof *all_numbers };

static void everybody_sees_the_cases_that_concern_them(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *sees; /* a blank before and after each */
    } rows[] = {
        { OFFICE_W1, " T-2 T-3 T-4 T-5 T-11 " }, /* own, and offered in the own area */
        { OFFICE_W2, " T-6 T-7 T-10 " },
        { OFFICE_W3, " T-2 T-5 " }, /* may check T-5, which a colleague disposed */
        { OFFICE_P1, " T-5 T-8 " }, /* without areas: the whole district */
        { OFFICE_LI_S, " T-2 T-3 T-4 T-5 T-6 T-7 T-10 T-11 " },
        { OFFICE_LI_W, " T-8 T-9 " },
        { OFFICE_OP, " T-1 T-2 T-3 T-4 T-5 T-6 T-7 T-8 T-9 T-10 T-11 " },
        { OFFICE_BOSS, " T-1 T-2 T-3 T-4 T-5 T-6 T-7 T-8 T-9 T-10 T-11 " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char seen[256] = " ";
        for (size_t n = 0; n < NUMBERS; n++) {
            char path[64];
            snprintf(path, sizeof path, "/api/cases/%s", all_numbers[n]);
            struct answer answer = office_get(office, rows[i].account, path);
            assert_true(answer.status == 200 || answer.status == 404);
            if (answer.status == 200)
                snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s ", all_numbers[n]);
            answer_finish(&answer);
        }
        assert_string_equal(seen, rows[i].sees);
    }
}

static void a_case_says_what_this_account_may_do_with_it_now(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *number, *verbs;
    } rows[] = {
        { OFFICE_OP, "T-1", "accept verify refuse:reason reclassify:service merge:case reply:reason note:reason" },
        { OFFICE_OP, "T-2", "urge join:department suspend:reason:until reply:reason note:reason" },
        { OFFICE_W1, "T-2", "take return:reason note:reason" },
        { OFFICE_LI_S, "T-2",
          "receive assign:worker return:reason hand_up extend:reason suspend:reason:until reply:reason note:reason" },
        { OFFICE_W1, "T-3", "arrive dispose return:reason note:reason" }, /* taken already */
        { OFFICE_W1, "T-11", "take arrive dispose return:reason note:reason" },
        { OFFICE_LI_S, "T-3",
          "assign:worker dispose return:reason hand_up extend:reason suspend:reason:until reply:reason note:reason" },
        { OFFICE_LI_W, "T-8",
          "receive assign:worker return:reason extend:reason suspend:reason:until reply:reason note:reason" }, /* no tier above */
        { OFFICE_W1, "T-4", "dispose return:reason note:reason" },
        { OFFICE_W1, "T-5", "note:reason" },         /* whoever disposes never checks */
        { OFFICE_W3, "T-5", "check rework:reason" }, /* a stranger to it */
        { OFFICE_OP, "T-5", "check rework:reason reply:reason note:reason" },
        { OFFICE_OP, "T-6", "reply:reason note:reason" }, /* this operator disposed it */
        { OFFICE_BOSS, "T-6", "close rework:reason reply:reason supervise cancel:reason note:reason" },
        { OFFICE_OP, "T-9", "reply:reason note:reason" }, /* the shift leader decides */
        { OFFICE_BOSS, "T-9", "confirm_return deny_return:reason reply:reason supervise cancel:reason note:reason" },
        { OFFICE_BOSS, "T-7", "reopen:reason note:reason" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[64], verbs[256] = "";
        snprintf(path, sizeof path, "/api/cases/%s", rows[i].number);
        json_t *body = office_json(office_get(office, rows[i].account, path)), *row;
        size_t n;
        json_array_foreach(json_object_get(body, "verbs"), n, row)
        {
            json_t *need;
            size_t at;
            snprintf(verbs + strlen(verbs), sizeof verbs - strlen(verbs), "%s%s", n ? " " : "",
                     json_string_value(json_object_get(row, "verb")));
            json_array_foreach(json_object_get(row, "needs"), at, need)
                snprintf(verbs + strlen(verbs), sizeof verbs - strlen(verbs), ":%s", json_string_value(need));
        }
        if (strcmp(verbs, rows[i].verbs) != 0)
            fail_msg("%s by account %d: '%s', expected '%s'", rows[i].number, rows[i].account, verbs, rows[i].verbs);
        json_decref(body);
    }
}

static void a_case_comes_with_its_history_and_the_way_that_the_book_would_send_it(void **state)
{
    struct office *office = *state;
    json_t *body = office_json(office_get(office, OFFICE_OP, "/api/cases/T-1"));
    const char *verb, *department, *rule, *reporter;
    json_int_t now_ms;
    assert_int_equal(json_unpack(body, "{s:[{s:s}], s:{s:s, s:s}, s:I, s:{s:[{s:s}]}}", "steps", "verb", &verb, "route",
                                 "department", &department, "rule", &rule, "now_ms", &now_ms, "case", "voices",
                                 "reporter", &reporter),
                     0);
    assert_string_equal(verb, "report");
    assert_string_equal(department, "water");
    assert_non_null(strstr(rule, "routing.yaml:"));
    assert_true(now_ms > 0);
    assert_string_equal(reporter, "pseudonym");
    json_decref(body);
}

static void each_report_on_a_case_has_its_words(void **state)
{
    struct office *office = *state;
    json_t *body = office_json(office_get(office, OFFICE_OP, "/api/cases/T-8")), *row;
    assert_int_equal(json_array_size(json_object_get(body, "words")), 0);
    json_decref(body);
    office_order(office, "voices");
    char words[256] = "";
    size_t i;
    body = office_json(office_get(office, OFFICE_OP, "/api/cases/T-8"));
    json_array_foreach(json_object_get(body, "words"), i, row) snprintf(
        words + strlen(words), sizeof words - strlen(words), "%lld %s, ",
        (long long)json_integer_value(json_object_get(row, "seq")), json_string_value(json_object_get(row, "words")));
    assert_string_equal(words, "8 上水井盖, 101 还在漏水, 102 水漫到路上了, ");
    json_decref(body);
}

static void the_field_does_not_learn_who_reported(void **state)
{
    struct office *office = *state;
    struct answer answer = office_get(office, OFFICE_LI_S, "/api/cases/T-2");
    assert_null(strstr(answer_text(&answer), "pseudonym"));
    answer_finish(&answer);
    answer = office_get(office, OFFICE_W1, "/api/cases?list=worker/w-1");
    assert_null(strstr(answer_text(&answer), "pseudonym"));
    assert_non_null(strstr(answer_text(&answer), "T-3"));
    answer_finish(&answer);
}

static void nobody_sees_anything_without_signing_in(void **state)
{
    struct office *office = *state;
    static const char *const paths[] = { "/api/cases", "/api/cases/T-1", "/api/book",
                                         "/api/me",    "/api/stream",    "/api/media/00" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char request[128];
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
        assert_int_equal(ask_status(&office->bench, request), 401);
    }
}

static void a_device_sees_no_cases(void **state)
{
    struct office *office = *state;
    static const char *const paths[] = { "/api/cases", "/api/cases/T-1" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct answer answer = office_get(office, OFFICE_WALL, paths[i]);
        assert_int_equal(answer.status, 403);
        answer_finish(&answer);
    }
}

/* ---- lists ---- */

/* "T-2 T-3 …" of a list; the answer's status where it is not 200. */
static int list_numbers(struct office *office, enum office_account account, const char *query, char *out, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "/api/cases%s", query);
    struct answer answer = office_get(office, account, path);
    int status = answer.status;
    json_t *body = office_json(answer), *record;
    size_t i;
    out[0] = 0;
    json_array_foreach(json_object_get(body, "cases"), i, record)
        snprintf(out + strlen(out), size - strlen(out), "%s%s", i ? " " : "",
                 json_string_value(json_object_get(record, "number")));
    json_decref(body);
    return status;
}

static void lists_are_ordered_and_cut_to_the_account(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        const char *query;
        int status;
        const char *numbers;
    } rows[] = {
        { OFFICE_OP, "", 200, "T-1 T-2 T-3 T-4 T-5 T-6 T-8 T-9 T-10 T-11" },              /* open, by time left */
        { OFFICE_OP, "?list=all", 200, "T-11 T-10 T-9 T-8 T-7 T-6 T-5 T-4 T-3 T-2 T-1" }, /* newest first */
        { OFFICE_OP, "?list=closed", 200, "T-7" },
        { OFFICE_OP, "?list=state/dispatched", 200, "T-2 T-8 T-10" },
        { OFFICE_OP, "?list=dept/station", 200, "T-2 T-3 T-4 T-10 T-11" },
        { OFFICE_OP, "?list=worker/w-1", 200, "T-3 T-4 T-11" },
        { OFFICE_OP, "?list=area/g2", 200, "T-6 T-8 T-9 T-10" },
        { OFFICE_OP, "?list=triage", 200, "" },
        { OFFICE_OP, "?list=asked", 200, "T-9" },
        { OFFICE_BOSS, "?list=supervised", 200, "" },
        { OFFICE_W1, "", 200, "T-3 T-4 T-11" },
        { OFFICE_W1, "?list=dept/station", 200, "T-2 T-3 T-4 T-11" }, /* with what is offered to it, without T-10 */
        { OFFICE_W1, "?list=worker/w-2", 403, "" },
        { OFFICE_W1, "?list=open", 403, "" },
        { OFFICE_W1, "?list=dept/water", 403, "" },
        { OFFICE_LI_S, "", 200, "T-2 T-3 T-4 T-10 T-11" },
        { OFFICE_LI_S, "?list=dept-all/station", 200, "T-11 T-10 T-7 T-6 T-5 T-4 T-3 T-2" },
        { OFFICE_LI_S, "?list=worker/w-1", 200, "T-3 T-4 T-11" }, /* of the own department */
        { OFFICE_LI_S, "?list=worker/p-1", 403, "" },
        { OFFICE_LI_S, "?list=all", 403, "" },
        { OFFICE_OP, "?list=nothing", 404, "" },
        { OFFICE_OP, "?list=state/none", 404, "" },
        { OFFICE_OP, "?list=open/station", 404, "" },
        { OFFICE_OP, "?list=dept/nowhere", 404, "" },
        { OFFICE_OP, "?limit=0", 400, "" },
        { OFFICE_OP, "?limit=501", 400, "" },
        { OFFICE_OP, "?limit=two", 400, "" },
        { OFFICE_OP, "?after=5", 400, "" },
        { OFFICE_OP, "?after=5,-1", 400, "" },
        { OFFICE_OP, "?after=5,1x", 400, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char numbers[256];
        int status = list_numbers(office, rows[i].account, rows[i].query, numbers, sizeof numbers);
        if (status != rows[i].status || strcmp(numbers, rows[i].numbers) != 0)
            fail_msg("account %d %s: %d '%s'", rows[i].account, rows[i].query, status, numbers);
    }
}

static void pages_of_a_list_hold_every_case_once(void **state)
{
    (void)state;
    static const char *const lists[] = { "open", "all" };
    struct office office;
    office_open(&office, (struct case_api_options){ 0 });
    office_order(&office, "cases 200"); /* 211 with the office's own, of which one is closed */
    for (size_t l = 0; l < 2; l++) {
        char after[64] = "";
        bool seen[256] = { false };
        size_t count = 0, pages = 0;
        for (bool more = true; more; pages++) {
            char path[160];
            snprintf(path, sizeof path, "/api/cases?list=%s&limit=40%s%s", lists[l], *after ? "&after=" : "", after);
            json_t *body = office_json(office_get(&office, OFFICE_OP, path)), *record;
            size_t i;
            json_array_foreach(json_object_get(body, "cases"), i, record)
            {
                json_int_t id = json_integer_value(json_object_get(record, "id"));
                assert_true(id > 0 && id < 256 && !seen[id]);
                seen[id] = true;
                count++;
            }
            const char *next = json_string_value(json_object_get(body, "next"));
            more = next != NULL;
            snprintf(after, sizeof after, "%s", next ? next : "");
            json_decref(body);
        }
        assert_int_equal(count, l == 0 ? 210 : 211);
        assert_int_equal(pages, 6);
    }
    office_close(&office);
}

/* ---- what is near ---- */

static void the_desk_finds_open_cases_of_the_same_service_near_by(void **state)
{
    struct office *office = *state;
    char numbers[128] = "";
    json_t *body = office_json(office_get(office, OFFICE_OP, "/api/cases/T-1/near")), *row;
    size_t i;
    json_array_foreach(json_object_get(body, "cases"), i, row)
        snprintf(numbers + strlen(numbers), sizeof numbers - strlen(numbers), "%s:%lld ",
                 json_string_value(json_object_get(row, "number")),
                 (long long)json_integer_value(json_object_get(row, "distance_m")));
    assert_string_equal(numbers, "T-2:111 T-3:222 T-4:334 T-5:445 T-11:1112 ");
    json_decref(body);
    struct answer answer = office_get(office, OFFICE_OP, "/api/cases/T-99/near");
    assert_int_equal(answer.status, 404);
    answer_finish(&answer);
    answer = office_get(office, OFFICE_LI_S, "/api/cases/T-2/near");
    assert_int_equal(answer.status, 403);
    answer_finish(&answer);
}

/* ---- names ---- */

static void the_book_names_the_people_that_a_role_may_know(void **state)
{
    struct office *office = *state;
    static const struct {
        enum office_account account;
        size_t people;
    } rows[] = { { OFFICE_OP, 8 }, { OFFICE_LI_S, 4 }, { OFFICE_W1, 4 }, { OFFICE_P1, 2 }, { OFFICE_WALL, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *book = office_json(office_get(office, rows[i].account, "/api/book"));
        assert_int_equal(json_array_size(json_object_get(book, "people")), rows[i].people);
        assert_int_equal(json_array_size(json_object_get(book, "areas")), 4);
        assert_int_equal(json_array_size(json_object_get(book, "departments")), 2);
        assert_int_equal(json_array_size(json_object_get(book, "services")), 2);
        assert_string_equal(json_string_value(json_object_get(book, "time_zone")), "Asia/Shanghai");
        json_decref(book);
    }
}

static void who_is_there_now_is_asked_anew(void **state)
{
    struct office *office = *state;
    office_order(office, "away w-2");
    json_t *body = office_json(office_get(office, OFFICE_LI_S, "/api/people")), *person;
    char seen[128] = "";
    size_t i;
    json_array_foreach(json_object_get(body, "people"), i, person) snprintf(
        seen + strlen(seen), sizeof seen - strlen(seen), "%s%s ", json_string_value(json_object_get(person, "id")),
        json_is_true(json_object_get(person, "on_duty")) ? "" : "(away)");
    assert_string_equal(seen, "w-1 w-2(away) w-3 li-s ");
    json_decref(body);
    body = office_json(office_get(office, OFFICE_W2, "/api/me"));
    assert_true(json_is_true(json_object_get(body, "away")));
    json_decref(body);
}

static void me_says_area_and_duty(void **state)
{
    struct office *office = *state;
    json_t *me = office_json(office_get(office, OFFICE_W1, "/api/me"));
    const char *login, *role, *department, *area;
    int on_duty;
    assert_int_equal(json_unpack(me, "{s:s, s:s, s:s, s:[s], s:b}", "login", &login, "role", &role, "department",
                                 &department, "areas", &area, "on_duty", &on_duty),
                     0);
    assert_string_equal(login, "w-1");
    assert_string_equal(role, "worker");
    assert_string_equal(department, "station");
    assert_string_equal(area, "g1");
    assert_true(on_duty);
    json_decref(me);
}

/* ---- the door and the dispatcher ---- */

static void a_door_serves_only_its_roles(void **state)
{
    (void)state;
    struct office office;
    office_open(&office, (struct case_api_options){ .roles = ROLE_BIT(ROLE_WORKER) | ROLE_BIT(ROLE_LIAISON) });
    static const char *const paths[] = { "/api/cases", "/api/cases/T-1", "/api/book", "/api/me", "/api/stream" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct answer answer = office_get(&office, OFFICE_OP, paths[i]);
        assert_int_equal(answer.status, 403);
        answer_finish(&answer);
    }
    struct answer answer = office_get(&office, OFFICE_W1, "/api/cases");
    assert_int_equal(answer.status, 200);
    answer_finish(&answer);
    office_close(&office);
}

struct readiness {
    struct office *office;
    int wanted;
    char text[512];
};

static bool is_ready_as_wanted(struct readiness *readiness)
{
    struct answer answer = ask(&readiness->office->bench, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    bool as_wanted = answer.status == readiness->wanted;
    snprintf(readiness->text, sizeof readiness->text, "%s", answer_text(&answer));
    answer_finish(&answer);
    return as_wanted;
}

static int over(void *context)
{
    *(bool *)context = true;
    return 0;
}

static bool is_over(void *context)
{
    return *(bool *)context;
}

/* Looks again every 50 ms of the loop's time. */
static void wait_for_readiness(struct office *office, int status, const char *says)
{
    struct readiness readiness = { .office = office, .wanted = status };
    int64_t end = clock_mono_ms() + BENCH_DEADLINE_MS;
    while (!is_ready_as_wanted(&readiness)) {
        bool passed = false;
        struct loop_timer pause = { .fire = over, .context = &passed };
        loop_timer_arm(office->bench.loop, &pause, 50);
        bench_until(&office->bench, is_over, &passed);
        assert_true(clock_mono_ms() < end);
    }
    assert_non_null(strstr(readiness.text, says));
}

static void the_door_says_when_the_dispatcher_is_not_heard(void **state)
{
    (void)state;
    struct office office;
    office_open(&office, (struct case_api_options){ .command_timeout_ms = 200 });
    wait_for_readiness(&office, 200, "");
    office_kill_dispatcher(&office);
    struct answer answer = office_post_json(&office, OFFICE_OP, "/api/cases/T-1/accept", "{\"id\":\"x\"}");
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer_text(&answer), "perhaps"));
    answer_finish(&answer);
    wait_for_readiness(&office, 503, "dispatcher not heard for");
    answer = office_get(&office, OFFICE_OP, "/api/cases/T-1"); /* snapshots need nobody */
    assert_int_equal(answer.status, 200);
    answer_finish(&answer);
    office_start_dispatcher(&office);
    wait_for_readiness(&office, 200, "");
    office_close(&office);
}

int main(int argc, char **argv)
{
    int status;
    if (office_is_dispatcher(argc, argv, &status))
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_sees_the_cases_that_concern_them),
        cmocka_unit_test(a_case_says_what_this_account_may_do_with_it_now),
        cmocka_unit_test(a_case_comes_with_its_history_and_the_way_that_the_book_would_send_it),
        cmocka_unit_test(each_report_on_a_case_has_its_words),
        cmocka_unit_test(the_field_does_not_learn_who_reported),
        cmocka_unit_test(nobody_sees_anything_without_signing_in),
        cmocka_unit_test(a_device_sees_no_cases),
        cmocka_unit_test(lists_are_ordered_and_cut_to_the_account),
        cmocka_unit_test(pages_of_a_list_hold_every_case_once),
        cmocka_unit_test(the_desk_finds_open_cases_of_the_same_service_near_by),
        cmocka_unit_test(the_book_names_the_people_that_a_role_may_know),
        cmocka_unit_test(who_is_there_now_is_asked_anew),
        cmocka_unit_test(me_says_area_and_duty),
        cmocka_unit_test(a_door_serves_only_its_roles),
        cmocka_unit_test(the_door_says_when_the_dispatcher_is_not_heard),
    };
    return cmocka_run_group_tests(tests, office_share, office_unshare);
}
