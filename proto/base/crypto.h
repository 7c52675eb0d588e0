/* The one room of libsodium: hashes, signatures, random identifiers, passwords. Call crypto_init() once before anything else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum { HASH_BYTES = 32, HASH_HEX = 65, HASH_BASE64 = 45, PASSWORD_HASH_TEXT = 128 };

struct hash {
    uint8_t bytes[HASH_BYTES];
};

int crypto_init(struct fault *fault);

/* BLAKE2b-256 (RFC 7693). */
struct hash hash_of(const void *bytes, size_t size);
/* BLAKE2b-256 of a followed by b: the link of a chain, without a copy. */
struct hash hash_of_two(const void *a, size_t a_size, const void *b, size_t b_size);
bool hash_equal(const struct hash *a, const struct hash *b);
char *hash_hex(char out[HASH_HEX], const struct hash *hash);
/* SHA-256 and base64 with padding, as a Content-Security-Policy wants them; everything of our own is BLAKE2b. */
struct hash sha256_of(const void *bytes, size_t size);
char *hash_base64(char out[HASH_BASE64], const struct hash *hash);

/* HMAC-SHA256 (RFC 2104) of a, '.' and b: what webhooks are signed with. The key may be of any length. */
struct hash hmac_sha256(struct bytes key, struct bytes a, struct bytes b);
/* Are the 64 hex digits (of either case) this hash? In the same time whatever they are. */
bool hash_is_hex(const struct hash *hash, const char *hex);

/* Base64 with padding (RFC 4648). Both append; a text that is not exactly that is -EINVAL and appends nothing. */
void base64_encode(const void *bytes, size_t size, struct buffer *out);
int base64_decode(const char *text, struct buffer *out);

/* Ed25519 (RFC 8032). */
enum { PUBLIC_KEY_BYTES = 32, SECRET_KEY_BYTES = 64, SIGNATURE_BYTES = 64 };
struct public_key {
    uint8_t bytes[PUBLIC_KEY_BYTES];
};
struct secret_key {
    uint8_t bytes[SECRET_KEY_BYTES];
};
struct signature {
    uint8_t bytes[SIGNATURE_BYTES];
};
void key_pair_new(struct secret_key *secret, struct public_key *public);
struct public_key public_key_of(const struct secret_key *secret);
struct signature sign(const struct secret_key *secret, const void *bytes, size_t size);
bool is_signed(const struct public_key *public, const struct signature *signature, const void *bytes, size_t size);
/* Overwrites a secret that is not needed any more. */
void crypto_wipe(void *secret, size_t size);

/* `characters` random ones of 0-9 a-z without i l o u (Crockford's base 32: 5 bits each), for tokens and secrets. out: characters + 1. */
void random_text(char *out, size_t characters);
void random_bytes(void *out, size_t size);

/* argon2id (RFC 9106) with 19 MiB and 2 passes, as OWASP advises; about 30 ms. */
int password_hash(char out[PASSWORD_HASH_TEXT], const char *password, struct fault *fault);
bool password_matches(const char *hash, const char *password);
