#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/timestamp.h"
#include "proto/door/session.h"

#define DAY_ONE INT64_C(1767573000000)

struct town {
    struct bench bench;
    struct accounts *accounts;
    char folder[64];
};

static void say_who(struct request *request, void *context)
{
    (void)context;
    const struct account_session *session = request_session(request);
    reply_text(request, 200, "text/plain", session ? session->login : "nobody");
}

static void set_account(struct town *town, const char *login, enum role role, bool disabled, const char *password)
{
    struct fault fault = { "" };
    struct account account = {
        .login = login,
        .name = "王师傅",
        .role = role,
        .department = "water",
        .disabled = disabled,
    };
    if (accounts_set(town->accounts, &account, password, &fault))
        fail_msg("%s", fault.text);
}

static void open_town_with(struct town *town, const struct door_options *options)
{
    struct fault fault = { "" };
    clock_set_virtual_ms(DAY_ONE);
    strcpy(town->folder, "/tmp/drumtower-session-XXXXXX");
    assert_non_null(mkdtemp(town->folder));
    bench_open(&town->bench, options);
    if (accounts_open(town->folder, &town->accounts, &fault))
        fail_msg("%s", fault.text);
    assert_int_equal(door_use_accounts(town->bench.door, town->accounts, &fault), 0);
    set_account(town, "wang", ROLE_WORKER, false, "right password");
    set_account(town, "li", ROLE_OPERATOR, false, "other password");
    bench_route(&town->bench, "GET", "/worker", ROLE_BIT(ROLE_WORKER), 0, say_who, NULL);
    bench_route(&town->bench, "POST", "/worker", ROLE_BIT(ROLE_WORKER), -1, say_who, NULL);
    bench_route(&town->bench, "GET", "/desk", ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_LEADER), 0, say_who, NULL);
    bench_route(&town->bench, "GET", "/anybody", 0, 0, say_who, NULL);
}

static void open_town(struct town *town)
{
    open_town_with(town, &(struct door_options){ .cookie = "dt_session" });
}

static void close_town(struct town *town)
{
    static const char *const files[] = { "accounts/data.mdb", "accounts/lock.mdb", "accounts", "" };
    bench_close(&town->bench);
    accounts_close(town->accounts);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", town->folder, files[i]);
        remove(path);
    }
}

static struct answer sign_in(struct town *town, const char *login, const char *password)
{
    char body[512], request[1024];
    snprintf(body, sizeof body, "{\"login\":\"%s\",\"password\":\"%s\"}", login, password);
    snprintf(request, sizeof request,
             "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    return ask(&town->bench, request);
}

static int sign_in_status(struct town *town, const char *login, const char *password)
{
    struct answer answer = sign_in(town, login, password);
    int status = answer.status;
    answer_finish(&answer);
    return status;
}

/* A token of 32 letters. */
static void token_for(struct town *town, const char *login, const char *password, char token[64])
{
    struct answer answer = sign_in(town, login, password);
    assert_int_equal(answer.status, 200);
    const char *at = strstr(answer_text(&answer), "\"token\":\"");
    assert_non_null(at);
    snprintf(token, 64, "%.*s", (int)strcspn(at + 9, "\""), at + 9);
    assert_int_equal(strlen(token), 32);
    answer_finish(&answer);
}

static int status_of(struct town *town, const char *line, const char *format, const char *token)
{
    char request[1024], headers[512];
    snprintf(headers, sizeof headers, format, token);
    snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x:8312\r\n%s\r\n", line, headers);
    return ask_status(&town->bench, request);
}

#define BEARER "Authorization: Bearer %s\r\n"
#define COOKIE "Cookie: other=1; dt_session=%s; more=2\r\n"

static void a_worker_signs_in_and_out(void **state)
{
    (void)state;
    struct town town;
    char token[64];
    open_town(&town);
    struct answer answer = sign_in(&town, "wang", "right password");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer_text(&answer), "\"role\":\"worker\""));
    assert_non_null(strstr(answer_text(&answer), "\"department\":\"water\""));
    assert_non_null(strstr(answer_header(&answer, "Set-Cookie"), "dt_session="));
    assert_non_null(strstr(answer_header(&answer, "Set-Cookie"), "; HttpOnly; SameSite=Strict"));
    assert_null(strstr(answer_header(&answer, "Set-Cookie"), "Secure")); /* no TLS here */
    assert_null(strstr(answer_text(&answer), "argon2"));
    answer_finish(&answer);
    token_for(&town, "wang", "right password", token);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, token), 200);
    assert_int_equal(status_of(&town, "GET /worker", COOKIE, token), 200);
    assert_int_equal(status_of(&town, "GET /api/session", COOKIE, token), 200);
    assert_int_equal(status_of(&town, "DELETE /api/session", BEARER, token), 204);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, token), 401);
    assert_int_equal(status_of(&town, "GET /api/session", COOKIE, token), 401);
    close_town(&town);
}

