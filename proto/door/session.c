#include "proto/door/session.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/timestamp.h"
#include "proto/door/connection.h"
#include "proto/door/refused.h"
#include "proto/door/reply.h"
#include "proto/door/request_inside.h"
#include "proto/door/route.h"
#include "proto/door/stream_inside.h"
#include "proto/door/token.h"

enum { SIGN_IN_BODY_BYTES = 4096 };

static json_t *describe(const struct account_session *session)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "login", session->login, "name", session->name, "department",
                     session->department, "role", enum_name(&role_desc, session->role));
}

static void set_cookie(const struct sessions *sessions, struct request *request, const char *token, int64_t seconds)
{
    reply_header(request, "Set-Cookie",
                 arena_format(&request->arena, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
                              sessions->gate->cookie, token, (long long)seconds, sessions->secure ? "; Secure" : ""));
}

static void too_many_attempts(struct request *request, int64_t wait_ms, const char *message)
{
    refused_count(REFUSED_ATTEMPTS);
    int64_t seconds = wait_ms / MS_PER_SECOND + 1;
    reply_header(request, "Retry-After", arena_format(&request->arena, "%lld", (long long)seconds));
    reply_error(request, 429, "locked", message,
                arena_format(&request->arena, "Try again in %lld seconds.", (long long)seconds));
}

static void welcome(const struct sessions *sessions, struct request *request, const struct account *account,
                    const char *token, int64_t now_ms)
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
    set_cookie(sessions, request, token, life.absolute_ms / MS_PER_SECOND);
    reply_json(request, 200, body);
}

static void store_failed(struct request *request, const struct fault *fault)
{
    log_error("accounts", "text=\"%s\"", fault->text);
    reply_error(request, 503, "store", "The accounts cannot be read or written.", "Tell the administrator.");
}

static void sign_in(struct request *request, void *context)
{
    struct sessions *sessions = context;
    struct accounts *accounts = sessions->gate->accounts;
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
    if (!peer_may_try(peer, sessions->address_failures, clock_mono_ms())) {
        too_many_attempts(request, PEER_FAILURES_MS, "Too many wrong passwords from this address.");
        return;
    }
    struct account account;
    char token[TOKEN_CHARACTERS + 1];
    int64_t now_ms = clock_now_ms();
    int result = account_check(accounts, &sessions->lock, login, password, peer->text, now_ms, &request->arena,
                               &account, &fault);
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
        welcome(sessions, request, &account, token, now_ms);
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
    struct sessions *sessions = context;
    struct fault fault = { "" };
    const struct account_session *session = request_session(request);
    if (!session) {
        gate_reply_unknown(request);
        return;
    }
    int result = token_end(sessions->gate->accounts, request->token, session->login, request_address(request),
                           clock_now_ms(), &fault);
    if (result) {
        store_failed(request, &fault);
        return;
    }
    streams_look(sessions->streams);
    set_cookie(sessions, request, "", 0);
    reply_bytes(request, 204, NULL, (struct bytes){ 0 });
}

static int clean(void *context)
{
    struct sessions *sessions = context;
    struct fault fault = { "" };
    if (tokens_clean(sessions->gate->accounts, NULL, clock_now_ms(), &fault) < 0)
        log_warn("sessions are not cleaned", "text=\"%s\"", fault.text);
    store_check_readers(sessions->gate->accounts->store);
    loop_timer_arm(sessions->loop, &sessions->clean_timer, MS_PER_HOUR);
    return 0;
}

int sessions_open(struct sessions *sessions, struct routes *routes, struct accounts *accounts, struct fault *fault)
{
    static const struct {
        const char *method;
        int64_t body_bytes;
        door_handler *handler;
    } verbs[] = { { "POST", SIGN_IN_BODY_BYTES, sign_in }, { "GET", 0, show_session }, { "DELETE", 0, sign_out } };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof verbs / sizeof *verbs; i++)
        result = routes_add(routes, verbs[i].method, "/api/session", 0, verbs[i].body_bytes, verbs[i].handler, sessions,
                            fault);
    if (result)
        return result;
    sessions->gate->accounts = accounts;
    sessions->clean_timer = (struct loop_timer){ .fire = clean, .context = sessions };
    loop_timer_arm(sessions->loop, &sessions->clean_timer, MS_PER_HOUR);
    return 0;
}

void sessions_close(struct sessions *sessions)
{
    loop_timer_disarm(sessions->loop, &sessions->clean_timer);
}
