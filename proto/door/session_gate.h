/* Who asks, and may they? The token comes in "Authorization: Bearer", or in the cookie, which a browser also sends along when another
 * site made it ask: so a cookie alone changes nothing. */
#pragma once

#include <stdbool.h>

#include "proto/door/request.h"
#include "proto/record/lifecycle.h"

/* What a handler learns of who asks. */
struct account_session {
    const char *login, *name, *department;
    enum role role;
};

/* The signed-in account; NULL for anonymous requests. Also on routes without roles, for who sends a token all the same. */
const struct account_session *request_session(struct request *request);

/* Notes for the audit that the signed-in account looks at something, say a file of evidence, or moves a camera; durable on return. */
int request_note_view(struct request *request, const char *what, struct fault *fault);
int request_note_move(struct request *request, const char *what, struct fault *fault);

/* ---- for the door ---- */
struct accounts;
struct gate {
    struct accounts *accounts; /* NULL: nobody can sign in */
    char cookie[64];           /* its name */
};
/* May this request call its route? false = refused with 401, 403 or 503. */
bool gate_allows(struct request *request);
/* Is the token of a stream that is open still good? */
bool gate_token_lasts(const struct gate *gate, const char *token);
/* 401, or 403 for a change with the cookie alone. */
void gate_reply_unknown(struct request *request);