static void roles_decide_who_may(void **state)
{
    (void)state;
    struct town town;
    char worker[64], operator[64];
    open_town(&town);
    token_for(&town, "wang", "right password", worker);
    token_for(&town, "li", "other password", operator);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, worker), 200);
    assert_int_equal(status_of(&town, "GET /desk", BEARER, worker), 403);
    assert_int_equal(status_of(&town, "GET /desk", BEARER, operator), 200);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, operator), 403);
    assert_int_equal(status_of(&town, "GET /worker", "X-A: %s\r\n", ""), 401);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, "00000000000000000000000000000000"), 401);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, "../../x"), 401);
    assert_int_equal(status_of(&town, "GET /anybody", "X-A: %s\r\n", ""), 200);
    close_town(&town);
}

static void a_body_is_not_even_read_from_a_stranger(void **state)
{
    (void)state;
    struct town town;
    struct client client;
    open_town(&town);
    client_open(&client, &town.bench);
    client_send_text(&client, "POST /worker HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
                              "100000\r\n\r\n");
    struct answer answer = client_answer(&client);
    assert_int_equal(answer.status, 401);
    answer_finish(&answer);
    client_close(&client);
    close_town(&town);
}

static void a_cookie_alone_changes_nothing(void **state)
{
    (void)state;
    struct town town;
    char token[64];
    open_town(&town);
    token_for(&town, "wang", "right password", token);
    assert_int_equal(status_of(&town, "POST /worker", COOKIE, token), 403);
    assert_int_equal(status_of(&town, "DELETE /api/session", COOKIE, token), 403);
    assert_int_equal(status_of(&town, "POST /worker", COOKIE "Origin: https://evil.example\r\n", token), 403);
    assert_int_equal(status_of(&town, "POST /worker", COOKIE "Origin: null\r\n", token), 403);
    assert_int_equal(status_of(&town, "POST /worker", COOKIE "Origin: http://x:8312\r\n", token), 200);
    assert_int_equal(status_of(&town, "POST /worker", COOKIE "X-Drumtower: 1\r\n", token), 200);
    assert_int_equal(status_of(&town, "POST /worker", BEARER, token), 200);
    assert_int_equal(status_of(&town, "GET /worker", COOKIE, token), 200);
    close_town(&town);
}

static void wrong_passwords_lock_an_account_for_longer_and_longer(void **state)
{
    (void)state;
    struct town town;
    open_town(&town);
    int64_t now = DAY_ONE;
    for (int i = 0; i < 5; i++)
        assert_int_equal(sign_in_status(&town, "wang", "wrong password"), 401);
    static const int64_t minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        clock_set_virtual_ms(now + minutes[i] * MS_PER_MINUTE - 1);
        struct answer answer = sign_in(&town, "wang", "right password");
        assert_int_equal(answer.status, 429); /* even with the right one */
        assert_string_equal(answer_header(&answer, "Retry-After"), "1");
        answer_finish(&answer);
        now += minutes[i] * MS_PER_MINUTE;
        clock_set_virtual_ms(now);
        assert_int_equal(sign_in_status(&town, "wang", "wrong password"), 401);
    }
    assert_int_equal(sign_in_status(&town, "li", "other password"), 200); /* nobody else is locked */
    clock_set_virtual_ms(now + MS_PER_HOUR);
    assert_int_equal(sign_in_status(&town, "wang", "right password"), 200);
    assert_int_equal(sign_in_status(&town, "wang", "wrong password"), 401); /* the count began anew */
    assert_int_equal(sign_in_status(&town, "wang", "right password"), 200);
    close_town(&town);
}

static void a_district_may_be_stricter(void **state)
{
    (void)state;
    struct town town;
    open_town_with(&town, &(struct door_options){ .cookie = "dt_session",
                                                  .sign_in_failures = 2,
                                                  .lock_seconds = 1800,
                                                  .lock_seconds_most = 1800,
                                                  .address_failures_per_minute = 3 });
    for (int i = 0; i < 2; i++)
        assert_int_equal(sign_in_status(&town, "wang", "wrong password"), 401);
    clock_set_virtual_ms(DAY_ONE + 30 * MS_PER_MINUTE - 1);
    assert_int_equal(sign_in_status(&town, "wang", "right password"), 429);
    clock_set_virtual_ms(DAY_ONE + 30 * MS_PER_MINUTE);
    assert_int_equal(sign_in_status(&town, "wang", "right password"), 200);
    assert_int_equal(sign_in_status(&town, "nobody", "any password"), 401);
    assert_int_equal(sign_in_status(&town, "li", "other password"), 429); /* the address's third was its last */
    close_town(&town);
}

