#include "proto/door/session.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/timestamp.h"
#include "proto/door/inside.h"
#include "proto/door/token.h"

enum { SIGN_IN_BODY_BYTES = 4096 };

static json_t *describe(const struct account_session *session)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "login", session->login, "name", session->name, "department",
                     session->department, "role", enum_name(&role_desc, session->role));
}

static void set_cookie(struct request *request, const char *token, int64_t seconds)
{
    const struct door *door = request->door;
    reply_header(request, "Set-Cookie",
                 arena_format(&request->arena, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s", door->cookie,
                              token, (long long)seconds, door->tls_cert ? "; Secure" : ""));
}

static void too_many_attempts(struct request *request, int64_t wait_ms, const char *message)
{
    door_count(DOOR_REFUSED_ATTEMPTS);
    int64_t seconds = wait_ms / MS_PER_SECOND + 1;
    reply_header(request, "Retry-After", arena_format(&request->arena, "%lld", (long long)seconds));
    reply_error(request, 429, "locked", message,
                arena_format(&request->arena, "Try again in %lld seconds.", (long long)seconds));
}

static void welcome(struct request *request, const struct account *account, const char *token, int64_t now_ms)
{
    struct session_life life = session_life_of(account->role);
    json_t *body = describe(&(struct account_session){
        .login = account->login,
        .name = account->name,
        .department = account->department,
        .role = account->role,
    });
    json_object_set_new(body, "token", json_string(token));
    json_object_set_new(body, "expires_at_ms", json_integer(now_ms + life.absolute_ms));
    set_cookie(request, token, life.absolute_ms / MS_PER_SECOND);
    reply_json(request, 200, body);
}

static void store_failed(struct request *request, const struct fault *fault)
{
    log_error("accounts", "text=\"%s\"", fault->text);
    reply_error(request, 503, "store", "The accounts cannot be read or written.", "Tell the administrator.");
}

static void sign_in(struct request *request, void *context)
{
    struct accounts *accounts = context;
    struct peer *peer = request->connection->peer;
    struct fault fault = { "" };
    const json_t *body = request_json(request, &fault);
    const char *login = json_string_value(json_object_get(body, "login"));
    const char *password = json_string_value(json_object_get(body, "password"));
    if (!login || !password) {
        reply_error(request, 400, "invalid", body ? "login and password must be texts" : fault.text,
                    "Send {\"login\": …, \"password\": …}.");
        return;
    }
    if (!peer_may_try(peer, clock_mono_ms())) {
        too_many_attempts(request, PEER_FAILURES_MS, "Too many wrong passwords from this address.");
        return;
    }
    struct account account;
    char token[TOKEN_CHARACTERS + 1];
    int64_t now_ms = clock_now_ms();
    int result = account_check(accounts, login, password, peer->text, now_ms, &request->arena, &account, &fault);
    if (!result)
        result = token_start(accounts, &account, peer->text, now_ms, token, &fault);
    if (result < 0) {
        store_failed(request, &fault);
    } else if (result == ACCOUNT_LOCKED) {
        too_many_attempts(request, account.locked_until_ms - now_ms, "Too many wrong passwords for this account.");
    } else if (result == ACCOUNT_WRONG) {
        peer_failed(peer, clock_mono_ms());
        reply_error(request, 401, "wrong", "Login or password is wrong.", "Look at both and try again.");
    } else {
        welcome(request, &account, token, now_ms);
    }
}

static void show_session(struct request *request, void *context)
{
    (void)context;
    const struct account_session *session = request_session(request);
    if (session)
        reply_json(request, 200, describe(session));
    else
        gate_reply_unknown(request);
}

static void sign_out(struct request *request, void *context)
{
    struct fault fault = { "" };
    const struct account_session *session = request_session(request);
    if (!session) {
        gate_reply_unknown(request);
        return;
    }
    int result = token_end(context, request->token, session->login, request_address(request), clock_now_ms(), &fault);
    if (result) {
        store_failed(request, &fault);
        return;
    }
    loop_timer_arm(request->door->loop, &request->door->comment_timer, 0); /* ends the streams of the session */
    set_cookie(request, "", 0);
    reply_bytes(request, 204, NULL, (struct bytes){ 0 });
}

static int clean(void *context)
{
    struct door *door = context;
    struct fault fault = { "" };
    if (tokens_clean(door->accounts, NULL, clock_now_ms(), &fault) < 0)
        log_warn("sessions are not cleaned", "text=\"%s\"", fault.text);
    store_check_readers(door->accounts->store);
    loop_timer_arm(door->loop, &door->clean_timer, MS_PER_HOUR);
    return 0;
}

int door_use_accounts(struct door *door, struct accounts *accounts, struct fault *fault)
{
    static const struct {
        const char *method;
        int64_t body_bytes;
        door_handler *handler;
    } routes[] = { { "POST", SIGN_IN_BODY_BYTES, sign_in }, { "GET", 0, show_session }, { "DELETE", 0, sign_out } };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof routes / sizeof *routes; i++)
        result = door_route(door, routes[i].method, "/api/session", 0, routes[i].body_bytes, routes[i].handler,
                            accounts, fault);
    if (result)
        return result;
    door->accounts = accounts;
    door->clean_timer = (struct loop_timer){ .fire = clean, .context = door };
    loop_timer_arm(door->loop, &door->clean_timer, MS_PER_HOUR);
    return 0;
}
