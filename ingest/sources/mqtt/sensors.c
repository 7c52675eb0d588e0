#include "ingest/sources/mqtt/sensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/enrich/locate.h"
#include "ingest/sources/external.h"
#include "ingest/sources/mqtt/topic.h"
#include "proto/base/timestamp.h"

ENUM_DEFINE(sensor_read, SENSOR_READS)

enum { AHEAD_MS = 5 * MS_PER_MINUTE, ATTRIBUTES = 4, WORD_BYTES = 40 };

static const int64_t OLD_MS = 366 * (int64_t)MS_PER_DAY;

#define EXTERNAL_SOURCE "mqtt"

struct sensor {
    const struct book_sensor *book;
    struct filter *filters;
    size_t filter_count;
    const struct book_broker *broker; /* by which it spoke last; NULL: it has not yet */
    int64_t last_ms;                  /* its newest message, on its own clock */
    bool has_place;                   /* a message said where it is */
    double lat, lon;
};

struct sensors {
    const struct book *book;
    struct sensor *items; /* in the order of the book's */
    size_t count, most_filters;
    struct filter *filters; /* of all */
    size_t tick_first;      /* where the last tick stopped for want of room */
    struct arena scratch;
};

static size_t rules_of(const struct book_sources *sources, const struct book_sensor *sensor, struct filter *filters)
{
    size_t count = 0;
    for (size_t i = 0; i < sources->sensor_rule_count; i++)
        if (strcmp(sources->sensor_rules[i].kind, sensor->kind) == 0)
            filters[count++] = (struct filter){ .rule = &sources->sensor_rules[i] };
    return count;
}

struct sensors *sensors_create(const struct book *book)
{
    const struct book_sources *sources = book_sources(book);
    struct sensors *sensors = calloc(1, sizeof *sensors);
    size_t most = sources->sensor_count * sources->sensor_rule_count + 1;
    if (!sensors || !(sensors->items = calloc(sources->sensor_count + 1, sizeof *sensors->items)) ||
        !(sensors->filters = calloc(most, sizeof *sensors->filters)))
        abort();
    sensors->book = book;
    sensors->count = sources->sensor_count;
    struct filter *next = sensors->filters;
    for (size_t i = 0; i < sensors->count; i++) {
        struct sensor *sensor = &sensors->items[i];
        *sensor = (struct sensor){ .book = &sources->sensors[i], .filters = next };
        next += sensor->filter_count = rules_of(sources, sensor->book, next);
        if (sensor->filter_count > sensors->most_filters)
            sensors->most_filters = sensor->filter_count;
    }
    return sensors;
}

void sensors_destroy(struct sensors *sensors)
{
    if (!sensors)
        return;
    arena_finish(&sensors->scratch);
    free(sensors->filters);
    free(sensors->items);
    free(sensors);
}

size_t sensors_appends_max(const struct sensors *sensors)
{
    return sensors->most_filters;
}

static struct sensor *find_sensor(struct sensors *sensors, const char *id)
{
    const struct book_sensor *found = book_sensor(sensors->book, id);
    return found ? &sensors->items[found - book_sources(sensors->book)->sensors] : NULL;
}

/* ---- memos: mqtt/SENSOR/RULE ---- */

static struct filter *find_filter(struct sensors *sensors, const char *key)
{
    const char *slash = strrchr(key, '/'), *from = key + sizeof SENSORS_MEMO - 1;
    if (!slash || slash < from)
        return NULL;
    struct sensor *sensor = find_sensor(sensors, arena_text(&sensors->scratch, from, (size_t)(slash - from)));
    for (size_t i = 0; sensor && i < sensor->filter_count; i++)
        if (strcmp(sensor->filters[i].rule->name, slash + 1) == 0)
            return &sensor->filters[i];
    return NULL;
}

int sensors_recall(struct sensors *sensors, struct bytes key, struct bytes value)
{
    arena_reset(&sensors->scratch);
    struct filter *filter = find_filter(sensors, arena_text(&sensors->scratch, (const char *)key.data, key.size));
    struct filter_state state;
    if (!filter || record_decode(&filter_state_desc, value, &sensors->scratch, &state, NULL) < 0)
        return 1;
    state.extra = (struct record_extra){ 0 };
    filter->state = filter->kept = state;
    return 0;
}

