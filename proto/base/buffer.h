/* A growable run of bytes, for writing records, messages and texts. Never fails: out of memory aborts. */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

uint8_t *buffer_reserve(struct buffer *buffer, size_t more); /* room for `more` bytes at the end; not yet counted */
void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_text(struct buffer *buffer, const char *text); /* without its NUL */
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_be32(struct buffer *buffer, uint32_t value); /* big-endian: keys compare as numbers */
void buffer_be64(struct buffer *buffer, uint64_t value);
static inline void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}
/* A NUL after the end (not counted), so that the bytes can be read as a C string. */
const char *buffer_string(struct buffer *buffer);
/* Safe on a zeroed struct. */
void buffer_finish(struct buffer *buffer);

/* A view of bytes that somebody else owns. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

static inline struct bytes buffer_view(const struct buffer *buffer)
{
    return (struct bytes){ buffer->bytes, buffer->size };
}

static inline uint32_t bytes_be32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}
static inline uint64_t bytes_be64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return be64toh(value);
}
static inline void bytes_put_be32(uint8_t *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}
static inline void bytes_put_be64(uint8_t *at, uint64_t value)
{
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
}
