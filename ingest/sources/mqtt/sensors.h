/* The sensors of the book, each with its rules and what they remember: messages in, alarms and memos out. No I/O, no clock. */
#pragma once

#include "ingest/sources/mqtt/payload.h"
#include "proto/store/event_log.h"

struct sensors;

/* `book` must outlive it. */
struct sensors *sensors_create(const struct book *book);
void sensors_destroy(struct sensors *sensors); /* takes NULL */

/* What was remembered in an earlier run: a memo whose key begins with SENSORS_MEMO. 1: of a sensor or rule that the book has no more. */
#define SENSORS_MEMO "mqtt/"
int sensors_recall(struct sensors *sensors, struct bytes key, struct bytes value);

#define SENSOR_READS(X) \
    X(SENSOR_READ, READ, "read")                     /* its values went through the rules */ \
    X(SENSOR_READ, NO_TOPIC, "no_topic")             /* no topic of the book matches */ \
    X(SENSOR_READ, UNKNOWN_SENSOR, "unknown_sensor") /* the book has no such sensor */ \
    X(SENSOR_READ, MALFORMED, "malformed")           /* not what its topic says */ \
    X(SENSOR_READ, LATE, "late")                     /* older than the sensor's last one */
ENUM_DECLARE(sensor_read, SENSOR_READS)

/* Where what a message or the time caused goes: an event with the memo that belongs to it, or a memo alone. All texts live in the
 * arena given. */
struct sensors_sink {
    void (*take)(void *context, const struct event_append *append);
    size_t (*room)(void *context); /* how many more it takes */
    void *context;
    struct arena *arena;
};

/* The most appends that one message can cause. */
size_t sensors_appends_max(const struct sensors *sensors);

struct sensor_message {
    const char *topic;
    struct bytes payload;
    bool retained; /* the broker's copy of an old one: no sign of life */
};
/* There must be room for sensors_appends_max(). `fault` says what was wrong with a message that was not read, or (its
 * place) not wholly. */
enum sensor_read sensors_read(struct sensors *sensors, const struct book_broker *broker,
                              const struct sensor_message *message, int64_t now_ms, const struct sensors_sink *sink,
                              struct fault *fault);
/* Once a second or so; stops where there is no room, and goes on there the next time. `listened_ms`: of each broker, in the book's order, how long
 * it was connected since the last tick. What counts for a sensor's silence is the broker by which it spoke last; before it has spoken in this
 * run, the one that was away longest. */
void sensors_tick(struct sensors *sensors, int64_t now_ms, const int64_t *listened_ms, const struct sensors_sink *sink);
