#include "proto/book/suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SUGGESTION_BYTES_MAX = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein distance over bytes; names beyond SUGGESTION_BYTES_MAX are not compared. */
static size_t distance_of(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > SUGGESTION_BYTES_MAX || b_size > SUGGESTION_BYTES_MAX)
        return SIZE_MAX;
    size_t row[SUGGESTION_BYTES_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_size];
}

void suggestion_start(struct suggestion *suggestion, const char *wrong)
{
    *suggestion = (struct suggestion){ .wrong = wrong, .distance = 1 + strlen(wrong) / 3 };
}

void suggestion_offer(struct suggestion *suggestion, const char *name)
{
    size_t distance = distance_of(suggestion->wrong, name);
    if (distance < suggestion->distance || (distance == suggestion->distance && !suggestion->best)) {
        suggestion->best = name;
        suggestion->distance = distance;
    }
}

const char *suggestion_text(const struct suggestion *suggestion, char *out, size_t size)
{
    *out = '\0';
    if (suggestion->best)
        snprintf(out, size, "; did you mean '%s'?", suggestion->best);
    return out;
}
