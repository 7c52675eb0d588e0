/* An arena: memory that is given back all at once. Records are decoded into one; a request or a turn resets it.
 *
 * Allocation never fails: a process without memory stops with a message (abort), like the assertions do.
 * What is allocated is zeroed and aligned for any type.
 */
#pragma once

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes handed out since the last reset */
};

void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);      /* aborts on overflow of count × size */
char *arena_text(struct arena *arena, const char *text, size_t length); /* copies and ends with NUL */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Gives everything back but one block, kept for the next round. */
void arena_reset(struct arena *arena);
/* Safe on a zeroed struct. */
void arena_finish(struct arena *arena);
