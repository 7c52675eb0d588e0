/* sources.yaml of a district book: the ways in beside the doors' own. The file is optional; without it there are none.
 * Names are the book's own words for them: part of external sources, metrics and the names of key files.
 * All pointers live as long as the book.
 */
#pragma once

#include "proto/book/book.h"
#include "proto/book/template.h"
#include "proto/record/event.h"

/* Names go into addresses, metrics and names of files: A-Z a-z 0-9 - _ alone, no more than SOURCE_NAME_BYTES. */
enum { SOURCE_NAME_BYTES = 32 };
bool book_is_source_name(const char *name);

/* ---- MQTT: brokers, topics, sensors, rules ---- */

enum { TOPIC_LEVELS_MAX = 16 };

enum topic_level_kind { TOPIC_WORD, TOPIC_ANY, TOPIC_NAMED, TOPIC_REST };
struct book_topic_level {
    enum topic_level_kind kind;
    const char *text; /* the word, or the name of a part */
};

/* Where a message holds one of its values. */
struct book_topic_value {
    const char *measure;
    const char *at; /* JSON pointer (RFC 6901); "" where the payload is the plain value */
};

struct book_topic {
    const char *filter;       /* as in the book: "gulou/{sensor}/level" */
    const char *subscription; /* as the broker wants it: "gulou/+/level" */
    struct book_topic_level levels[TOPIC_LEVELS_MAX];
    size_t level_count;
    struct book_template sensor; /* of the named parts */
    const struct book_topic_value *values;
    size_t value_count;
    const char *time, *lat, *lon; /* JSON pointers; "" where the message does not say */
    const char *rule;             /* "sources.yaml:12" */
};

struct book_broker {
    const char *name;
    const char *host;
    int port;
    bool tls;
    const char *user;    /* ""; the password is in the key file of the broker's name */
    const char *ca_file; /* ""; for TLS: the system's */
    int64_t keep_alive_seconds;
    const struct book_topic *topics;
    size_t topic_count;
};

struct book_sensor {
    const char *id;
    struct book_text name;
    const char *kind; /* which rules it has */
    double lat, lon;
    bool has_position; /* else only a message can say where it is: a wristband, a vehicle */
    const struct book_area *area;
    const char *address;
    const char *at; /* "sources.yaml:30", or the table's line */
};

/* What a rule looks for. X(SENSOR, value, key of the book) */
#define SENSOR_TESTS(X) \
    X(SENSOR, ABOVE, "above")                   /* the value is over the level */ \
    X(SENSOR, BELOW, "below")                   /* under it */ \
    X(SENSOR, RISES, "rises_per_minute")        /* it grows by more than the level in a minute */ \
    X(SENSOR, FALLS, "falls_per_minute")        /* it shrinks by more */ \
    X(SENSOR, EQUALS, "equals")                 /* the value is the word */ \
    X(SENSOR, SILENT_MINUTES, "silent_minutes") /* the sensor said nothing for so long */
ENUM_DECLARE(sensor_test, SENSOR_TESTS)

struct book_sensor_rule {
    const char *name;
    const char *kind;    /* of the sensors that it is for */
    const char *measure; /* of the values that it looks at */
    enum sensor_test test;
    double level;
    const char *word;    /* SENSOR_EQUALS */
    double hysteresis;   /* above, below: how far the value must come back before the alarm can be raised again */
    int64_t delay_ms;    /* the test must hold for so long */
    int64_t hold_off_ms; /* after an alarm, no other for so long */
    int64_t rearm_ms; /* equals: the alarm is over when the word has not come for so long; 0: only by another value */
    int64_t over_ms;  /* rises, falls: the change is measured over at least so long, at most twice that */
    int64_t silent_ms;
    bool each;      /* equals: every message with the word is an event of its own */
    bool tells_end; /* what ends the alarm is added to the case */
    const struct book_service *service;
    const struct book_condition *condition; /* the service's first where none is named */
    int64_t priority;                       /* 0: as service and condition say */
    struct book_template title;
    const char *rule; /* "sources.yaml:41" */
};

