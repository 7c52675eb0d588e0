/* The parts of sources.yaml, each read by a file of its own. Inside proto/book only. */
#pragma once

#include "proto/book/loader.h"
#include "proto/book/schema.h"

struct raw_value {
    char *measure, *at;
};
struct raw_topic {
    char *filter, *sensor, *time, *lat, *lon;
    struct raw_value *values;
    uint32_t values_count;
};
struct raw_broker {
    char *name, *url, *user, *ca_file;
    int64_t *keep_alive_seconds;
    struct raw_topic *topics;
    uint32_t topics_count;
};

struct raw_sensor {
    char *id, *name, *name_en, *kind, *area, *address;
    double *lat, *lon;
};
struct raw_sensor_rule {
    char *name, *kind, *measure, *equals, *service, *condition, *title;
    double *above, *below, *rises_per_minute, *falls_per_minute, *hysteresis;
    int64_t *silent_minutes, *delay_seconds, *hold_off_seconds, *rearm_seconds, *over_seconds, *priority;
    bool each, tells_end;
};

struct raw_feed_matter {
    char *category, *event, *service, *condition;
    int64_t *priority;
};
struct raw_feed {
    char *name, *url, *folder;
    char **geocodes, **hosts;
    struct raw_feed_matter *matters;
    uint32_t matters_count, geocodes_count, hosts_count;
    int64_t *poll_seconds;
    bool everywhere, exercises;
};

struct raw_mapping_matter {
    char *value, *service, *condition;
    int64_t *priority;
};
struct raw_mapping_attribute {
    char *code, *value;
};
enum mapping_kind { MAPPING_REPORT, MAPPING_ALARM };
struct raw_mapping {
    enum mapping_kind kind;
    enum event_source source;
#define RAW_MAPPING_TEXT(member) char *member;
    MAPPING_TEXTS(RAW_MAPPING_TEXT)
#undef RAW_MAPPING_TEXT
    struct raw_mapping_matter *matters;
    struct raw_mapping_attribute *attributes;
    uint32_t matters_count, attributes_count;
};
struct raw_hook {
    char *name;
    int64_t *per_minute, *window_seconds, *body_bytes;
    struct raw_mapping event;
};

struct raw_table {
    char *name;
    int64_t *rows, *file_bytes, *window_seconds;
    struct raw_mapping event;
};

struct raw_open311_key {
    char *name;
    int64_t *per_minute;
    bool updates;
};
struct raw_open311 {
    char **jurisdictions;
    bool jurisdiction_required, key_required, test;
    char *contact, *contact_en, *key_service, *key_service_en;
    struct raw_open311_key *keys;
    uint32_t jurisdictions_count, keys_count;
};

struct raw_city_service {
    char *service, *code;
};
struct raw_city {
    char *name, *url, *jurisdiction, *pictures, *department;
    struct raw_city_service *services;
    int64_t *poll_seconds;
    uint32_t services_count;
};

struct raw_chat_group {
    char *id, *name, *name_en, *area, *address, *language;
    double *lat, *lon;
};
struct raw_chat {
    char *name, *callback;
    char **names;
    struct raw_chat_group *groups;
    enum chat_unsure unsure;
    int64_t *evidence_percent, *sure_percent, *ask_percent, *per_minute, *sender_per_hour, *together_minutes,
        *give_up_hours, *urge_hours, *window_seconds, *body_bytes;
    uint32_t names_count, groups_count;
};

struct raw_sources {
    struct raw_open311 *open311;
    struct raw_chat *chats;
    struct raw_city *cities;
    struct raw_table *tables;
    struct raw_hook *webhooks;
    struct raw_feed *feeds;
    struct raw_broker *mqtt;
    struct raw_sensor *sensors;
    struct raw_sensor_rule *sensor_rules;
    char *sensor_table;
    uint32_t chats_count, cities_count, tables_count, webhooks_count, feeds_count, mqtt_count, sensors_count,
        sensor_rules_count;
};

extern const cyaml_schema_field_t mapping_fields[], open311_fields[];
extern const cyaml_schema_value_t chat_schema, city_schema, table_schema, hook_schema, feed_schema, broker_schema,
    sensor_schema, sensor_rule_schema;

/* A name of the book's own, for files, metrics and external sources. */
void sources_check_name(struct loader *loader, struct spot spot, const char *name);
/* "{name}", checked; `known` says which names there are, `names` tells them. */
struct book_template sources_template(struct loader *loader, struct spot spot, const char *text,
                                      bool (*known)(const void *context, const char *name), const void *context,
                                      const char *names);
/* Is it a JSON pointer (RFC 6901) other than ""? For templates: the context is not looked at. */
bool sources_is_pointer(const void *context, const char *text);
/* A JSON pointer, "" for NULL. */
const char *sources_pointer(struct loader *loader, struct spot spot, const char *text);

/* An address of HTTP, without a slash at its end, so that a path can follow; "" for NULL. */
const char *sources_url(struct loader *loader, struct spot spot, const char *text);

/* Service and condition by their codes, and the priority: what every way in may say of its events. */
struct raw_matter {
    const char *service, *condition;
};
struct matter {
    const struct book_service *service;
    const struct book_condition *condition;
    int64_t priority;
};
struct matter sources_matter(struct loader *loader, struct spot spot, const struct raw_matter *raw);

/* The texts of a list, copied. */
const char *const *sources_texts(struct loader *loader, char *const *texts, size_t count);

/* `names`: what a name in braces is, for errors; `known` as for templates. */
void sources_take_mapping(struct loader *loader, struct spot spot, const struct raw_mapping *raw,
                          bool (*known)(const void *context, const char *name), const char *names,
                          struct book_mapping *mapping);

void sources_take_open311(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_chats(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_cities(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_tables(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_hooks(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_feeds(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_brokers(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_sensors(struct loader *loader, struct spot root, const struct raw_sources *raw);
void sources_take_sensor_rules(struct loader *loader, struct spot root, const struct raw_sources *raw);
