#include "ingest/enrich/classify/document.h"

#include <string.h>

static const char *const area_names[DOCUMENT_AREAS_MAX] = { "area", "area1", "area2", "area3" };

void document_mark(struct document *document, const char *name, const char *value)
{
    if (value && *value && document->mark_count < DOCUMENT_MARKS_MAX)
        document->marks[document->mark_count++] = (struct document_mark){ name, value };
}

struct document document_copy(const struct document *document, struct arena *arena)
{
    struct document copy = *document;
    copy.text = arena_text(arena, copy.text, strlen(copy.text));
    for (size_t i = 0; i < copy.mark_count; i++)
        copy.marks[i].value = arena_text(arena, copy.marks[i].value, strlen(copy.marks[i].value));
    return copy;
}

/* A resident's title is the first line of the text. A source's own event may leave out what it does not know (NULL). */
static const char *words_of(const struct event *event, struct arena *arena)
{
    const char *title = event->title ? event->title : "", *text = event->text ? event->text : "";
    if (*text && strncmp(text, title, strlen(title)) == 0)
        return text;
    return arena_format(arena, "%s%s%s", title, *title && *text ? "\n" : "", text);
}

static void mark_areas(struct document *document, const char *code, const struct book *book)
{
    const struct book_area *area = book && code ? book_area(book, code) : NULL;
    document_mark(document, area_names[0], code);
    for (size_t i = 1; area && area->parent && i < DOCUMENT_AREAS_MAX; i++) {
        area = area->parent;
        document_mark(document, area_names[i], area->code);
    }
}

void document_of_event(struct document *document, const struct event *event, const struct book *book,
                       struct arena *arena)
{
    *document = (struct document){ .text = words_of(event, arena) };
    document_mark(document, "title", event->title);
    document_mark(document, "source", enum_name(&event_source_desc, event->source));
    mark_areas(document, event->place.area, book);
}