static struct event_memo *memo_of(const struct sensor *sensor, struct filter *filter, struct arena *arena)
{
    struct buffer bytes = { 0 };
    struct event_memo *memo = arena_alloc(arena, sizeof *memo);
    record_encode(&filter_state_desc, &filter->state, &bytes);
    memo->key = arena_format(arena, SENSORS_MEMO "%s/%s", sensor->book->id, filter->rule->name);
    memo->value =
        (struct bytes){ (const uint8_t *)arena_text(arena, (const char *)bytes.bytes, bytes.size), bytes.size };
    buffer_finish(&bytes);
    filter->kept = filter->state;
    return memo;
}

/* ---- alarms ---- */

/* What an event is made of. */
struct alarm {
    const struct sensor *sensor;
    const struct filter *filter;
    const char *value; /* of the reading that decided */
    struct arena *arena;
};

static const char *title_value(void *context, const char *name)
{
    const struct alarm *alarm = context;
    const struct book_sensor_rule *rule = alarm->filter->rule;
    if (strcmp(name, "name") == 0)
        return alarm->sensor->book->name.zh;
    if (strcmp(name, "sensor") == 0)
        return alarm->sensor->book->id;
    if (strcmp(name, "value") == 0)
        return alarm->value;
    if (strcmp(name, "level") == 0)
        return arena_format(alarm->arena, "%g", rule->level);
    return arena_format(alarm->arena, "%" PRId64, rule->silent_ms / MS_PER_MINUTE);
}

static struct place place_of(const struct sensors *sensors, const struct sensor *sensor)
{
    const struct book_sensor *book = sensor->book;
    struct place place = { .lat = book->lat, .lon = book->lon, .address = book->address, .area = "" };
    if (sensor->has_place) {
        place.lat = sensor->lat;
        place.lon = sensor->lon;
    }
    locate_place(sensors->book, sensor->has_place || book->has_position, &place);
    if (!sensor->has_place && book->area) { /* the book knows better than a point */
        place.area = book->area->code;
        place.marks &= ~(1 << MARK_OUTSIDE);
    }
    return place;
}

static void add_attributes(struct event *event, const struct alarm *alarm)
{
    const char *const pairs[ATTRIBUTES][2] = {
        { "sensor", alarm->sensor->book->id },
        { "rule", alarm->filter->rule->name },
        { "measure", alarm->filter->rule->measure },
        { "value", alarm->value },
    };
    event->attributes.items = arena_array(alarm->arena, ATTRIBUTES, sizeof *event->attributes.items);
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (*pairs[i][1])
            event->attributes.items[event->attributes.count++] =
                (struct attribute){ .code = pairs[i][0], .value = pairs[i][1] };
}

static const char *end_words(const struct sensors *sensors, const struct alarm *alarm)
{
    bool chinese = book_speaks_chinese(sensors->book);
    const char *words = chinese ? "已恢复正常" : "back to normal", *colon = chinese ? "：" : ": ";
    return arena_format(alarm->arena, "%s%s%s", words, *alarm->value ? colon : "", alarm->value);
}

/* An alarm, or (`ended`) what is added to its case. Its number tells sensor, rule and the reading that began it. */
static struct event *event_of(const struct sensors *sensors, const struct alarm *alarm, int64_t since_ms, bool ended,
                              int64_t now_ms)
{
    const struct book_sensor_rule *rule = alarm->filter->rule;
    struct event *event = arena_alloc(alarm->arena, sizeof *event);
    const char *thing = arena_format(alarm->arena, "%s/%s/%" PRId64, alarm->sensor->book->id, rule->name, since_ms);
    *event = (struct event){
        .kind = ended ? EVENT_FOLLOW_UP : EVENT_ALARM,
        .source = SOURCE_SENSOR,
        .service = rule->service->code,
        .condition = rule->condition ? rule->condition->code : "",
        .title =
            ended ? end_words(sensors, alarm) : template_fill(&rule->title, title_value, (void *)alarm, alarm->arena),
        .place = place_of(sensors, alarm->sensor),
        .reporter = alarm->sensor->book->id,
        .happened_at_ms = ended ? now_ms : since_ms,
        .received_at_ms = now_ms,
        .priority = ended ? 0 : rule->priority,
    };
    locate_time(event->happened_at_ms, now_ms, &event->place);
    add_attributes(event, alarm);
    external_identify(event, "mqtt", EXTERNAL_SOURCE, thing,
                      ended ? arena_format(alarm->arena, "%s/end", thing) : thing, alarm->arena);
    return event;
}

