#include "tools/drumctl/majority.h"

#include <stdlib.h>
#include <string.h>

#include "tools/benches/grow.h"

void majority_add(struct majority *majority, const char *key, const char *label)
{
    majority->rows = grow(majority->rows, majority->count, &majority->capacity, sizeof *majority->rows);
    majority->rows[majority->count++] = (struct majority_row){ key, label, 1 };
}

static int by_key(const void *a, const void *b)
{
    const struct majority_row *first = a, *second = b;
    return strcmp(first->key, second->key);
}

static int by_key_and_label(const void *a, const void *b)
{
    const struct majority_row *first = a, *second = b;
    int order = by_key(a, b);
    return order ? order : strcmp(first->label, second->label);
}

/* One row for each key and label, counted. */
static void count_rows(struct majority *majority)
{
    size_t kept = 0;
    for (size_t i = 0; i < majority->count; i++)
        if (kept && by_key_and_label(&majority->rows[kept - 1], &majority->rows[i]) == 0)
            majority->rows[kept - 1].count++;
        else
            majority->rows[kept++] = majority->rows[i];
    majority->count = kept;
}

void majority_settle(struct majority *majority)
{
    if (!majority->count)
        return;
    qsort(majority->rows, majority->count, sizeof *majority->rows, by_key_and_label);
    count_rows(majority);
    size_t kept = 0;
    for (size_t i = 0; i < majority->count; i++) {
        struct majority_row *last = kept ? &majority->rows[kept - 1] : NULL;
        if (!last || by_key(last, &majority->rows[i]) != 0)
            majority->rows[kept++] = majority->rows[i];
        else if (majority->rows[i].count > last->count)
            *last = majority->rows[i];
    }
    majority->count = kept;
}

const char *majority_of(const struct majority *majority, const char *key)
{
    const struct majority_row wanted = { .key = key };
    const struct majority_row *row =
        majority->count ? bsearch(&wanted, majority->rows, majority->count, sizeof wanted, by_key) : NULL;
    return row ? row->label : NULL;
}

void majority_finish(struct majority *majority)
{
    free(majority->rows);
    *majority = (struct majority){ .count = 0 };
}
