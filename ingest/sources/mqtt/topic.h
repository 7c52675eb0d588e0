/* Topics: does one match a filter of the book, and which sensor does it name (MQTT 3.1.1, 4.7). */
#pragma once

#include "proto/book/sources.h"

struct topic_parts {
    const char *values[TOPIC_LEVELS_MAX]; /* of the named levels, in the arena */
    const struct book_topic *topic;
};

/* False where it does not match. */
bool topic_match(const struct book_topic *topic, const char *name, struct arena *arena, struct topic_parts *parts);
const char *topic_sensor(const struct topic_parts *parts, struct arena *arena);
