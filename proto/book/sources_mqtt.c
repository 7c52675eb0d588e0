/* Brokers and their topics: which messages are of which sensor, and where in them its values are. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/book/sources_inside.h"

enum { MQTT_PORT = 1883, MQTT_TLS_PORT = 8883 }; /* registered with IANA */

#define RAW struct raw_value
static const cyaml_schema_field_t value_fields[] = { RAW_CODE(measure), RAW_TEXT_OPTIONAL(at), CYAML_FIELD_END };
static const cyaml_schema_value_t value_schema = RAW_ENTRY(value_fields);
#undef RAW
#define RAW struct raw_topic
static const cyaml_schema_field_t topic_fields[] = {
    RAW_TEXT(filter),        RAW_TEXT_OPTIONAL(sensor), RAW_LIST_OPTIONAL(values, &value_schema),
    RAW_TEXT_OPTIONAL(time), RAW_TEXT_OPTIONAL(lat),    RAW_TEXT_OPTIONAL(lon),
    CYAML_FIELD_END
};
static const cyaml_schema_value_t topic_schema = RAW_ENTRY(topic_fields);
#undef RAW
#define RAW struct raw_broker
static const cyaml_schema_field_t broker_fields[] = { RAW_CODE(name),
                                                      RAW_TEXT(url),
                                                      RAW_TEXT_OPTIONAL(user),
                                                      RAW_TEXT_OPTIONAL(ca_file),
                                                      RAW_INT_OR_DEFAULT(keep_alive_seconds),
                                                      RAW_LIST(topics, &topic_schema),
                                                      CYAML_FIELD_END };
const cyaml_schema_value_t broker_schema = RAW_ENTRY(broker_fields);
#undef RAW

/* "mqtt://host", "mqtts://[2001:db8::1]:8883" */
static void take_url(struct loader *loader, struct spot spot, const char *url, struct book_broker *broker)
{
    broker->tls = strncmp(url, "mqtts://", 8) == 0;
    const char *host = url + (broker->tls ? 8 : 7);
    broker->host = "";
    if (!broker->tls && strncmp(url, "mqtt://", 7) != 0)
        goto wrong;
    size_t length = *host == '[' ? strcspn(host, "]") : strcspn(host, ":/");
    const char *rest = host + length;
    if (*host == '[' && *rest++ == ']') {
        host++;
        length--;
    }
    broker->host = arena_text(loader->arena, host, length);
    char *end = (char *)rest;
    long port = *rest == ':' ? strtol(rest + 1, &end, 10) : broker->tls ? MQTT_TLS_PORT : MQTT_PORT;
    if (length && !*end && port >= 1 && port <= 65535) {
        broker->port = (int)port;
        return;
    }
wrong:
    problem(loader, spot, "'%s' is not a broker; expected mqtt://HOST:PORT or mqtts://HOST:PORT", url);
}

/* One level of a filter. False, reported: it cannot stand there. */
static bool take_level(struct loader *loader, struct spot spot, const char *text, size_t length, bool last,
                       struct book_topic_level *level)
{
    bool named = length > 2 && text[0] == '{' && text[length - 1] == '}';
    *level = (struct book_topic_level){ .kind = named ? TOPIC_NAMED : TOPIC_WORD,
                                        .text = named ? arena_text(loader->arena, text + 1, length - 2)
                                                      : arena_text(loader->arena, text, length) };
    if (strcmp(level->text, "+") == 0)
        level->kind = TOPIC_ANY;
    else if (strcmp(level->text, "#") == 0 && last)
        level->kind = TOPIC_REST;
    else if (strpbrk(level->text, "+#{}")) {
        problem(loader, spot, "level '%.*s'; expected a word, {name}, +, or # as the last", (int)length, text);
        return false;
    }
    return true;
}