static void an_address_may_not_guess_for_ever(void **state)
{
    (void)state;
    struct town town;
    open_town(&town);
    int status = 401;
    for (int i = 0; i < 40 && status == 401; i++)
        status = sign_in_status(&town, "nobody at all", "any password");
    assert_int_equal(status, 429);
    assert_int_equal(sign_in_status(&town, "wang", "right password"), 429);
    assert_true(metric_value("drumtower_door_refused_total{reason=\"sign_in_attempts\"}") >= 2);
    close_town(&town);
}

static void sessions_end_by_themselves(void **state)
{
    (void)state;
    struct town town;
    char worker[64], operator[64];
    open_town(&town);
    token_for(&town, "wang", "right password", worker);
    token_for(&town, "li", "other password", operator);
    for (int hours = 11; hours < 7 * 24; hours += 11) { /* used again and again, it lasts a week */
        clock_set_virtual_ms(DAY_ONE + hours * (int64_t)MS_PER_HOUR);
        assert_int_equal(status_of(&town, "GET /desk", BEARER, operator), 200);
    }
    clock_set_virtual_ms(DAY_ONE + 7 * (int64_t)MS_PER_DAY);
    assert_int_equal(status_of(&town, "GET /desk", BEARER, operator), 401);
    token_for(&town, "li", "other password", operator);
    clock_set_virtual_ms(DAY_ONE + 7 * (int64_t)MS_PER_DAY + 12 * MS_PER_HOUR);
    assert_int_equal(status_of(&town, "GET /desk", BEARER, operator), 401); /* not used for half a day */
    clock_set_virtual_ms(DAY_ONE + 30 * (int64_t)MS_PER_DAY - 1);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, worker), 200); /* a handset may be off for days */
    clock_set_virtual_ms(DAY_ONE + 30 * (int64_t)MS_PER_DAY);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, worker), 401);
    close_town(&town);
}

struct feed {
    struct stream *stream;
    int closed;
};

static void feed_closed(void *context)
{
    struct feed *feed = context;
    feed->closed++;
}

static void open_feed(struct request *request, void *context)
{
    struct feed *feed = context;
    feed->stream = reply_stream(request, "text/event-stream", 65536, feed_closed, feed);
}

static bool feed_is_open(void *context)
{
    return ((struct feed *)context)->stream != NULL;
}

static bool feed_is_closed(void *context)
{
    return ((struct feed *)context)->closed > 0;
}

static void a_live_stream_ends_with_its_session(void **state)
{
    (void)state;
    struct town town;
    struct client mine, other;
    struct feed feed = { 0 }, other_feed = { 0 };
    char token[64], request[512];
    open_town(&town);
    bench_route(&town.bench, "GET", "/feed", ROLE_BIT(ROLE_WORKER), 0, open_feed, &feed);
    bench_route(&town.bench, "GET", "/other", ROLE_BIT(ROLE_OPERATOR), 0, open_feed, &other_feed);
    token_for(&town, "li", "other password", token);
    snprintf(request, sizeof request, "GET /other HTTP/1.1\r\nHost: x\r\n" BEARER "\r\n", token);
    client_open(&other, &town.bench);
    client_send_text(&other, request);
    bench_until(&town.bench, feed_is_open, &other_feed);
    token_for(&town, "wang", "right password", token);
    snprintf(request, sizeof request, "GET /feed HTTP/1.1\r\nHost: x\r\n" BEARER "\r\n", token);
    client_open(&mine, &town.bench);
    client_send_text(&mine, request);
    bench_until(&town.bench, feed_is_open, &feed);
    assert_int_equal(status_of(&town, "DELETE /api/session", BEARER, token), 204);
    bench_until(&town.bench, feed_is_closed, &feed);
    client_wait_text(&other, ": \n\n");
    assert_int_equal(other_feed.closed, 0);
    client_close(&mine);
    client_close(&other);
    close_town(&town);
}

static void a_changed_account_counts_at_once(void **state)
{
    (void)state;
    struct town town;
    char token[64];
    open_town(&town);
    token_for(&town, "wang", "right password", token);
    set_account(&town, "wang", ROLE_OPERATOR, false, NULL);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, token), 403);
    assert_int_equal(status_of(&town, "GET /desk", BEARER, token), 200);
    set_account(&town, "wang", ROLE_WORKER, false, "a new password");
    assert_int_equal(status_of(&town, "GET /worker", BEARER, token), 401);
    assert_int_equal(sign_in_status(&town, "wang", "right password"), 401);
    token_for(&town, "wang", "a new password", token);
    set_account(&town, "wang", ROLE_WORKER, true, NULL);
    assert_int_equal(status_of(&town, "GET /worker", BEARER, token), 401);
    assert_int_equal(sign_in_status(&town, "wang", "a new password"), 401);
    close_town(&town);
}

