/* Document: what is known of a report when it comes, as the classifier sees it: its words, and marks such as where it is and who sent it.
 * Nothing that is set later (department, closing, target) may go into one.
 */
#pragma once

#include <stddef.h>

#include "proto/book/book.h"
#include "proto/record/event.h"

enum { DOCUMENT_MARKS_MAX = 8, DOCUMENT_AREAS_MAX = 4 };

struct document_mark {
    const char *name, *value;
};

struct document {
    const char *text; /* UTF-8; read as far as FEATURES_TEXT_MAX */
    struct document_mark marks[DOCUMENT_MARKS_MAX];
    size_t mark_count;
};

/* Adds a mark; an empty value (or NULL) says nothing and adds none, nor does one beyond DOCUMENT_MARKS_MAX. */
void document_mark(struct document *document, const char *name, const char *value);

/* The same with texts of its own, in the arena; the names are the marks' own still. */
struct document document_copy(const struct document *document, struct arena *arena);

/* The words (title and text, not the same line twice) and as marks the title, the source, the area and those above it (at most
 * DOCUMENT_AREAS_MAX in all; without a book, NULL, the area alone). Texts point into event, book and arena. */
void document_of_event(struct document *document, const struct event *event, const struct book *book,
                       struct arena *arena);
