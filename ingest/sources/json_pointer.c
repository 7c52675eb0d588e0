#include "ingest/sources/json_pointer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"

enum { TOKEN_BYTES = 256 };

static const double MS_FROM = 1e11, TIME_MOST_MS = 253402300799999.0; /* the end of the year 9999 */

/* Copies the token behind the slash with ~1 and ~0 undone; false where it is too long. */
static bool take_token(const char **pointer, char token[TOKEN_BYTES])
{
    const char *at = *pointer + 1;
    size_t used = 0;
    for (; *at && *at != '/'; at++) {
        if (used == TOKEN_BYTES - 1)
            return false;
        bool escaped = *at == '~' && (at[1] == '0' || at[1] == '1');
        token[used++] = !escaped ? *at : *++at == '0' ? '~' : '/';
    }
    token[used] = '\0';
    *pointer = at;
    return true;
}

json_t *json_pointer(json_t *document, const char *pointer)
{
    char token[TOKEN_BYTES];
    while (document && *pointer) {
        if (*pointer != '/' || !take_token(&pointer, token))
            return NULL;
        char *end;
        size_t index = strtoul(token, &end, 10);
        bool is_index = *token >= '0' && *token <= '9' && !*end && (*token != '0' || !token[1]);
        document = !json_is_array(document) ? json_object_get(document, token)
                   : is_index               ? json_array_get(document, index)
                                            : NULL;
    }
    return document;
}

const char *json_to_words(const json_t *value, struct arena *arena)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return arena_format(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value))
        return arena_format(arena, "%.12g", json_real_value(value));
    return json_is_true(value) ? "true" : json_is_false(value) ? "false" : NULL;
}

bool text_real(const char *text, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && end[strspn(end, " \t\r\n")] == '\0' && isfinite(*number) && !strpbrk(text, "xXnN");
}

bool json_to_real(const json_t *value, double *number)
{
    if (json_is_string(value))
        return text_real(json_string_value(value), number);
    if (json_is_boolean(value))
        *number = json_is_true(value);
    else if (json_is_number(value))
        *number = json_number_value(value);
    else
        return false;
    return isfinite(*number);
}

static bool number_time(double number, int64_t *at_ms)
{
    if (!(number >= 0 && number <= TIME_MOST_MS))
        return false;
    *at_ms = (int64_t)(number < MS_FROM ? number * MS_PER_SECOND : number);
    return true;
}

bool text_time(const char *text, const struct zone *zone, int64_t *at_ms)
{
    double number;
    return zone_parse(zone, text, at_ms) == 0 || (text_real(text, &number) && number_time(number, at_ms));
}

bool json_to_time(const json_t *value, const struct zone *zone, int64_t *at_ms)
{
    if (json_is_string(value))
        return text_time(json_string_value(value), zone, at_ms);
    return json_is_number(value) && number_time(json_number_value(value), at_ms);
}
