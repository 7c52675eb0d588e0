/* Who we are, told to a camera: Digest (RFC 2617, RFC 7616: MD5 and SHA-256, with and without qop) and Basic (RFC 7617). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ingest/cameras/rtsp_message.h"

enum rtsp_scheme { RTSP_SCHEME_NONE, RTSP_SCHEME_BASIC, RTSP_SCHEME_MD5, RTSP_SCHEME_SHA256 };

/* What a camera asked for. */
struct rtsp_challenge {
    enum rtsp_scheme scheme;
    char realm[128], nonce[256], opaque[256];
    bool qop;       /* it wants qop=auth */
    bool stale;     /* it says that our answer was right, but to a nonce that is over */
    uint32_t count; /* answers given to this nonce */
};

/* The strongest of the WWW-Authenticate headers that we can answer; RTSP_SCHEME_NONE: there is none. True where it is not the challenge
 * that stands there already (another nonce, or stale): then it is worth an answer. */
bool rtsp_challenge_read(const struct rtsp_message *response, struct rtsp_challenge *challenge);

struct rtsp_identity {
    const char *user, *password;
};
/* Appends "Authorization: …\r\n"; nothing for RTSP_SCHEME_NONE. `cnonce`: what we draw, used with qop. */
void rtsp_authorize(struct rtsp_challenge *challenge, const struct rtsp_identity *identity, const char *method,
                    const char *uri, const char *cnonce, struct buffer *out);

enum { RTSP_DIGEST_HEX = 65 };
/* The "response" of a digest: qop NULL: without. What the other side compares. */
void rtsp_digest_response(char out[RTSP_DIGEST_HEX], const struct rtsp_challenge *challenge,
                          const struct rtsp_identity *identity, const char *method, const char *uri, const char *cnonce,
                          uint32_t count);
