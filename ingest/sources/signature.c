#include "ingest/sources/signature.h"

#include <inttypes.h>
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

static bool is_signed_with(const char *keys, const char *name, const char *timestamp, const char *signature,
                           struct bytes body, bool *has_key, struct fault *fault)
{
    struct buffer key = { 0 };
    bool good = false;
    *has_key = key_file_read(keys, name, &key, fault) == 0;
    if (*has_key && key.size < SIGNATURE_KEY_BYTES_MIN) {
        *has_key = false;
        fault_set(fault, -EINVAL, "%s/%s.key: %zu bytes; expected at least %d", keys, name, key.size,
                  SIGNATURE_KEY_BYTES_MIN);
    }
    if (*has_key) {
        struct bytes stamp = { (const uint8_t *)timestamp, strlen(timestamp) };
        struct hash hash = hmac_sha256(buffer_view(&key), stamp, body);
        good = hash_is_hex(&hash, signature);
    }
    if (key.size)
        crypto_wipe(key.bytes, key.size);
    buffer_finish(&key);
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