static void take_filter(struct loader *loader, struct spot spot, const char *filter, struct book_topic *topic)
{
    struct buffer subscription = { 0 };
    topic->filter = loader_text(loader, filter);
    topic->level_count = 0;
    for (const char *at = filter;; at++) {
        size_t length = strcspn(at, "/");
        if (topic->level_count == TOPIC_LEVELS_MAX) {
            problem(loader, spot, "'%s' has more than %d levels", filter, TOPIC_LEVELS_MAX);
            break;
        }
        struct book_topic_level *level = &topic->levels[topic->level_count++];
        if (!take_level(loader, spot, at, length, !at[length], level))
            break;
        bool any = level->kind == TOPIC_ANY || level->kind == TOPIC_NAMED;
        buffer_format(&subscription, "%s%s", topic->level_count > 1 ? "/" : "", any ? "+" : level->text);
        if (!*(at += length))
            break;
    }
    topic->subscription = loader_text(loader, buffer_string(&subscription));
    buffer_finish(&subscription);
}

static bool is_part(const void *context, const char *name)
{
    const struct book_topic *topic = context;
    for (size_t i = 0; i < topic->level_count; i++)
        if (topic->levels[i].kind == TOPIC_NAMED && strcmp(topic->levels[i].text, name) == 0)
            return true;
    return false;
}

static void take_values(struct loader *loader, struct spot list, const struct raw_topic *raw, struct book_topic *topic)
{
    static const struct raw_value plain = { (char *)"value", NULL };
    size_t count = raw->values_count ? raw->values_count : 1;
    struct book_topic_value *values = loader_array(loader, count, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        const struct raw_value *value = raw->values_count ? &raw->values[i] : &plain;
        values[i].measure = loader_text(loader, value->measure);
        values[i].at = sources_pointer(loader, spot_key(spot_item(list, i), "at"), value->at);
    }
    topic->values = values;
    topic->value_count = count;
}

static void take_topic(struct loader *loader, struct spot spot, const struct raw_topic *raw, struct book_topic *topic)
{
    take_filter(loader, spot_key(spot, "filter"), raw->filter, topic);
    take_values(loader, spot_key(spot, "values"), raw, topic);
    topic->sensor = sources_template(loader, spot_key(spot, "sensor"), raw->sensor ? raw->sensor : "{sensor}", is_part,
                                     topic, "a part of the filter in braces");
    topic->time = sources_pointer(loader, spot_key(spot, "time"), raw->time);
    topic->lat = sources_pointer(loader, spot_key(spot, "lat"), raw->lat);
    topic->lon = sources_pointer(loader, spot_key(spot, "lon"), raw->lon);
    topic->rule = loader_rule(loader, spot);
    if (!*topic->lat != !*topic->lon)
        problem(loader, spot_key(spot, *topic->lat ? "lat" : "lon"), "lat and lon go together; expected both");
}

static void take_broker(struct loader *loader, struct spot spot, const struct raw_broker *raw,
                        struct book_broker *broker)
{
    struct book_topic *topics = loader_array(loader, raw->topics_count, sizeof *topics);
    *broker = (struct book_broker){
        .name = loader_text(loader, raw->name),
        .user = loader_text(loader, raw->user),
        .ca_file = loader_text(loader, raw->ca_file),
        .keep_alive_seconds = loader_number(loader, spot, "keep_alive_seconds", 30, 5, 65535),
        .topics = topics,
        .topic_count = raw->topics_count,
    };
    sources_check_name(loader, spot_key(spot, "name"), broker->name);
    take_url(loader, spot_key(spot, "url"), raw->url, broker);
    for (size_t i = 0; i < raw->topics_count; i++)
        take_topic(loader, spot_entry(spot, "topics", i), &raw->topics[i], &topics[i]);
}

void sources_take_brokers(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct book_broker *brokers = loader_array(loader, raw->mqtt_count, sizeof *brokers);
    struct spot list = spot_key(root, "mqtt");
    struct lookup names;
    for (size_t i = 0; i < raw->mqtt_count; i++)
        take_broker(loader, spot_item(list, i), &raw->mqtt[i], &brokers[i]);
    loader_index(loader, &names, brokers, raw->mqtt_count, sizeof *brokers, list, "name");
    loader->loaded->sources.brokers = brokers;
    loader->loaded->sources.broker_count = raw->mqtt_count;
}
