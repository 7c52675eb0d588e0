#include "ingest/enrich/receipt.h"

#include <stdio.h>
#include <string.h>

enum { TOKEN_MIN = 16, KIND_MOST = 7, TIME_DIGITS = 12 /* of milliseconds, in hex: until the year 10889 */ };

void receipt_token(char out[RECEIPT_TOKEN + 1])
{
    random_text(out, RECEIPT_TOKEN);
}

bool receipt_token_fits(const char *token)
{
    size_t length = strnlen(token, RECEIPT_TOKEN_MAX + 1);
    static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    return length >= TOKEN_MIN && length <= RECEIPT_TOKEN_MAX && strspn(token, allowed) == length;
}

/* The first `digits` hex digits of a hash over purpose, kind and token. */
static void derive(char *out, size_t digits, const char *purpose, const char *kind, const char *token)
{
    char named[64];
    int length = snprintf(named, sizeof named, "%s:%s:", purpose, kind);
    struct hash hash = hash_of_two(named, (size_t)length, token, strlen(token));
    char hex[HASH_HEX];
    hash_hex(hex, &hash);
    memcpy(out, hex, digits);
    out[digits] = '\0';
}

static void hash_secret(struct receipt *receipt)
{
    struct hash hash = hash_of(receipt->secret, RECEIPT_SECRET);
    hash_hex(receipt->secret_hash, &hash);
}

void receipt_make(struct receipt *receipt, const char *kind, const char *token)
{
    int prefix = snprintf(receipt->event_id, sizeof receipt->event_id, "%.7s-", kind);
    derive(receipt->event_id + prefix, RECEIPT_EVENT_ID - (size_t)prefix, "event", kind, token);
    derive(receipt->secret, RECEIPT_SECRET, "secret", kind, token);
    hash_secret(receipt);
}

/* "KIND-", and the time. */
static char *write_time(char *at, const char *kind, uint64_t now_ms)
{
    at = stpncpy(at, kind, KIND_MOST);
    *at++ = '-';
    for (int shift = 4 * (TIME_DIGITS - 1); shift >= 0; shift -= 4)
        *at++ = "0123456789abcdef"[now_ms >> shift & 15];
    return at;
}

void receipt_make_fresh(struct receipt *receipt, const char *kind, int64_t now_ms)
{
    struct hash random;
    char hex[HASH_HEX]; /* the secret, then the rest of the id */
    random_bytes(random.bytes, sizeof random.bytes);
    hash_hex(hex, &random);
    memcpy(receipt->secret, hex, RECEIPT_SECRET);
    receipt->secret[RECEIPT_SECRET] = '\0';
    hash_secret(receipt);
    char *at = write_time(receipt->event_id, kind, (uint64_t)now_ms);
    memcpy(at, hex + RECEIPT_SECRET, (size_t)(receipt->event_id + RECEIPT_EVENT_ID - at));
    receipt->event_id[RECEIPT_EVENT_ID] = '\0';
}

bool receipt_opens(const char *secret, const char *secret_hash)
{
    if (strlen(secret) != RECEIPT_SECRET || strlen(secret_hash) != HASH_HEX - 1)
        return false;
    struct hash hash = hash_of(secret, RECEIPT_SECRET);
    char hex[HASH_HEX];
    hash_hex(hex, &hash);
    unsigned char difference = 0; /* in constant time, although the hash is not the secret */
    for (size_t i = 0; i < HASH_HEX - 1; i++)
        difference |= (unsigned char)(hex[i] ^ secret_hash[i]);
    return difference == 0;
}
