#include "ingest/sources/mqtt/topic.h"

#include <string.h>

/* Does one level of the name, `length` bytes of it, fit the filter's? */
static bool level_fits(const struct book_topic_level *level, const char *at, size_t length)
{
    return level->kind != TOPIC_WORD || (strlen(level->text) == length && memcmp(level->text, at, length) == 0);
}

/* What the broker keeps for itself begins with $ and is matched by no wildcard in front. */
static bool is_hidden(const struct book_topic *topic, const char *name)
{
    return *name == '$' && topic->levels[0].kind != TOPIC_WORD;
}

bool topic_match(const struct book_topic *topic, const char *name, struct arena *arena, struct topic_parts *parts)
{
    parts->topic = topic;
    if (is_hidden(topic, name))
        return false;
    const char *at = name;
    for (size_t i = 0; i < topic->level_count; i++) {
        const struct book_topic_level *level = &topic->levels[i];
        if (level->kind == TOPIC_REST)
            return true;
        if (!at)
            return false;
        size_t length = strcspn(at, "/");
        if (!level_fits(level, at, length))
            return false;
        parts->values[i] = level->kind == TOPIC_NAMED ? arena_text(arena, at, length) : NULL;
        at = at[length] ? at + length + 1 : NULL;
        if (!at && i + 2 == topic->level_count && topic->levels[i + 1].kind == TOPIC_REST)
            return true; /* "a/#" matches "a" too */
    }
    return !at;
}

static const char *part(void *context, const char *name)
{
    const struct topic_parts *parts = context;
    for (size_t i = 0; i < parts->topic->level_count; i++)
        if (parts->topic->levels[i].kind == TOPIC_NAMED && strcmp(parts->topic->levels[i].text, name) == 0)
            return parts->values[i];
    return NULL;
}

const char *topic_sensor(const struct topic_parts *parts, struct arena *arena)
{
    const struct book_template *sensor = &parts->topic->sensor;
    if (sensor->count == 1 && sensor->pieces[0].is_name) /* nearly always: without a copy */
        return part((void *)parts, sensor->pieces[0].text);
    return template_fill(sensor, part, (void *)parts, arena);
}
