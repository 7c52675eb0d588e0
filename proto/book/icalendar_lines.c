#include "proto/book/icalendar_lines.h"

#include <ctype.h>
#include <string.h>

static void skip(struct bytes *bytes, size_t count)
{
    bytes->data += count;
    bytes->size -= count;
}

/* Appends one line of the file without its end; a lone CR is part of a line. */
static void take_piece(struct icalendar_lines *lines)
{
    const uint8_t *end = memchr(lines->rest.data, '\n', lines->rest.size);
    size_t length = end ? (size_t)(end - lines->rest.data) : lines->rest.size;
    size_t kept = length && lines->rest.data[length - 1] == '\r' ? length - 1 : length;
    buffer_append(&lines->text, lines->rest.data, kept);
    skip(&lines->rest, end ? length + 1 : length);
    lines->next_line++;
}

static bool is_folded(struct bytes rest)
{
    return rest.size && (rest.data[0] == ' ' || rest.data[0] == '\t');
}

/* False at the end of the file. Blank lines are passed over. */
static bool unfold(struct icalendar_lines *lines)
{
    static const uint8_t mark[] = { 0xef, 0xbb, 0xbf }; /* UTF-8 */
    if (!lines->next_line && lines->rest.size >= sizeof mark && memcmp(lines->rest.data, mark, sizeof mark) == 0)
        skip(&lines->rest, sizeof mark);
    do {
        if (!lines->rest.size)
            return false;
        buffer_clear(&lines->text);
        lines->line = lines->next_line + 1;
        take_piece(lines);
        while (is_folded(lines->rest)) {
            skip(&lines->rest, 1);
            take_piece(lines);
        }
    } while (strspn(buffer_string(&lines->text), " \t\r") == lines->text.size);
    return true;
}

/* The text up to one of the marks, in capitals; "" where it is too long for anything that is known. */
static void take_name(char out[ICALENDAR_NAME_BYTES], const char *text, const char *marks)
{
    size_t length = strcspn(text, marks);
    if (length >= ICALENDAR_NAME_BYTES)
        length = 0;
    for (size_t i = 0; i < length; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    out[length] = '\0';
}

static enum icalendar_line_kind wrong(struct icalendar_lines *lines, const char *problem)
{
    lines->problem = problem;
    return ICALENDAR_WRONG;
}

static enum icalendar_line_kind begin(struct icalendar_lines *lines, const char *component)
{
    if (lines->depth == ICALENDAR_DEPTH_MAX)
        return wrong(lines, "components too deep inside each other; expected at most 8");
    lines->begins[lines->depth] = lines->line;
    take_name(lines->components[lines->depth++], component, " \t");
    return ICALENDAR_BEGIN;
}

static enum icalendar_line_kind end(struct icalendar_lines *lines, const char *component)
{
    char name[ICALENDAR_NAME_BYTES];
    take_name(name, component, " \t");
    if (!lines->depth || strcmp(name, lines->components[lines->depth - 1]) != 0)
        return wrong(lines, "the END of a component that is not open here");
    lines->depth--;
    return ICALENDAR_END;
}

bool icalendar_lines_next(struct icalendar_lines *lines, enum icalendar_line_kind *kind)
{
    if (!unfold(lines)) {
        if (!lines->depth)
            return false;
        lines->line = lines->begins[lines->depth - 1];
        lines->depth = 0;
        *kind = wrong(lines, "a component without its END; is the file cut off?");
        return true;
    }
    const char *text = buffer_string(&lines->text);
    const char *value = strchr(text, ':');
    take_name(lines->name, text, ":;");
    if (strlen(text) != lines->text.size)
        *kind = wrong(lines, "a NUL byte; expected text");
    else if (!value)
        *kind = wrong(lines, "expected NAME:VALUE");
    else if (strcmp(lines->name, "BEGIN") == 0)
        *kind = begin(lines, value + 1);
    else if (!lines->depth || strcmp(lines->components[0], "VCALENDAR") != 0)
        *kind = wrong(lines, "not an iCalendar file; expected BEGIN:VCALENDAR first");
    else
        *kind = strcmp(lines->name, "END") == 0 ? end(lines, value + 1) : ICALENDAR_PROPERTY;
    return true;
}

bool icalendar_lines_inside(const struct icalendar_lines *lines, const char *component)
{
    return lines->depth == 2 && strcmp(lines->components[1], component) == 0;
}

bool icalendar_lines_closed(const struct icalendar_lines *lines, const char *component)
{
    return lines->depth == 1 && strcmp(lines->components[1], component) == 0;
}

void icalendar_lines_finish(struct icalendar_lines *lines)
{
    buffer_finish(&lines->text);
}
