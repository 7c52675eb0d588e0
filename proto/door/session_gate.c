#include "proto/door/session_gate.h"

#include <string.h>
#include <strings.h>

#include "proto/base/clock.h"
#include "proto/door/account_store.h"
#include "proto/door/refused.h"
#include "proto/door/reply.h"
#include "proto/door/reply_inside.h"
#include "proto/door/request_inside.h"
#include "proto/door/route.h"
#include "proto/door/token.h"

static bool changes_something(const struct request *request)
{
    return strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0 &&
           strcmp(request->method, "OPTIONS") != 0;
}

/* Only a page of our own can set the header (another site's would need a permission that no door gives). */
static bool is_own_page(const struct request *request)
{
    const char *mark = request_header(request, "X-Drumtower");
    if (mark && strcmp(mark, "1") == 0)
        return true;
    const char *origin = request_header(request, "Origin"), *host = request_header(request, "Host");
    const char *authority = origin ? strstr(origin, "://") : NULL;
    return authority && host && strcasecmp(authority + 3, host) == 0;
}

static const char *bearer_token(const struct request *request)
{
    const char *header = request_header(request, "Authorization");
    return header && strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

static const char *cookie_token(struct request *request)
{
    const char *at = request_header(request, "Cookie");
    size_t size = strlen(request->all->gate->cookie);
    while (at && *at) {
        at += strspn(at, "; ");
        size_t length = strcspn(at, ";");
        if (length > size && strncmp(at, request->all->gate->cookie, size) == 0 && at[size] == '=')
            return arena_text(&request->arena, at + size + 1, length - size - 1);
        at += length;
    }
    return NULL;
}

static void find_session(struct request *request)
{
    struct accounts *accounts = request->all->gate->accounts;
    request->session_known = true;
    request->token = bearer_token(request);
    if (!request->token) {
        request->token = cookie_token(request);
        request->forged = request->token && changes_something(request) && !is_own_page(request);
    }
    struct account account;
    if (!accounts || !request->token || request->forged ||
        !token_find(accounts, request->token, clock_now_ms(), &request->arena, &account))
        return;
    struct account_session *session = arena_alloc(&request->arena, sizeof *session);
    *session = (struct account_session){ account.login, account.name, account.department, account.role };
    request->session = session;
}

const struct account_session *request_session(struct request *request)
{
    if (!request->session_known)
        find_session(request);
    return request->session;
}

static int note(struct request *request, enum audit_kind kind, const char *what, struct fault *fault)
{
    const struct account_session *session = request_session(request);
    if (!session)
        return fault_set(fault, -EACCES, "nobody is signed in");
    return accounts_note(request->all->gate->accounts, kind, session->login, request_address(request), what, fault);
}

int request_note_view(struct request *request, const char *what, struct fault *fault)
{
    return note(request, AUDIT_VIEWED, what, fault);
}

int request_note_move(struct request *request, const char *what, struct fault *fault)
{
    return note(request, AUDIT_MOVED, what, fault);
}

bool gate_token_lasts(const struct gate *gate, const char *token)
{
    struct arena arena = { 0 };
    struct account account;
    bool lasts = token_find(gate->accounts, token, clock_now_ms(), &arena, &account);
    arena_finish(&arena);
    return lasts;
}

static void refuse_unknown(struct request *request)
{
    if (request->forged) {
        refused_count(REFUSED_FORGERY);
        request_refuse(request, 403, "forgery", "A change with the cookie alone is not taken.",
                       "Send the header X-Drumtower: 1 with it.");
        return;
    }
    refused_count(REFUSED_ACCOUNT);
    reply_header(request, "WWW-Authenticate", "Bearer realm=\"drumtower\"");
    request_refuse(request, 401, "sign_in", "Nobody is signed in.", "Sign in with POST /api/session.");
}

void gate_reply_unknown(struct request *request)
{
    refuse_unknown(request);
    reply_refusal(request);
}

bool gate_allows(struct request *request)
{
    unsigned roles = request->route ? request->route->roles : 0;
    if (!roles)
        return true;
    if (!request->all->gate->accounts) {
        request_refuse(request, 503, "no_accounts", "Nobody can sign in at this door.", "Tell the administrator.");
        return false;
    }
    const struct account_session *session = request_session(request);
    if (!session) {
        refuse_unknown(request);
        return false;
    }
    if (roles & ROLE_BIT(session->role))
        return true;
    refused_count(REFUSED_ACCOUNT);
    request_refuse(request, 403, "forbidden",
                   arena_format(&request->arena, "The role %s may not do this.", enum_name(&role_desc, session->role)),
                   "Sign in with another account.");
    return false;
}
