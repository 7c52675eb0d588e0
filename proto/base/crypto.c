#include "proto/base/crypto.h"

#include <sodium.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_TEXT >= crypto_pwhash_STRBYTES, "a password hash must fit");
_Static_assert(PUBLIC_KEY_BYTES == crypto_sign_PUBLICKEYBYTES && SECRET_KEY_BYTES == crypto_sign_SECRETKEYBYTES &&
                   SIGNATURE_BYTES == crypto_sign_BYTES,
               "keys and signatures are Ed25519's");

enum { PASSWORD_MEMORY = 19 * 1024 * 1024, PASSWORD_PASSES = 2 };

int crypto_init(struct fault *fault)
{
    /* Each thread's own stream from a seed of the kernel's: no system call for every token. */
    randombytes_set_implementation(&randombytes_internal_implementation);
    if (sodium_init() < 0)
        return fault_set(fault, -EIO, "libsodium does not start: no source of randomness");
    return 0;
}

struct hash hash_of_two(const void *a, size_t a_size, const void *b, size_t b_size)
{
    struct hash hash;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash.bytes);
    crypto_generichash_update(&state, a, a_size);
    crypto_generichash_update(&state, b, b_size);
    crypto_generichash_final(&state, hash.bytes, sizeof hash.bytes);
    return hash;
}

struct hash hash_of(const void *bytes, size_t size)
{
    struct hash hash;
    crypto_generichash(hash.bytes, sizeof hash.bytes, bytes, size, NULL, 0);
    return hash;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

char *hash_hex(char out[HASH_HEX], const struct hash *hash)
{
    return sodium_bin2hex(out, HASH_HEX, hash->bytes, sizeof hash->bytes);
}

struct hash sha256_of(const void *bytes, size_t size)
{
    struct hash hash;
    crypto_hash_sha256(hash.bytes, bytes, size);
    return hash;
}

struct hash hmac_sha256(struct bytes key, struct bytes a, struct bytes b)
{
    struct hash hash;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data, key.size);
    crypto_auth_hmacsha256_update(&state, a.data, a.size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    crypto_auth_hmacsha256_update(&state, b.data, b.size);
    crypto_auth_hmacsha256_final(&state, hash.bytes);
    sodium_memzero(&state, sizeof state);
    return hash;
}

bool hash_is_hex(const struct hash *hash, const char *hex)
{
    struct hash given;
    size_t size;
    const char *end;
    if (strlen(hex) != HASH_HEX - 1 ||
        sodium_hex2bin(given.bytes, sizeof given.bytes, hex, HASH_HEX - 1, NULL, &size, &end) != 0 || *end)
        return false;
    return sodium_memcmp(given.bytes, hash->bytes, sizeof given.bytes) == 0;
}

char *hash_base64(char out[HASH_BASE64], const struct hash *hash)
{
    return sodium_bin2base64(out, HASH_BASE64, hash->bytes, sizeof hash->bytes, sodium_base64_VARIANT_ORIGINAL);
}

void base64_encode(const void *bytes, size_t size, struct buffer *out)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64((char *)buffer_reserve(out, room), room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    out->size += room - 1; /* without the NUL */
}

int base64_decode(const char *text, struct buffer *out)
{
    size_t length = strlen(text), size;
    uint8_t *at = buffer_reserve(out, length / 4 * 3 + 3);
    if (sodium_base642bin(at, length / 4 * 3 + 3, text, length, NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return -EINVAL;
    out->size += size;
    return 0;
}

void key_pair_new(struct secret_key *secret, struct public_key *public)
{
    crypto_sign_keypair(public->bytes, secret->bytes);
}

struct public_key public_key_of(const struct secret_key *secret)
{
    struct public_key public;
    crypto_sign_ed25519_sk_to_pk(public.bytes, secret->bytes);
    return public;
}

struct signature sign(const struct secret_key *secret, const void *bytes, size_t size)
{
    struct signature signature;
    crypto_sign_detached(signature.bytes, NULL, bytes, size, secret->bytes);
    return signature;
}

bool is_signed(const struct public_key *public, const struct signature *signature, const void *bytes, size_t size)
{
    return crypto_sign_verify_detached(signature->bytes, bytes, size, public->bytes) == 0;
}

void crypto_wipe(void *secret, size_t size)
{
    sodium_memzero(secret, size);
}

void random_text(char *out, size_t characters)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    randombytes_buf(out, characters);
    for (size_t i = 0; i < characters; i++)
        out[i] = alphabet[(unsigned char)out[i] & 31];
    out[characters] = 0;
}

void random_bytes(void *out, size_t size)
{
    randombytes_buf(out, size);
}

int password_hash(char out[PASSWORD_HASH_TEXT], const char *password, struct fault *fault)
{
    if (crypto_pwhash_str_alg(out, password, strlen(password), PASSWORD_PASSES, PASSWORD_MEMORY,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fault_set(fault, -ENOMEM, "password hash: out of memory (19 MiB needed)");
    return 0;
}

bool password_matches(const char *hash, const char *password)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}
