#include "ingest/sources/external.h"

#include <string.h>

#include "proto/base/crypto.h"

enum { ID_DIGITS = 32 };

const char *external_event_id(const char *prefix, const char *source, const char *number, struct arena *arena)
{
    char hex[HASH_HEX];
    struct hash hash = hash_of_two(source, strlen(source) + 1, number, strlen(number)); /* the NUL parts the two */
    hash_hex(hex, &hash);
    return arena_format(arena, "%.7s-%.*s", prefix, ID_DIGITS, hex);
}

void external_identify(struct event *event, const char *prefix, const char *source, const char *thing,
                       const char *number, struct arena *arena)
{
    event->id = external_event_id(prefix, source, number, arena);
    event->external_source = source;
    event->external_id = thing;
}
