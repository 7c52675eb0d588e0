#include "tools/client/events.h"

#include <stdlib.h>
#include <string.h>

void event_reader_reset(struct event_reader *reader)
{
    buffer_clear(&reader->line);
    buffer_clear(&reader->data);
    buffer_clear(&reader->name);
    reader->next_has_id = reader->has_id;
    reader->next_id = reader->id;
}

void event_reader_finish(struct event_reader *reader)
{
    buffer_finish(&reader->line);
    buffer_finish(&reader->data);
    buffer_finish(&reader->name);
}

static void take_line(struct event_reader *reader, const char *line,
                      void (*event)(void *context, uint64_t id, const char *name, const char *data), void *context)
{
    if (!*line) {
        if (reader->data.size) {
            reader->has_id = reader->next_has_id;
            reader->id = reader->next_id;
            event(context, reader->id, buffer_string(&reader->name), buffer_string(&reader->data));
        }
        buffer_clear(&reader->data);
        buffer_clear(&reader->name);
        return;
    }
    const char *colon = strchr(line, ':');
    if (!colon || colon == line)
        return; /* a comment, or a field without a value: none that we know */
    const char *value = colon + 1 + (colon[1] == ' ');
    size_t length = (size_t)(colon - line);
    if (length == 2 && strncmp(line, "id", 2) == 0) {
        reader->next_id = strtoull(value, NULL, 10);
        reader->next_has_id = true;
    } else if (length == 5 && strncmp(line, "event", 5) == 0) {
        buffer_clear(&reader->name);
        buffer_text(&reader->name, value);
    } else if (length == 4 && strncmp(line, "data", 4) == 0) {
        if (reader->data.size)
            buffer_text(&reader->data, "\n");
        buffer_text(&reader->data, value);
    }
}

void event_reader_feed(struct event_reader *reader, struct bytes piece,
                       void (*event)(void *context, uint64_t id, const char *name, const char *data), void *context)
{
    const char *at = (const char *)piece.data, *end = at + piece.size;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        buffer_append(&reader->line, at, (size_t)((line_end ? line_end : end) - at));
        if (!line_end)
            return;
        if (reader->line.size && reader->line.bytes[reader->line.size - 1] == '\r')
            reader->line.size--;
        take_line(reader, buffer_string(&reader->line), event, context);
        buffer_clear(&reader->line);
        at = line_end + 1;
    }
}