static void a_sign_in_must_be_json_of_texts(void **state)
{
    (void)state;
    struct town town;
    open_town(&town);
    static const char *const bodies[] = { "", "{", "[]", "{\"login\":1,\"password\":\"x\"}", "{\"login\":\"wang\"}" };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char request[512];
        snprintf(request, sizeof request,
                 "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                 "%zu\r\n\r\n%s",
                 strlen(bodies[i]), bodies[i]);
        assert_int_equal(ask_status(&town.bench, request), 400);
    }
    assert_int_equal(ask_status(&town.bench, "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                                             "Content-Length: 2\r\n\r\n{}"),
                     400);
    close_town(&town);
}

static void a_wrong_account_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct town town;
    static const struct {
        struct account account;
        const char *password, *reason;
    } rows[] = {
        { { .login = "", .role = ROLE_OPERATOR }, "long enough", "login" },
        { { .login = "a b", .role = ROLE_OPERATOR }, "long enough", "login 'a b'" },
        { { .login = "x" }, "long enough", "role none" },
        { { .login = "x", .role = ROLE_SYSTEM }, "long enough", "role system" },
        { { .login = "x", .role = ROLE_WORKER }, "long enough", "department" },
        { { .login = "x", .role = ROLE_OPERATOR }, "short", "password" },
    };
    open_town(&town);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault fault = { "" };
        assert_int_equal(accounts_set(town.accounts, &rows[i].account, rows[i].password, &fault), -EINVAL);
        if (!strstr(fault.text, rows[i].reason))
            fail_msg("row %zu: expected '%s' in '%s'", i, rows[i].reason, fault.text);
    }
    close_town(&town);
}

static int count_account(void *context, const struct account *account)
{
    int *count = context;
    assert_true(account->role == ROLE_WORKER || account->role == ROLE_OPERATOR);
    (*count)++;
    return 0;
}

static void the_store_knows_neither_password_nor_token(void **state)
{
    (void)state;
    struct town town;
    char token[64], path[128];
    int count = 0;
    struct fault fault = { "" };
    open_town(&town);
    token_for(&town, "wang", "right password", token);
    assert_int_equal(accounts_visit(town.accounts, count_account, &count, &fault), 0);
    assert_int_equal(count, 2);
    bench_close(&town.bench);
    accounts_close(town.accounts);
    snprintf(path, sizeof path, "%s/accounts/data.mdb", town.folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    struct buffer bytes = { 0 };
    size_t size;
    while ((size = fread(buffer_reserve(&bytes, 65536), 1, 65536, file)) > 0)
        bytes.size += size;
    fclose(file);
    assert_non_null(memmem(bytes.bytes, bytes.size, "$argon2id$", 10));
    assert_null(memmem(bytes.bytes, bytes.size, token, 32));
    assert_null(memmem(bytes.bytes, bytes.size, "right password", 14));
    buffer_finish(&bytes);
    town.accounts = NULL;
    bench_open(&town.bench, NULL);
    close_town(&town);
}

static char clock_path[] = "/tmp/drumtower-clock-XXXXXX";

static int use_virtual_clock(void **state)
{
    (void)state;
    int fd = mkstemp(clock_path);
    if (fd < 0 || close(fd) < 0 || unlink(clock_path) < 0 || crypto_init(NULL))
        return -1;
    return clock_open_virtual(clock_path, NULL);
}

static int remove_clock(void **state)
{
    (void)state;
    return unlink(clock_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_signs_in_and_out),
        cmocka_unit_test(roles_decide_who_may),
        cmocka_unit_test(a_body_is_not_even_read_from_a_stranger),
        cmocka_unit_test(a_cookie_alone_changes_nothing),
        cmocka_unit_test(wrong_passwords_lock_an_account_for_longer_and_longer),
        cmocka_unit_test(a_district_may_be_stricter),
        cmocka_unit_test(an_address_may_not_guess_for_ever),
        cmocka_unit_test(sessions_end_by_themselves),
        cmocka_unit_test(a_live_stream_ends_with_its_session),
        cmocka_unit_test(a_changed_account_counts_at_once),
        cmocka_unit_test(a_sign_in_must_be_json_of_texts),
        cmocka_unit_test(a_wrong_account_is_refused_with_a_reason),
        cmocka_unit_test(the_store_knows_neither_password_nor_token),
    };
    return cmocka_run_group_tests(tests, use_virtual_clock, remove_clock);
}
