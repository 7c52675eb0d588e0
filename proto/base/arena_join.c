#include "proto/base/arena_join.h"

#include <stdarg.h>
#include <string.h>

char *arena_join(struct arena *arena, const char *first, ...)
{
    size_t size = 0;
    va_list parts, again;
    va_start(parts, first);
    va_copy(again, parts);
    for (const char *part = first; part; part = va_arg(parts, const char *))
        size += strlen(part);
    va_end(parts);
    char *text = arena_alloc(arena, size + 1), *at = text;
    for (const char *part = first; part; part = va_arg(again, const char *))
        at = stpcpy(at, part);
    va_end(again);
    return text;
}

char *arena_whole(struct arena *arena, uint64_t number)
{
    char digits[20], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    return arena_text(arena, at, (size_t)(digits + sizeof digits - at));
}
