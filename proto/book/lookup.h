/* From a code to the struct that has it. The structs stay where they are; each begins with its code. Inside proto/book only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/book/suggest.h"

struct lookup {
    const void **items; /* in order of code, then of place */
    size_t count;
    bool complete; /* false: its file could not be read */
};

void lookup_fill(struct lookup *lookup, struct arena *arena, const void *items, size_t count, size_t size);
/* NULL where no struct has it. */
const void *lookup_find(const struct lookup *lookup, const char *code);
void lookup_suggest(const struct lookup *lookup, struct suggestion *suggestion);