/* Hands on what came of a reading or a tick: an event with its memo, a memo alone, or nothing. */
static void settle(const struct sensors *sensors, const struct sensor *sensor, struct filter *filter,
                   enum filter_outcome outcome, int64_t began_ms, const char *value, int64_t now_ms,
                   const struct sensors_sink *sink)
{
    if (outcome == FILTER_NOTHING && !filter_must_keep(filter))
        return;
    struct alarm alarm = { sensor, filter, value, sink->arena };
    struct event_append append = { .memos = memo_of(sensor, filter, sink->arena), .memo_count = 1 };
    if (outcome == FILTER_RAISED)
        append.event = event_of(sensors, &alarm, filter->state.since_ms, false, now_ms);
    else if (outcome == FILTER_ENDED && filter->rule->tells_end)
        append.event = event_of(sensors, &alarm, began_ms, true, now_ms);
    sink->take(sink->context, &append);
}

/* ---- messages ---- */

/* The sensor's time where it says one that can be; else ours. A clock that lost its battery begins again at 1970 or 2000: all that it tells would
 * be late, and its alarms would have the numbers of those after its last beginning. By our clock no two messages are of the same millisecond:
 * the second would be taken for the first one, sent again. */
static int64_t reading_time(const struct sensor *sensor, const struct payload *payload, int64_t now_ms)
{
    bool can_be = payload->has_time && payload->at_ms <= now_ms + AHEAD_MS && payload->at_ms >= now_ms - OLD_MS;
    if (can_be)
        return payload->at_ms;
    return now_ms > sensor->last_ms ? now_ms : sensor->last_ms + 1;
}

/* Words of a value for titles and attributes: a number as short as it can be, a long text cut. */
static const char *value_words(const struct filter_reading *reading, struct arena *arena)
{
    if (reading->is_number)
        return arena_format(arena, "%g", reading->value);
    size_t length = strnlen(reading->word, WORD_BYTES);
    while (length == WORD_BYTES && ((unsigned char)reading->word[length] & 0xc0) == 0x80)
        length--;
    return arena_text(arena, reading->word, length);
}

/* A late reading says nothing of how things are now; only what counts each message takes it. */
static void read_value(struct sensors *sensors, const struct sensor *sensor, const char *measure,
                       const struct filter_reading *reading, bool late, int64_t now_ms, const struct sensors_sink *sink)
{
    for (size_t i = 0; i < sensor->filter_count; i++) {
        struct filter *filter = &sensor->filters[i];
        const struct book_sensor_rule *rule = filter->rule;
        if (rule->test == SENSOR_SILENT_MINUTES || strcmp(rule->measure, measure) != 0 ||
            (rule->test != SENSOR_EQUALS && !reading->is_number) || (late && !rule->each))
            continue;
        int64_t began_ms = filter->state.since_ms;
        enum filter_outcome outcome = filter_read(filter, reading, now_ms);
        if (outcome != FILTER_NOTHING || filter_must_keep(filter))
            settle(sensors, sensor, filter, outcome, began_ms, value_words(reading, sink->arena), now_ms, sink);
    }
}

static void sign_of_life(struct sensors *sensors, const struct sensor *sensor, int64_t now_ms,
                         const struct sensors_sink *sink)
{
    static const struct filter_reading any = { .word = "" };
    for (size_t i = 0; i < sensor->filter_count; i++) {
        struct filter *filter = &sensor->filters[i];
        if (filter->rule->test != SENSOR_SILENT_MINUTES)
            continue;
        int64_t began_ms = filter->state.since_ms;
        settle(sensors, sensor, filter, filter_read(filter, &any, now_ms), began_ms, "", now_ms, sink);
    }
}

