/* Composite keys: texts and big-endian numbers one after the other, so that LMDB's byte order is the order that is wanted.
 * A key that grows too long is marked, and txn_put() refuses it; look-ups do not find it. */
#pragma once

#include <string.h>

#include "proto/store/store.h"

struct key {
    size_t size;
    uint8_t bytes[STORE_KEY_MAX + 1]; /* one more than allowed: the mark */
};

/* Before anything else: its bytes are not cleared, which would cost more than to fill them. */
static inline void key_start(struct key *key)
{
    key->size = 0;
}

static inline void key_bytes(struct key *key, const void *bytes, size_t size)
{
    if (size > sizeof key->bytes - key->size) {
        key->size = sizeof key->bytes;
        return;
    }
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

/* With its NUL, which ends a name inside a key: no name is then another's prefix. */
static inline void key_name(struct key *key, const char *name)
{
    key_bytes(key, name, strlen(name) + 1);
}

static inline void key_be64(struct key *key, uint64_t number)
{
    uint8_t bytes[8];
    bytes_put_be64(bytes, number);
    key_bytes(key, bytes, sizeof bytes);
}

static inline void key_be32(struct key *key, uint32_t number)
{
    uint8_t bytes[4];
    bytes_put_be32(bytes, number);
    key_bytes(key, bytes, sizeof bytes);
}

static inline struct bytes key_view(const struct key *key)
{
    return (struct bytes){ key->bytes, key->size };
}

/* The bytes of a text without its NUL: a key that is one name and nothing else. */
static inline struct bytes text_view(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}
