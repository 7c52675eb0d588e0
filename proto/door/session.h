/* Accounts and sessions (accounts environment): argon2id, opaque tokens stored hashed, lock-out, audit.
 *
 * Sign-in gives a random token (160 bits) in the door's cookie (see door_options.cookie; HttpOnly, SameSite=Strict, Secure under TLS), or, for apps, in
 * the body, to be sent as "Authorization: Bearer …". A state-changing request with the cookie must carry the header X-Drumtower: 1 or a
 * same-origin Origin (no cross-site forgery). Some wrong passwords in a row lock an account, each further one for twice
 * as long; and an address has so many in a minute, whatever the account.
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/door/account.h"
#include "proto/door/session_gate.h"

struct routes;
struct streams;

/* What the handlers of /api/session work with. */
struct sessions {
    struct loop *loop;
    struct gate *gate;
    struct streams *streams; /* those of a session end with it */
    bool secure;             /* the cookie goes over TLS only */
    struct account_lock lock;
    int64_t address_failures; /* wrong passwords of an address, a minute */
    struct loop_timer clean_timer;
};
/* Adds the routes and gives the gate its accounts; the fields above the timer are the caller's. */
int sessions_open(struct sessions *sessions, struct routes *routes, struct accounts *accounts, struct fault *fault);
void sessions_close(struct sessions *sessions);