/* Names in a rule's title. */
#define SENSOR_TITLE_NAMES(X) \
    X(name) \
    X(sensor) \
    X(value) \
    X(level) \
    X(minutes)

/* ---- feeds of alerts (CAP) ---- */

/* What an alert is about: the first row that it fits. */
struct book_feed_matter {
    const char *category; /* of CAP: Met, Fire … (CAP 1.2, 3.2.2); "" any */
    const char *event;    /* in the alert's word for it, whatever its case; "" any */
    const struct book_service *service;
    const struct book_condition *condition;
    int64_t priority; /* 0: by severity, urgency and certainty */
};

struct book_feed {
    const char *name;
    const char *url;    /* http:// or https://: an Atom feed, or one alert; "" */
    const char *folder; /* of alerts as files *.cap and *.xml, instead */
    int64_t poll_ms;
    const struct book_feed_matter *matters; /* at least one */
    size_t matter_count;
    const char *const *geocodes; /* "UGC=MTZ014": codes of ours, for alerts without a polygon */
    size_t geocode_count;
    const char *const *hosts; /* from which its entries may come, beside the feed's own */
    size_t host_count;
    bool everywhere; /* take what is not about the district too */
    bool exercises;  /* take what is not Actual too */
};

/* ---- what others send: webhooks and tables ---- */

/* What an event is made of, as templates whose names are JSON pointers (webhooks) or columns (tables). X(member) */
#define MAPPING_TEXTS(X) \
    X(id)    /* the sender's own number of the event; needed */ \
    X(about) /* its number of an earlier one that this adds to */ \
    X(title) \
    X(text) \
    X(address) \
    X(lat) \
    X(lon) \
    X(time)         /* when it happened: ISO 8601, or seconds or milliseconds since 1970 */ \
    X(matter)       /* what it is about, in the sender's words: see matters */ \
    X(reporter)     /* who reported: kept as a pseudonym */ \
    X(contact_name) /* personal data: kept apart from the event */ \
    X(contact_phone) \
    X(contact_email) \
    X(photo_url)

struct book_mapping_attribute {
    const char *code;
    struct book_template value;
};

struct book_mapping_matter {
    const char *value; /* the sender's word; NULL: any other */
    const struct book_service *service;
    const struct book_condition *condition;
    int64_t priority;
};

struct book_mapping {
    bool is_report; /* a report, listed in public; else an alarm */
    enum event_source source;
#define MAPPING_TEMPLATE(member) struct book_template member;
    MAPPING_TEXTS(MAPPING_TEMPLATE)
#undef MAPPING_TEMPLATE
    const struct book_mapping_matter *matters;
    size_t matter_count;
    const struct book_mapping_attribute *attributes;
    size_t attribute_count;
};

struct book_hook {
    const char *name;   /* POST /hooks/NAME; the key is in the key file of that name */
    int64_t per_minute; /* messages; as many may come at once */
    int64_t window_ms;  /* how far the sender's clock may be from ours, and how old a message may be */
    int64_t body_bytes;
    struct book_mapping event;
};

struct book_table {
    const char *name;         /* POST /imports/NAME; the key is in the key file of that name */
    int64_t rows, file_bytes; /* at most in one file */
    int64_t window_ms;
    struct book_mapping event; /* names in braces are columns */
};

/* ---- Open311: what the door of residents' apps and other cities asks and tells ---- */

/* A client that was given a key: api_key is NAME.TEXT with the text of the key file of that name. */
struct book_open311_key {
    const char *name;
    int64_t per_minute; /* reports and updates; as many may come at once */
    bool updates;       /* may add updates to reports that are there */
};

