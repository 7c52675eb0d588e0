#include "proto/base/crypto.h"

#include <sodium.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_TEXT >= crypto_pwhash_STRBYTES, "a password hash must fit");

enum { PASSWORD_MEMORY = 19 * 1024 * 1024, PASSWORD_PASSES = 2 };

int crypto_init(struct fault *fault)
{
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
    return hash_of_two(bytes, size, "", 0);
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

char *hash_base64(char out[HASH_BASE64], const struct hash *hash)
{
    return sodium_bin2base64(out, HASH_BASE64, hash->bytes, sizeof hash->bytes, sodium_base64_VARIANT_ORIGINAL);
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
