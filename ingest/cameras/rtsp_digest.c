#include "ingest/cameras/rtsp_digest.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* The hash of the parts with ':' between them, in hex. MD5 is what cameras speak; libsodium rightly has none. */
static void hash_parts(char out[RTSP_DIGEST_HEX], enum rtsp_scheme scheme, const char *const *parts)
{
    GChecksum *sum = g_checksum_new(scheme == RTSP_SCHEME_SHA256 ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5);
    for (size_t i = 0; parts[i]; i++) {
        if (i)
            g_checksum_update(sum, (const guchar *)":", 1);
        g_checksum_update(sum, (const guchar *)parts[i], (gssize)strlen(parts[i]));
    }
    g_strlcpy(out, g_checksum_get_string(sum), RTSP_DIGEST_HEX);
    g_checksum_free(sum);
}
#define HASH(out, scheme, ...) hash_parts(out, scheme, (const char *const[]){ __VA_ARGS__, NULL })

void rtsp_digest_response(char out[RTSP_DIGEST_HEX], const struct rtsp_challenge *challenge,
                          const struct rtsp_identity *identity, const char *method, const char *uri, const char *cnonce,
                          uint32_t count)
{
    char who[RTSP_DIGEST_HEX], what[RTSP_DIGEST_HEX], counted[9];
    enum rtsp_scheme scheme = challenge->scheme;
    snprintf(counted, sizeof counted, "%08x", count);
    HASH(who, scheme, identity->user, challenge->realm, identity->password);
    HASH(what, scheme, method, uri);
    if (challenge->qop)
        HASH(out, scheme, who, challenge->nonce, counted, cnonce, "auth", what);
    else
        HASH(out, scheme, who, challenge->nonce, what);
}

/* ---- what a camera asks for ---- */

static enum rtsp_scheme scheme_of(struct bytes header)
{
    const uint8_t *space = header.size ? memchr(header.data, ' ', header.size) : NULL;
    struct bytes word = { header.data, space ? (size_t)(space - header.data) : header.size };
    if (rtsp_text_is(word, "Basic"))
        return RTSP_SCHEME_BASIC;
    if (!rtsp_text_is(word, "Digest"))
        return RTSP_SCHEME_NONE;
    struct bytes algorithm = rtsp_parameter(header, "algorithm");
    if (!algorithm.data || rtsp_text_is(algorithm, "MD5"))
        return RTSP_SCHEME_MD5;
    return rtsp_text_is(algorithm, "SHA-256") ? RTSP_SCHEME_SHA256 : RTSP_SCHEME_NONE;
}

/* A text that we would have to quote, or cannot keep whole, is no text of ours. */
static bool read_text(struct bytes header, const char *name, char *out, size_t room)
{
    struct bytes value = rtsp_parameter(header, name);
    if (value.size >= room ||
        (value.size && (memchr(value.data, '"', value.size) || memchr(value.data, '\\', value.size) ||
                        memchr(value.data, '\0', value.size))))
        return false;
    rtsp_text_copy(value, out, room);
    return true;
}

/* "auth", "auth,auth-int": we can do the first. */
static bool offers_auth(struct bytes qop)
{
    char list[64];
    rtsp_text_copy(qop, list, sizeof list);
    for (char *rest = NULL, *word = strtok_r(list, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest))
        if (strcasecmp(word, "auth") == 0)
            return true;
    return false;
}

static bool read_one(struct bytes header, struct rtsp_challenge *challenge)
{
    *challenge = (struct rtsp_challenge){ .scheme = scheme_of(header) };
    if (challenge->scheme == RTSP_SCHEME_NONE || challenge->scheme == RTSP_SCHEME_BASIC)
        return challenge->scheme != RTSP_SCHEME_NONE;
    struct bytes qop = rtsp_parameter(header, "qop");
    challenge->qop = qop.size && offers_auth(qop);
    challenge->stale = rtsp_text_is(rtsp_parameter(header, "stale"), "true");
    return (!qop.size || challenge->qop) && read_text(header, "realm", challenge->realm, sizeof challenge->realm) &&
           read_text(header, "nonce", challenge->nonce, sizeof challenge->nonce) &&
           read_text(header, "opaque", challenge->opaque, sizeof challenge->opaque);
}

bool rtsp_challenge_read(const struct rtsp_message *response, struct rtsp_challenge *challenge)
{
    struct rtsp_challenge best = { .scheme = RTSP_SCHEME_NONE }, one;
    struct bytes header;
    for (size_t i = 0; (header = rtsp_header_at(response, "WWW-Authenticate", i)).data; i++)
        if (read_one(header, &one) && one.scheme > best.scheme)
            best = one;
    bool same = best.scheme == challenge->scheme && strcmp(best.nonce, challenge->nonce) == 0;
    if (!same)
        *challenge = best;
    return !same && best.scheme != RTSP_SCHEME_NONE;
}

/* ---- our answer ---- */

static void authorize_basic(const struct rtsp_identity *identity, struct buffer *out)
{
    char *pair = g_strconcat(identity->user, ":", identity->password, NULL);
    char *text = g_base64_encode((const guchar *)pair, strlen(pair));
    buffer_format(out, "Authorization: Basic %s\r\n", text);
    g_free(text);
    g_free(pair);
}

void rtsp_authorize(struct rtsp_challenge *challenge, const struct rtsp_identity *identity, const char *method,
                    const char *uri, const char *cnonce, struct buffer *out)
{
    if (challenge->scheme == RTSP_SCHEME_NONE)
        return;
    if (challenge->scheme == RTSP_SCHEME_BASIC) {
        authorize_basic(identity, out);
        return;
    }
    char response[RTSP_DIGEST_HEX];
    rtsp_digest_response(response, challenge, identity, method, uri, cnonce, ++challenge->count);
    buffer_format(out, "Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\"",
                  identity->user, challenge->realm, challenge->nonce, uri, response);
    if (challenge->scheme == RTSP_SCHEME_SHA256)
        buffer_text(out, ", algorithm=SHA-256");
    if (*challenge->opaque)
        buffer_format(out, ", opaque=\"%s\"", challenge->opaque);
    if (challenge->qop)
        buffer_format(out, ", qop=auth, nc=%08x, cnonce=\"%s\"", challenge->count, cnonce);
    buffer_text(out, "\r\n");
}
