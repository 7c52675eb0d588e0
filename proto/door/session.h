/* Accounts and sessions (accounts environment): argon2id, opaque tokens stored hashed, lock-out, audit.
 *
 * Sign-in gives a random token (160 bits) in the door's cookie (see door_options.cookie; HttpOnly, SameSite=Strict, Secure under TLS), or, for apps, in
 * the body, to be sent as "Authorization: Bearer …". A state-changing request with the cookie must carry the header X-Drumtower: 1 or a
 * same-origin Origin (no cross-site forgery). Five wrong passwords lock an account for a minute, doubling to an hour.
 */
#pragma once

#include "proto/door/account.h"
#include "proto/door/door.h"

/* What a handler learns of who asks. */
struct account_session {
    const char *login, *name, *department;
    enum role role;
};

/* Gives the door its sessions: POST /api/session {login, password} → cookie and {"token", "role", …}; GET and DELETE /api/session.
 * Routes with roles answer 401 or 403 from here on. */
int door_use_accounts(struct door *door, struct accounts *accounts, struct fault *fault);
