/* How many bytes of a UTF-8 text fit into `most` without cutting a character. */
#pragma once

#include <stddef.h>
#include <string.h>

static inline size_t clip_utf8(const char *text, size_t most)
{
    size_t length = strnlen(text, most + 1);
    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}
