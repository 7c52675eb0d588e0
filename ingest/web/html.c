#include "ingest/web/html.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

static const char *entity(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_escape(struct buffer *out, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "&<>\"'");
        buffer_append(out, text, plain);
        text += plain;
        if (*text)
            buffer_text(out, entity(*text++));
    }
}

void html_format(struct buffer *out, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    for (const char *hole = strchr(format, '%'); hole; hole = strchr(format, '%')) {
        buffer_append(out, format, (size_t)(hole - format));
        format = hole + 2;
        switch (hole[1]) {
        case 's':
            html_escape(out, va_arg(values, const char *));
            break;
        case 'd':
            buffer_format(out, "%d", va_arg(values, int));
            break;
        case 'l':
            assert(hole[2] == 'd');
            buffer_format(out, "%ld", va_arg(values, long));
            format++;
            break;
        default:
            assert(hole[1] == '%');
            buffer_text(out, "%");
        }
    }
    va_end(values);
    buffer_text(out, format);
}
