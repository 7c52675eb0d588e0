/* Signed requests, of others to us and of ours to others: HMAC-SHA256 by the key that the sender and we have.
 *
 *   Drumtower-Timestamp: 1767600000          seconds since 1970
 *   Drumtower-Signature: v1=HEX              HMAC-SHA256(key, TIMESTAMP "." BODY)
 * A request whose time is further from ours than the window is refused: who recorded one cannot send it again later. Within the window the
 * sender's own number makes a repetition harmless. The key is read anew for each request, so that another one counts at once.
 */
#pragma once

#include "proto/door/door.h"

enum { SIGNATURE_KEY_BYTES_MIN = 32 };

enum signature_verdict {
    SIGNATURE_GOOD,
    SIGNATURE_MISSING, /* a header is not there or is malformed */
    SIGNATURE_WRONG,
    SIGNATURE_OLD,   /* or of the future */
    SIGNATURE_NO_KEY /* we have no key of that name, or one that is no secret; the fault says why, for the log */
};
/* `name`: of the key file. `fault` says what was wrong in words for the sender, but for SIGNATURE_NO_KEY. */
enum signature_verdict signature_check(struct request *request, const char *keys, const char *name, int64_t window_ms,
                                       int64_t now_ms, struct fault *fault);

/* The two header lines for a body that we send. -ENOENT, -EPERM, -EINVAL: there is no key of that name, or it is no secret. */
struct signature_lines {
    char timestamp[64], signature[96];
};
int signature_make(const char *keys, const char *name, struct bytes body, int64_t now_ms, struct signature_lines *lines,
                   struct fault *fault);
