/* Session tokens: opaque, random, stored hashed. */
#pragma once

#include "proto/door/account_store.h"

enum { TOKEN_CHARACTERS = 32 }; /* 160 bits */

/* How long a session lasts, by role. A handset keeps its session: it may be off for days with work in its queue. */
struct session_life {
    int64_t idle_ms, absolute_ms;
};
struct session_life session_life_of(enum role role);

int token_start(struct accounts *accounts, const struct account *account, const char *address, int64_t now_ms,
                char token[TOKEN_CHARACTERS + 1], struct fault *fault);
/* False: no such session, it has expired, or the account is disabled. */
bool token_find(struct accounts *accounts, const char *token, int64_t now_ms, struct arena *arena,
                struct account *account);
int token_end(struct accounts *accounts, const char *token, const char *login, const char *address, int64_t now_ms,
              struct fault *fault);
/* Removes what has expired; with a login, also all that are its own. Returns how many, or <0. */
int tokens_clean(struct accounts *accounts, const char *login, int64_t now_ms, struct fault *fault);
