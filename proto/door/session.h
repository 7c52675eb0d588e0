/* Accounts and sessions (accounts environment): argon2id, opaque tokens stored hashed, lock-out, audit.
 *
 * Sign-in gives a random token (160 bits) in the door's cookie (see door_options.cookie; HttpOnly, SameSite=Strict, Secure under TLS), or, for apps, in
 * the body, to be sent as "Authorization: Bearer …". A state-changing request with the cookie must carry the header X-Drumtower: 1 or a
 * same-origin Origin (no cross-site forgery). Five wrong passwords lock an account for a minute, doubling to an hour.
 */
#pragma once

#include "proto/base/fault.h"
#include "proto/door/door.h"
#include "proto/record/codec.h"
#include "proto/record/lifecycle.h"

#define ACCOUNT_FIELDS(X) \
    X(1, TEXT, login, 64) \
    X(2, TEXT, name, 200) \
    X(3, ENUM, role, role) \
    X(4, TEXT, department, 64) /* liaisons and workers */ \
    X(5, TEXT, password_hash, 128) \
    X(6, INT, failures, 0) /* wrong passwords since the last right one */ \
    X(7, INT, locked_until_ms, 0) \
    X(8, BOOL, disabled, 0) \
    X(9, INT, created_at_ms, 0)
RECORD_DECLARE(account, ACCOUNT_FIELDS)

/* What a handler learns of who asks. */
struct account_session {
    const char *login, *name, *department;
    enum role role;
};

struct accounts;
int accounts_open(const char *data_folder, struct accounts **accounts, struct fault *fault);
void accounts_close(struct accounts *accounts);
/* Makes or changes an account (the password may be NULL to leave it). */
int accounts_set(struct accounts *accounts, const struct account *account, const char *password, struct fault *fault);
int accounts_visit(struct accounts *accounts, int (*visit)(void *context, const struct account *account), void *context,
                   struct fault *fault);

/* Gives the door its sessions: POST /api/session {login, password} → cookie and {"token", "role", …}; GET and DELETE /api/session.
 * Routes with roles answer 401 or 403 from here on. */
int door_use_accounts(struct door *door, struct accounts *accounts, struct fault *fault);
