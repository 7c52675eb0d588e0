/* Who we are, told to a device: UsernameToken with PasswordDigest (WS-Security UsernameToken Profile 1.0, 3.1). Pure. */
#pragma once

#include <stdint.h>

#include "proto/base/buffer.h"

enum { TOKEN_NONCE_BYTES = 16, TOKEN_CREATED_SIZE = 21, TOKEN_DIGEST_SIZE = 29 };

/* base64(SHA-1(nonce + created + password)); the nonce as bytes, not as base64. */
void token_digest(char out[TOKEN_DIGEST_SIZE], struct bytes nonce, const char *created, const char *password);

/* "2026-01-05T08:30:00Z", without fractions of a second: devices have been seen to refuse them. */
void token_created(char out[TOKEN_CREATED_SIZE], int64_t at_ms);

/* Appends the <Security> element of a SOAP header. `at_ms`: now, by the device's clock, since a device refuses what is old by it. */
void token_put(struct buffer *out, const char *user, const char *password, const uint8_t nonce[TOKEN_NONCE_BYTES],
               int64_t at_ms);
