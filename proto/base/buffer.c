#include "proto/base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4)
        abort();
    size_t need = buffer->size + more;
    if (need > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity < need)
            capacity *= 2;
        buffer->bytes = realloc(buffer->bytes, capacity);
        if (!buffer->bytes) {
            fputs("out of memory\n", stderr);
            abort();
        }
        buffer->capacity = capacity;
    }
    return buffer->bytes + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size) {
        memcpy(buffer_reserve(buffer, size), bytes, size);
        buffer->size += size;
    }
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        abort();
    vsnprintf((char *)buffer_reserve(buffer, (size_t)length + 1), (size_t)length + 1, format, again);
    va_end(again);
    buffer->size += (size_t)length;
}

void buffer_be32(struct buffer *buffer, uint32_t value)
{
    bytes_put_be32(buffer_reserve(buffer, 4), value);
    buffer->size += 4;
}

void buffer_be64(struct buffer *buffer, uint64_t value)
{
    bytes_put_be64(buffer_reserve(buffer, 8), value);
    buffer->size += 8;
}

const char *buffer_string(struct buffer *buffer)
{
    *buffer_reserve(buffer, 1) = 0;
    return (const char *)buffer->bytes;
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){ 0 };
}