static enum sensor_read read_message(struct sensors *sensors, const struct book_broker *broker,
                                     const struct topic_parts *parts, const struct sensor_message *message,
                                     int64_t now_ms, const struct sensors_sink *sink, struct fault *fault)
{
    const struct book_topic *topic = parts->topic;
    const char *id = topic_sensor(parts, &sensors->scratch);
    struct sensor *sensor = find_sensor(sensors, id);
    if (!sensor) {
        fault_set(fault, -ENOENT, "no sensor '%.64s' in the book (topic of %s)", id, topic->rule);
        return SENSOR_READ_UNKNOWN_SENSOR;
    }
    if (!message->retained) {
        sensor->broker = broker;
        sign_of_life(sensors, sensor, now_ms, sink);
    }
    struct payload payload;
    int result = payload_read(topic, message->payload, sensors->book->zone, &sensors->scratch, &payload, fault);
    if (result < 0) {
        fault_prefix(fault, result, "a message of sensor '%s' (topic of %s)", id, topic->rule);
        return SENSOR_READ_MALFORMED;
    }
    if (payload.no_place)
        fault_set(fault, -EINVAL, "a position of sensor '%s' (topic of %s) is left out: %s, %s: expected degrees", id,
                  topic->rule, topic->lat, topic->lon);
    int64_t at_ms = reading_time(sensor, &payload, now_ms);
    bool late = at_ms < sensor->last_ms;
    if (!late)
        sensor->last_ms = at_ms;
    if (!late && payload.has_place) {
        sensor->has_place = true;
        sensor->lat = payload.lat;
        sensor->lon = payload.lon;
    }
    for (size_t i = 0; i < topic->value_count; i++) {
        payload.readings[i].at_ms = at_ms;
        if (payload.readings[i].word)
            read_value(sensors, sensor, topic->values[i].measure, &payload.readings[i], late, now_ms, sink);
    }
    if (late)
        fault_set(fault, -ESTALE, "sensor '%s' said something newer before", id);
    return late ? SENSOR_READ_LATE : SENSOR_READ_READ;
}

enum sensor_read sensors_read(struct sensors *sensors, const struct book_broker *broker,
                              const struct sensor_message *message, int64_t now_ms, const struct sensors_sink *sink,
                              struct fault *fault)
{
    arena_reset(&sensors->scratch);
    for (size_t i = 0; i < broker->topic_count; i++) {
        struct topic_parts parts;
        if (topic_match(&broker->topics[i], message->topic, &sensors->scratch, &parts))
            return read_message(sensors, broker, &parts, message, now_ms, sink, fault);
    }
    fault_set(fault, -ENOENT, "topic '%.100s' is none of broker '%s'", message->topic, broker->name);
    return SENSOR_READ_NO_TOPIC;
}

/* False: no room for what came of it. */
static bool tick_sensor(struct sensors *sensors, const struct sensor *sensor, int64_t now_ms, int64_t listened_ms,
                        const struct sensors_sink *sink)
{
    if (sink->room(sink->context) < sensor->filter_count)
        return false;
    for (size_t i = 0; i < sensor->filter_count; i++) {
        struct filter *filter = &sensor->filters[i];
        int64_t began_ms = filter->state.since_ms;
        enum filter_outcome outcome = filter_tick(filter, now_ms, listened_ms);
        if (outcome == FILTER_NOTHING && !filter_must_keep(filter))
            continue;
        struct filter_reading last = { .value = filter->state.value,
                                       .is_number = filter->rule->test != SENSOR_EQUALS,
                                       .word = filter->rule->word };
        bool silence = filter->rule->test == SENSOR_SILENT_MINUTES;
        settle(sensors, sensor, filter, outcome, began_ms, silence ? "" : value_words(&last, sink->arena), now_ms,
               sink);
    }
    return true;
}

void sensors_tick(struct sensors *sensors, int64_t now_ms, const int64_t *listened_ms, const struct sensors_sink *sink)
{
    const struct book_sources *sources = book_sources(sensors->book);
    int64_t to_all_ms = INT64_MAX;
    for (size_t i = 0; i < sources->broker_count; i++)
        to_all_ms = listened_ms[i] < to_all_ms ? listened_ms[i] : to_all_ms;
    for (size_t i = 0; i < sensors->count; i++) {
        size_t at = (sensors->tick_first + i) % sensors->count;
        const struct sensor *sensor = &sensors->items[at];
        int64_t to_it_ms = sensor->broker ? listened_ms[sensor->broker - sources->brokers] : to_all_ms;
        if (!tick_sensor(sensors, sensor, now_ms, to_it_ms, sink)) {
            sensors->tick_first = at;
            return;
        }
    }
}
