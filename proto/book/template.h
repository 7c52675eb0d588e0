/* Templates of a book: text with names in braces, "水位 {value} 米", whose values come later. "{{" is a brace. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

/* A run of text, or a name. */
struct book_piece {
    const char *text;
    bool is_name;
};

struct book_template {
    const struct book_piece *pieces;
    size_t count; /* 0: none was given */
};

/* Copies the text into the arena. False where a brace does not end or a name is empty. */
bool template_parse(const char *text, struct arena *arena, struct book_template *out);
/* `value` gives what stands for a name; NULL counts as "". */
const char *template_fill(const struct book_template *filled, const char *(*value)(void *context, const char *name),
                          void *context, struct arena *arena);
