#include "proto/door/text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "proto/record/codec.h"

void pairs_add(struct arena *arena, struct pairs *pairs, const char *name, const char *value)
{
    if (pairs->count == pairs->capacity) {
        size_t capacity = pairs->capacity ? pairs->capacity * 2 : 8;
        struct pair *items = arena_array(arena, capacity, sizeof *items);
        if (pairs->count)
            memcpy(items, pairs->items, pairs->count * sizeof *items);
        pairs->items = items;
        pairs->capacity = capacity;
    }
    pairs->items[pairs->count++] = (struct pair){ name, value };
}

bool text_is(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

bool header_is(const char *a, const char *b)
{
    return ((a[0] ^ b[0]) & ~0x20) == 0 && strcasecmp(a, b) == 0;
}

const char *pairs_get(const struct pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (text_is(pairs->items[i].name, name))
            return pairs->items[i].value;
    return NULL;
}

const char *pairs_get_header(const struct pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (header_is(pairs->items[i].name, name))
            return pairs->items[i].value;
    return NULL;
}

const char *text_mended(struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    if (text_is_utf8(text, size))
        return text;
    char *out = arena_text(arena, text, size);
    for (size_t at = 0; at < size;) {
        size_t step = 1;
        while (step <= 4 && at + step <= size && !text_is_utf8(out + at, step))
            step++;
        bool good = step <= 4 && at + step <= size;
        if (!good)
            out[at] = '?';
        at += good ? step : 1;
    }
    return out;
}

/* By a table: whether a digit or a letter comes in the escapes of Chinese is anybody's guess, a processor's, too. */
static int hex_digit(char c)
{
    static const uint8_t one_more[UINT8_MAX + 1] = {
        ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
        ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
        ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    };
    return one_more[(uint8_t)c] - 1;
}

/* Neither an escape nor a byte that may not be. */
static bool stands_for_itself(unsigned char c)
{
    return c >= 0x20 && c != '%' && c != '+' && c != 0x7f;
}

char *percent_decode(struct arena *arena, const char *text, size_t size, bool form)
{
    char *out = arena_alloc(arena, size + 1);
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (stands_for_itself((unsigned char)c)) {
            out[length++] = c;
            continue;
        }
        if (c == '%') {
            int high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (form && c == '+') {
            c = ' ';
        }
        bool line_break = form && (c == '\n' || c == '\r' || c == '\t'); /* a text area's */
        if (((unsigned char)c < 0x20 && !line_break) || c == 0x7f)
            return NULL;
        out[length++] = c;
    }
    out[length] = 0;
    return text_is_utf8(out, length) ? out : NULL;
}

bool pairs_parse(struct arena *arena, const char *text, size_t size, size_t most, struct pairs *pairs)
{
    const char *end = text + size;
    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        size_t length = (size_t)((stop ? stop : end) - text);
        const char *equals = memchr(text, '=', length);
        size_t name_size = equals ? (size_t)(equals - text) : length;
        if (length) {
            const char *name = percent_decode(arena, text, name_size, true);
            const char *value =
                equals ? percent_decode(arena, equals + 1, length - name_size - 1, true) : arena_text(arena, "", 0);
            if (!name || !value || pairs->count >= most)
                return false;
            pairs_add(arena, pairs, name, value);
        }
        text += length + 1;
    }
    return true;
}

bool header_is_type(const char *header, const char *type)
{
    size_t size = strlen(type);
    return header && strncasecmp(header, type, size) == 0 && strchr("; \t", header[size]) != NULL;
}

/* The value that begins at *at: a token or a quoted string; *at moves behind it. NULL where the quote does not end. */
static char *parameter_value(struct arena *arena, const char **at)
{
    const char *from = *at;
    char *value = arena_alloc(arena, strlen(from) + 1);
    size_t length = 0;
    if (*from != '"') {
        length = strcspn(from, "; \t");
        memcpy(value, from, length);
        *at = from + length;
        return value;
    }
    for (from++; *from && *from != '"'; from++) {
        /* Programs write \" for a quote; a browser writes %22 and leaves a backslash (of an old file path) alone. */
        if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        value[length++] = *from;
    }
    if (*from != '"')
        return NULL;
    *at = from + 1;
    return value;
}

const char *header_parameter(struct arena *arena, const char *header, const char *name)
{
    size_t name_size = strlen(name);
    const char *found = NULL;
    for (const char *at = header + strcspn(header, ";"); *at == ';';) {
        at += 1 + strspn(at + 1, " \t");
        size_t size = strcspn(at, "=; \t");
        if (at[size] != '=')
            return NULL;
        bool wanted = size == name_size && strncasecmp(at, name, size) == 0;
        at += size + 1;
        const char *value = parameter_value(arena, &at);
        if (!value || (wanted && found))
            return NULL; /* not closed, or said twice */
        if (wanted)
            found = value;
        at += strspn(at, " \t");
    }
    return found;
}
