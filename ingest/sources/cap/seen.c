#include "ingest/sources/cap/seen.h"

#include <stdlib.h>

enum { PLACES_FIRST = 1 << 10 };

static void make(struct seen *seen, size_t room)
{
    *seen = (struct seen){ .places = calloc(room, sizeof *seen->places), .room = room };
    if (!seen->places)
        abort();
}

void seen_init(struct seen *seen)
{
    make(seen, PLACES_FIRST);
}

void seen_finish(struct seen *seen)
{
    free(seen->places);
    *seen = (struct seen){ 0 };
}

static bool is_free(const struct hash *place)
{
    static const struct hash free_place;
    return hash_equal(place, &free_place);
}

/* The version's place, or the free one where it belongs. */
static struct hash *find(const struct seen *seen, const struct hash *version)
{
    size_t at = (size_t)bytes_be64(version->bytes);
    while (!hash_equal(&seen->places[at % seen->room], version) && !is_free(&seen->places[at % seen->room]))
        at++;
    return &seen->places[at % seen->room];
}

bool seen_has(const struct seen *seen, const struct hash *version)
{
    return hash_equal(find(seen, version), version);
}

/* Twice the room, or all forgotten. */
static void grow(struct seen *seen)
{
    struct seen old = *seen;
    make(seen, old.count == SEEN_MOST ? PLACES_FIRST : 2 * old.room);
    for (size_t i = 0; i < old.room && old.count < SEEN_MOST; i++)
        if (!is_free(&old.places[i]))
            seen_add(seen, &old.places[i]);
    seen_finish(&old);
}

void seen_add(struct seen *seen, const struct hash *version)
{
    if (seen_has(seen, version))
        return;
    if (seen->count == seen->room / 2)
        grow(seen);
    seen->count++;
    *find(seen, version) = *version;
}
