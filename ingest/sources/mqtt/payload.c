#include "ingest/sources/mqtt/payload.h"

#include <math.h>
#include <string.h>

#include "ingest/sources/json_pointer.h"

/* Does the topic look into its messages, or is each a plain value? */
static bool is_structured(const struct book_topic *topic)
{
    bool pointers = *topic->time || *topic->lat;
    for (size_t i = 0; i < topic->value_count; i++)
        pointers |= *topic->values[i].at != '\0';
    return pointers;
}

/* The payload's text without the blanks around it. */
static const char *trimmed(struct bytes bytes, struct arena *arena)
{
    const char *from = (const char *)bytes.data, *end = from + bytes.size;
    while (from < end && strchr(" \t\r\n", *from))
        from++;
    while (end > from && strchr(" \t\r\n", end[-1]))
        end--;
    return arena_text(arena, from, (size_t)(end - from));
}

static int read_plain(const struct book_topic *topic, struct bytes bytes, struct arena *arena, struct payload *payload,
                      struct fault *fault)
{
    if (!text_is_utf8((const char *)bytes.data, bytes.size))
        return fault_set(fault, -EINVAL, "the value is not UTF-8");
    const char *word = trimmed(bytes, arena);
    if (!*word)
        return fault_set(fault, -EINVAL, "the message is empty; expected a value");
    struct filter_reading reading = { .word = word };
    reading.is_number = text_real(word, &reading.value);
    for (size_t i = 0; i < topic->value_count; i++)
        payload->readings[i] = reading;
    return 0;
}

static int read_time(const struct book_topic *topic, json_t *document, const struct zone *zone, struct payload *payload,
                     struct fault *fault)
{
    if (!*topic->time)
        return 0;
    payload->has_time = json_to_time(json_pointer(document, topic->time), zone, &payload->at_ms);
    return payload->has_time
               ? 0
               : fault_set(fault, -EINVAL, "%s: expected a time by ISO 8601, or seconds or milliseconds since 1970",
                           topic->time);
}

/* A message without a position (a wristband indoors) is one all the same. */
static void read_place(const struct book_topic *topic, json_t *document, struct payload *payload)
{
    json_t *lat = *topic->lat ? json_pointer(document, topic->lat) : NULL;
    json_t *lon = *topic->lon ? json_pointer(document, topic->lon) : NULL;
    if (!lat || !lon || json_is_null(lat) || json_is_null(lon))
        return;
    payload->has_place = json_to_real(lat, &payload->lat) && json_to_real(lon, &payload->lon) &&
                         fabs(payload->lat) <= 90 && fabs(payload->lon) <= 180;
    payload->no_place = !payload->has_place;
}

static int read_values(const struct book_topic *topic, json_t *document, struct arena *arena, struct payload *payload,
                       struct fault *fault)
{
    size_t found = 0;
    for (size_t i = 0; i < topic->value_count; i++) {
        json_t *value = json_pointer(document, topic->values[i].at);
        struct filter_reading *reading = &payload->readings[i];
        const char *words = json_to_words(value, arena);
        reading->word = words ? arena_text(arena, words, strlen(words)) : NULL;
        reading->is_number = words && json_to_real(value, &reading->value);
        found += words != NULL;
    }
    return found ? 0 : fault_set(fault, -EINVAL, "%s: expected a value", topic->values[0].at);
}

int payload_read(const struct book_topic *topic, struct bytes bytes, const struct zone *zone, struct arena *arena,
                 struct payload *payload, struct fault *fault)
{
    *payload = (struct payload){ .readings = arena_array(arena, topic->value_count, sizeof *payload->readings) };
    if (bytes.size > PAYLOAD_BYTES_MAX)
        return fault_set(fault, -EMSGSIZE, "%zu bytes, at most %d", bytes.size, PAYLOAD_BYTES_MAX);
    if (!is_structured(topic))
        return read_plain(topic, bytes, arena, payload, fault);
    json_error_t error;
    json_t *document = json_loadb((const char *)bytes.data, bytes.size, JSON_DECODE_ANY, &error);
    if (!document)
        return fault_set(fault, -EINVAL, "not JSON: %s", error.text);
    int result = read_time(topic, document, zone, payload, fault);
    if (!result)
        read_place(topic, document, payload);
    if (!result)
        result = read_values(topic, document, arena, payload, fault);
    json_decref(document);
    return result;
}
