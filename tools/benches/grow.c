#include "tools/benches/grow.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM_FIRST = 64 };

static void *or_stop(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : ROOM_FIRST;
    return or_stop(realloc(items, *room * size));
}

void *allocate(size_t count, size_t size)
{
    return or_stop(calloc(count ? count : 1, size));
}
