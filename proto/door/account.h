/* Inside of the accounts: passwords, lock-out, session tokens. The doors see session.h only.
 *
 * Tables: accounts (login → account), sessions (hash of the token → open_session), audit (sequence → audit_line). A token is never
 * stored, only its BLAKE2b hash: who reads the store can sign in as nobody.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/base/crypto.h"
#include "proto/door/session.h"
#include "proto/store/store.h"

#define SESSION_FIELDS(X) \
    X(1, TEXT, login, 64) \
    X(2, INT, created_at_ms, 0) \
    X(3, INT, used_at_ms, 0) /* not exact: written again when it is older than a tenth of the idle time */ \
    X(4, TEXT, address, 64)
RECORD_DECLARE(open_session, SESSION_FIELDS)

#define AUDIT_KINDS(X) \
    X(AUDIT, NONE, "none") \
    X(AUDIT, SIGNED_IN, "signed_in") \
    X(AUDIT, SIGNED_OUT, "signed_out") \
    X(AUDIT, LOCKED, "locked") \
    X(AUDIT, ACCOUNT_SET, "account_set")
ENUM_DECLARE(audit_kind, AUDIT_KINDS)

#define AUDIT_FIELDS(X) \
    X(1, INT, at_ms, 0) \
    X(2, ENUM, kind, audit_kind) \
    X(3, TEXT, login, 64) \
    X(4, TEXT, address, 64)
RECORD_DECLARE(audit_line, AUDIT_FIELDS)

enum accounts_table { ACCOUNTS_ACCOUNT, ACCOUNTS_SESSION, ACCOUNTS_AUDIT, ACCOUNTS_TABLE_COUNT };

enum { TOKEN_CHARACTERS = 32 }; /* 160 bits */

struct accounts {
    struct store *store;
    char *nobody_hash; /* checked for a login that is not there, so that the answer takes as long */
};

/* How long a session lasts, by role. A handset keeps its session: it may be off for days with work in its queue. */
struct session_life {
    int64_t idle_ms, absolute_ms;
};
struct session_life session_life_of(enum role role);

/* ---- account.c ---- */
enum { ACCOUNT_WRONG = 1, ACCOUNT_LOCKED = 2 }; /* LOCKED: account->locked_until_ms says until when */
/* 0 and the account (texts in the arena), ACCOUNT_WRONG (login, password, or disabled: one answer for all), ACCOUNT_LOCKED, <0. */
int account_check(struct accounts *accounts, const char *login, const char *password, const char *address,
                  int64_t now_ms, struct arena *arena, struct account *account, struct fault *fault);
bool account_get(struct txn *txn, const char *login, struct arena *arena, struct account *account);
void audit_write(struct txn *txn, enum audit_kind kind, const char *login, const char *address, int64_t now_ms);

/* ---- token.c ---- */
int token_start(struct accounts *accounts, const struct account *account, const char *address, int64_t now_ms,
                char token[TOKEN_CHARACTERS + 1], struct fault *fault);
/* False: no such session, it has expired, or the account is disabled. */
bool token_find(struct accounts *accounts, const char *token, int64_t now_ms, struct arena *arena,
                struct account *account);
int token_end(struct accounts *accounts, const char *token, const char *login, const char *address, int64_t now_ms,
              struct fault *fault);
/* Removes what has expired; with a login, also all that are its own. Returns how many, or <0. */
int tokens_clean(struct accounts *accounts, const char *login, int64_t now_ms, struct fault *fault);
