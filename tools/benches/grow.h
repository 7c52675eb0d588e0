/* Lists that grow as they are filled. A process without memory stops. */
#pragma once

#include <stddef.h>

/* `items`, with room for one more than `count` of `size` bytes each: the same, or moved to where there is twice the room. */
void *grow(void *items, size_t count, size_t *room, size_t size);
/* `count` zeroed items; none is one. */
void *allocate(size_t count, size_t size);
