#include "ingest/cameras/onvif/token.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "ingest/cameras/onvif/soap.h"
#include "proto/base/crypto.h"
#include "proto/base/timestamp.h"

#define WSS "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"

/* SHA-1 is what the profile says; libsodium rightly has none. */
void token_digest(char out[TOKEN_DIGEST_SIZE], struct bytes nonce, const char *created, const char *password)
{
    guint8 hash[20];
    gsize size = sizeof hash;
    struct buffer text = { 0 };
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sum, nonce.data, (gssize)nonce.size);
    g_checksum_update(sum, (const guchar *)created, (gssize)strlen(created));
    g_checksum_update(sum, (const guchar *)password, (gssize)strlen(password));
    g_checksum_get_digest(sum, hash, &size);
    g_checksum_free(sum);
    base64_encode(hash, size, &text);
    snprintf(out, TOKEN_DIGEST_SIZE, "%s", buffer_string(&text));
    buffer_finish(&text);
}

void token_created(char out[TOKEN_CREATED_SIZE], int64_t at_ms)
{
    char text[TIMESTAMP_TEXT];
    snprintf(out, TOKEN_CREATED_SIZE, "%s", timestamp_format(text, at_ms - at_ms % MS_PER_SECOND, 0));
}

void token_put(struct buffer *out, const char *user, const char *password, const uint8_t nonce[TOKEN_NONCE_BYTES],
               int64_t at_ms)
{
    char created[TOKEN_CREATED_SIZE], digest[TOKEN_DIGEST_SIZE];
    token_created(created, at_ms);
    token_digest(digest, (struct bytes){ nonce, TOKEN_NONCE_BYTES }, created, password);
    buffer_text(out, "<Security s:mustUnderstand=\"1\" xmlns=\"" WSS "wssecurity-secext-1.0.xsd\">"
                     "<UsernameToken><Username>");
    soap_put_text(out, user);
    buffer_format(out, "</Username><Password Type=\"" WSS "username-token-profile-1.0#PasswordDigest\">%s</Password>",
                  digest);
    buffer_text(out, "<Nonce EncodingType=\"" WSS "soap-message-security-1.0#Base64Binary\">");
    base64_encode(nonce, TOKEN_NONCE_BYTES, out);
    buffer_format(out,
                  "</Nonce><Created xmlns=\"" WSS "wssecurity-utility-1.0.xsd\">%s</Created></UsernameToken></"
                  "Security>",
                  created);
}
