#include "ingest/sources/cap/seen.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 1 << 14 };

void seen_init(struct seen *seen)
{
    *seen = (struct seen){ .places = calloc(PLACES, sizeof *seen->places) };
    if (!seen->places)
        abort();
}

void seen_finish(struct seen *seen)
{
    free(seen->places);
    *seen = (struct seen){ 0 };
}

/* The version's place, or the free one where it belongs. */
static struct hash *find(const struct seen *seen, const struct hash *version)
{
    static const struct hash free_place;
    size_t at = (size_t)bytes_be64(version->bytes);
    while (!hash_equal(&seen->places[at % PLACES], version) && !hash_equal(&seen->places[at % PLACES], &free_place))
        at++;
    return &seen->places[at % PLACES];
}

bool seen_has(const struct seen *seen, const struct hash *version)
{
    return hash_equal(find(seen, version), version);
}

void seen_add(struct seen *seen, const struct hash *version)
{
    if (seen_has(seen, version))
        return;
    if (seen->count++ == PLACES / 2) {
        memset(seen->places, 0, PLACES * sizeof *seen->places);
        seen->count = 1;
    }
    *find(seen, version) = *version;
}
