#include "proto/book/lookup.h"

#include <stdlib.h>
#include <string.h>

static const char *code_of(const void *item)
{
    return *(const char *const *)item;
}

static int compare_items(const void *a, const void *b)
{
    const void *left = *(const void *const *)a, *right = *(const void *const *)b;
    int order = strcmp(code_of(left), code_of(right));
    return order ? order : ((const char *)left > (const char *)right) - ((const char *)left < (const char *)right);
}

static int compare_code(const void *code, const void *item)
{
    return strcmp(code, code_of(*(const void *const *)item));
}

void lookup_fill(struct lookup *lookup, struct arena *arena, const void *items, size_t count, size_t size)
{
    *lookup = (struct lookup){ arena_array(arena, count + 1, sizeof *lookup->items), count, true };
    for (size_t i = 0; i < count; i++)
        lookup->items[i] = (const char *)items + i * size;
    qsort(lookup->items, count, sizeof *lookup->items, compare_items);
}

const void *lookup_find(const struct lookup *lookup, const char *code)
{
    if (!code || !lookup->count)
        return NULL;
    const void *const *found = bsearch(code, lookup->items, lookup->count, sizeof *lookup->items, compare_code);
    return found ? *found : NULL;
}

void lookup_suggest(const struct lookup *lookup, struct suggestion *suggestion)
{
    for (size_t i = 0; i < lookup->count; i++)
        suggestion_offer(suggestion, code_of(lookup->items[i]));
}
