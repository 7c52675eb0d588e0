#include "proto/record/text.h"

#include <string.h>

#include "proto/record/codec.h"

static size_t character_size(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* C1's control characters are two bytes in UTF-8, and terminals obey them as well. */
static bool is_control(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    return byte[0] < 0x20 || byte[0] == 0x7f || (byte[0] == 0xc2 && byte[1] < 0xa0);
}

void text_plain(const char *text, char *out, size_t room)
{
    size_t used = 0;
    while (*text) {
        size_t size = strnlen(text, character_size((unsigned char)*text));
        if (!text_is_utf8(text, size)) { /* of a scope, which may decode to anything */
            text++;
            continue;
        }
        if (used + size >= room)
            break;
        if (!is_control(text)) {
            memcpy(out + used, text, size);
            used += size;
        }
        text += size;
    }
    out[used] = '\0';
}
