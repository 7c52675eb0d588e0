#include "ingest/sources/signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/crypto.h"
#include "proto/base/key_file.h"
#include "proto/base/timestamp.h"

static enum signature_verdict verdict(enum signature_verdict value, struct fault *fault, const char *words)
{
    fault_set(fault, -EACCES, "%s", words);
    return value;
}

/* "1767600000" → seconds; -1 for anything else. */
static int64_t seconds_of(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits >= 1 && digits <= 12 && !text[digits] ? strtoll(text, NULL, 10) : -1;
}

static int read_key(const char *keys, const char *name, struct buffer *key, struct fault *fault)
{
    int result = key_file_read(keys, name, key, fault);
    if (!result && key->size < SIGNATURE_KEY_BYTES_MIN)
        result = fault_set(fault, -EINVAL, "%s/%s.key: %zu bytes; expected at least %d", keys, name, key->size,
                           SIGNATURE_KEY_BYTES_MIN);
    return result;
}

static struct hash sign_with(struct buffer *key, const char *timestamp, struct bytes body)
{
    struct bytes stamp = { (const uint8_t *)timestamp, strlen(timestamp) };
    return hmac_sha256(buffer_view(key), stamp, body);
}

static void forget_key(struct buffer *key)
{
    if (key->size)
        crypto_wipe(key->bytes, key->size);
    buffer_finish(key);
}

static bool is_signed_with(const char *keys, const char *name, const char *timestamp, const char *signature,
                           struct bytes body, bool *has_key, struct fault *fault)
{
    struct buffer key = { 0 };
    bool good = false;
    *has_key = read_key(keys, name, &key, fault) == 0;
    if (*has_key) {
        struct hash hash = sign_with(&key, timestamp, body);
        good = hash_is_hex(&hash, signature);
    }
    forget_key(&key);
    return good;
}

enum signature_verdict signature_check(struct request *request, const char *keys, const char *name, int64_t window_ms,
                                       int64_t now_ms, struct fault *fault)
{
    const char *timestamp = request_header(request, "Drumtower-Timestamp");
    const char *signature = request_header(request, "Drumtower-Signature");
    int64_t at_s = timestamp ? seconds_of(timestamp) : -1;
    bool has_key;
    if (at_s < 0)
        return verdict(SIGNATURE_MISSING, fault, "Drumtower-Timestamp: expected seconds since 1970");
    if (!signature || strncmp(signature, "v1=", 3) != 0)
        return verdict(SIGNATURE_MISSING, fault, "Drumtower-Signature: expected v1= and 64 hex digits");
    bool good = is_signed_with(keys, name, timestamp, signature + 3, request_body(request), &has_key, fault);
    if (!has_key)
        return SIGNATURE_NO_KEY;
    if (!good)
        return verdict(SIGNATURE_WRONG, fault, "Drumtower-Signature: not that of this body and timestamp with our key");
    int64_t away_ms = llabs(now_ms - at_s * MS_PER_SECOND);
    if (away_ms <= window_ms)
        return SIGNATURE_GOOD;
    fault_set(fault, -EACCES, "Drumtower-Timestamp: %" PRId64 " s from our clock; expected at most %" PRId64,
              away_ms / MS_PER_SECOND, window_ms / MS_PER_SECOND);
    return SIGNATURE_OLD;
}

int signature_make(const char *keys, const char *name, struct bytes body, int64_t now_ms, struct signature_lines *lines,
                   struct fault *fault)
{
    struct buffer key = { 0 };
    char stamp[24], hex[HASH_HEX];
    int result = read_key(keys, name, &key, fault);
    if (!result) {
        snprintf(stamp, sizeof stamp, "%" PRId64, now_ms / MS_PER_SECOND);
        struct hash hash = sign_with(&key, stamp, body);
        snprintf(lines->timestamp, sizeof lines->timestamp, "Drumtower-Timestamp: %s", stamp);
        snprintf(lines->signature, sizeof lines->signature, "Drumtower-Signature: v1=%s", hash_hex(hex, &hash));
    }
    forget_key(&key);
    return result;
}