struct book_open311 {
    const char *const *jurisdictions; /* what jurisdiction_id may be; none: anything, as a book is one jurisdiction */
    size_t jurisdiction_count;
    bool jurisdiction_required, key_required;
    bool is_test;                 /* "test" in the discovery: nobody acts upon what comes */
    struct book_text contact;     /* "": the district's name */
    struct book_text key_service; /* how to get a key; "": in our words */
    const struct book_open311_key *keys;
    size_t key_count;
};

/* ---- cities: to whose Open311 endpoint cases are handed on ---- */

/* Their code of a service of ours. */
struct book_city_service {
    const struct book_service *service; /* NULL: any that no row before it has */
    const char *code;
};

struct book_city {
    const char *name;         /* the api_key is in the key file of that name, if there is one */
    const char *url;          /* of its endpoint, "https://next.example/open311/v2", without a slash at its end */
    const char *jurisdiction; /* "" */
    const char *pictures;     /* address of our own door, for the addresses of pictures; "": none are handed on */
    const struct book_department *department; /* stands for it: what is dispatched to it is handed on */
    const struct book_city_service *services;
    size_t service_count;
    int64_t poll_ms;
};

/* ---- chats: bridges to group chats ---- */

/* What is done with words that may be a complaint and are not sure to be one. */
#define CHAT_UNSURES(X) \
    X(UNSURE, ASK, "ask")       /* the sender is asked */ \
    X(UNSURE, SILENT, "silent") /* nothing is said */
enum chat_unsure { CHAT_UNSURES(ENUM_VALUE) };

/* One group: where what its members report is, unless they say otherwise. */
struct book_chat_group {
    const char *id; /* of the chat system */
    struct book_text name;
    const struct book_area *area;
    const char *address;
    double lat, lon; /* only for a group as small as a place: what is reported there is merged by distance */
    bool has_position;
    bool is_english; /* it is answered in English, else in Chinese */
};

struct book_chat {
    const char *name;         /* POST /chats/NAME; the key of both ways is in the key file of that name */
    const char *callback;     /* to which answers are posted */
    const char *const *names; /* by which the bot is spoken to: "@NAME …" */
    size_t name_count;
    enum chat_unsure unsure;
    int64_t evidence_percent; /* so much must the words speak for a service, or the model's confidence does not count */
    int64_t sure_percent;     /* from this confidence of the suggestion on, words are a report */
    int64_t ask_percent;      /* from this one on they may be one */
    int64_t per_minute;       /* messages; as many may come at once */
    int64_t sender_per_hour;  /* reports and further words of one sender */
    int64_t
        together_ms; /* words and a picture that follow each other within this time belong together; so do question and answer */
    int64_t give_up_ms;            /* an answer that could not be delivered for so long is none any more */
    int64_t urge_ms;               /* one report is urged once in so long */
    int64_t window_ms, body_bytes; /* as of webhooks */
    const struct book_chat_group *groups;
    size_t group_count;
};

struct book_sources {
    struct book_open311 open311;
    const struct book_chat *chats;
    size_t chat_count;
    const struct book_city *cities;
    size_t city_count;
    const struct book_table *tables;
    size_t table_count;
    const struct book_hook *hooks;
    size_t hook_count;
    const struct book_feed *feeds;
    size_t feed_count;
    const struct book_broker *brokers;
    size_t broker_count;
    const struct book_sensor *sensors;
    size_t sensor_count;
    const struct book_sensor_rule *sensor_rules;
    size_t sensor_rule_count;
};

const struct book_sources *book_sources(const struct book *book);
/* The city whose events have this external source, "city/NAME"; NULL where there is none. */
#define BOOK_CITY_SOURCE "city/"
const struct book_city *book_city(const struct book *book, const char *source);
const struct book_sensor *book_sensor(const struct book *book, const char *id); /* NULL where there is none */
const struct book_chat_group *book_chat_group(const struct book_chat *chat,
                                              const char *id); /* NULL where there is none */
