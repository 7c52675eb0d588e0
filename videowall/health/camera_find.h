/* Which cameras a person asks for, and what is counted of them. Pure: decides from the book and the checkup. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/book/book.h"
#include "videowall/health/checkup.h"

struct camera_question {
    unsigned conditions;          /* bits 1 << enum camera_condition; 0: all */
    const struct book_area *area; /* and below; NULL: everywhere */
    const char *text;             /* in its id, its names or its area's; "": whatever */
};

struct camera_found {
    size_t *cameras; /* places in the book: those that changed last first */
    size_t count;
};

void camera_find(const struct book *book, const struct checkup *checkup, const struct camera_question *question,
                 struct arena *arena, struct camera_found *found);

struct camera_count {
    const struct book_area *area;
    size_t cameras, visited, online; /* online: the last visit brought a picture */
};
struct camera_counts {
    size_t conditions[CAMERA_IS_WRONG_TIME + 1];
    struct camera_count *areas; /* districts, streets and communities that have cameras, as in the book */
    size_t area_count;
};

void camera_count(const struct book *book, const struct checkup *checkup, struct arena *arena,
                  struct camera_counts *counts);
