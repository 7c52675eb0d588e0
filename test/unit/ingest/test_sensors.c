/* Messages of sensors through a book: topics, payloads, alarms, what is remembered. */
#include <stdio.h>

#include "ingest/sources/json_pointer.h"
#include "ingest/sources/mqtt/sensors.h"
#include "ingest/sources/mqtt/topic.h"
#include "proto/base/crypto.h"
#include "test/unit/book/support.h"

#include <string.h>

static const char sources_yaml[] =
    "mqtt:\n"
    "  - name: city\n"
    "    url: mqtt://127.0.0.1\n"
    "    topics:\n"
    "      - {filter: \"t/water/{sensor}\", values: [{measure: level, at: /d/level}, {measure: battery, at: "
    "/battery}], time: /ts}\n"
    "      - {filter: \"t/{site}/smoke/{no}\", sensor: \"smoke-{site}-{no}\"}\n"
    "      - {filter: \"t/band/{sensor}/#\", values: [{measure: button, at: /event}], time: /ts, lat: /gps/0, lon: "
    "/gps/1}\n"
    "      - {filter: \"t/gate/{sensor}\", values: [{measure: truck, at: /event}], time: /ts}\n"
    "  - name: water\n"
    "    url: mqtt://127.0.0.2\n"
    "    topics: [{filter: \"t/water/{sensor}\", values: [{measure: level, at: /level}]}]\n"
    "sensors:\n"
    "  - {id: w1, kind: water, name: 石桥, lat: 39.9, lon: 116.4, area: g1, address: 桥下}\n"
    "  - {id: smoke-a-7, kind: smoke, name: 烟感, area: g2}\n"
    "  - {id: b1, kind: band, name: 手环}\n"
    "  - {id: gate, kind: gate, name: 东门}\n"
    "sensor_rules:\n"
    "  - {name: flood, kind: water, measure: level, above: 1.5, hysteresis: 0.2, service: P0101, priority: 2, "
    "tells_end: true,\n"
    "     title: \"{name}({sensor}) {value} > {level} 米\"}\n"
    "  - {name: low, kind: water, measure: battery, below: 20, service: E0101, title: \"电量 {value}\"}\n"
    "  - {name: lost, kind: water, silent_minutes: 5, tells_end: true, service: E0101, title: \"{minutes} 分钟\"}\n"
    "  - {name: fire, kind: smoke, equals: alarm, rearm_seconds: 600, service: E0101, title: 烟}\n"
    "  - {name: sos, kind: band, measure: button, equals: sos, rearm_seconds: 600, service: E0101, title: "
    "\"{{{value}}}\"}\n"
    "  - {name: truck, kind: gate, measure: truck, equals: in, each: true, service: E0101, title: 车}\n";

enum { KEPT_MAX = 64 };
static const int64_t NOW_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

/* A district that reads messages, and what came of them. */
struct district {
    struct book_folder folder;
    struct book *book;
    struct sensors *sensors;
    struct arena arena;
    struct event_append got[KEPT_MAX];
    size_t count, room;
    struct fault fault;
};

static void keep(void *context, const struct event_append *append)
{
    struct district *district = context;
    assert_true(district->count < KEPT_MAX);
    assert_true(district->room > 0);
    district->room--;
    district->got[district->count++] = *append;
}

static size_t room(void *context)
{
    return ((struct district *)context)->room;
}

static int open_district(void **state)
{
    struct district *district = calloc(1, sizeof *district);
    struct errors errors = { "" };
    struct fault fault = { "" };
    assert_int_equal(crypto_init(&fault), 0);
    book_folder_make(&district->folder);
    book_folder_write(&district->folder, "sources.yaml", sources_yaml);
    district->book = book_of(&district->folder, &errors);
    if (!district->book)
        fail_msg("%s", errors.text);
    district->sensors = sensors_create(district->book);
    district->room = KEPT_MAX;
    *state = district;
    return 0;
}

static int close_district(void **state)
{
    struct district *district = *state;
    sensors_destroy(district->sensors);
    book_destroy(district->book);
    book_folder_remove(&district->folder);
    arena_finish(&district->arena);
    free(district);
    return 0;
}

static enum sensor_read hear_at(struct district *district, const char *topic, const char *payload, int64_t now_ms)
{
    struct sensor_message message = { topic, { (const uint8_t *)payload, strlen(payload) }, false };
    struct sensors_sink sink = { keep, room, district, &district->arena };
    district->fault.text[0] = '\0';
    return sensors_read(district->sensors, book_sources(district->book)->brokers, &message, now_ms, &sink,
                        &district->fault);
}

static enum sensor_read hear(struct district *district, const char *topic, const char *payload)
{
    return hear_at(district, topic, payload, NOW_MS);
}

/* How long each broker was listened to. */
static void wait_with(struct district *district, int64_t now_ms, int64_t city_ms, int64_t water_ms)
{
    struct sensors_sink sink = { keep, room, district, &district->arena };
    sensors_tick(district->sensors, now_ms, (const int64_t[]){ city_ms, water_ms }, &sink);
}

static void wait(struct district *district, int64_t now_ms, int64_t listened_ms)
{
    wait_with(district, now_ms, listened_ms, listened_ms);
}

/* The events among what came; forgets them. */
static size_t events(struct district *district, struct event **last)
{
    size_t count = 0;
    for (size_t i = 0; i < district->count; i++)
        if (district->got[i].event) {
            count++;
            if (last)
                *last = district->got[i].event;
        }
    district->count = 0;
    return count;
}

static void pointers_find_what_rfc_6901_says(void **state)
{
    (void)state;
    static const struct {
        const char *pointer, *words;
    } rows[] = { { "/a/b", "1.5" }, { "/a~1b", "x" },  { "/m~0n", "7" },        { "/l/1", "true" }, { "/l/2", NULL },
                 { "/l/01", NULL }, { "/l/-", NULL },  { "/l/x", NULL },        { "/a", NULL },     { "/", "empty" },
                 { "/zz/y", NULL }, { "/null", NULL }, { "/i", "123456789012" } };
    json_t *document = json_loads("{\"a\": {\"b\": 1.5}, \"a/b\": \"x\", \"m~n\": 7, \"l\": [0, true], \"\": "
                                  "\"empty\", "
                                  "\"null\": null, \"i\": 123456789012}",
                                  0, NULL);
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words = json_to_words(json_pointer(document, rows[i].pointer), &arena);
        if (!rows[i].words)
            assert_null(words);
        else
            assert_string_equal(words, rows[i].words);
    }
    arena_finish(&arena);
    json_decref(document);
}

static void times_are_numbers_or_iso(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t at_ms; /* -1: none */
    } rows[] = { { "1767600000", 1767600000000 },
                 { "1767600000123", 1767600000123 },
                 { "1767600000.5", 1767600000500 },
                 { "\"2026-01-05T16:00:00+08:00\"", 1767600000000 },
                 { "\"2026-01-05T03:00:00\"", 1767600000000 }, /* on the zone's clocks, */
                 { "\"2025-07-01T04:00:00\"", 1751356800000 }, /* of the day that is told */
                 { "\"1767600000\"", 1767600000000 },
                 { "-1", -1 },
                 { "1e300", -1 },
                 { "true", -1 },
                 { "null", -1 },
                 { "\"yesterday\"", -1 } };
    struct zone *zone;
    struct fault fault = { "" };
    assert_int_equal(zone_open("America/New_York", &zone, &fault), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t at_ms = -1;
        json_t *value = json_loads(rows[i].json, JSON_DECODE_ANY, NULL);
        assert_int_equal(json_to_time(value, zone, &at_ms), rows[i].at_ms >= 0);
        assert_int_equal(at_ms, rows[i].at_ms);
        json_decref(value);
    }
    zone_destroy(zone);
}

static void topics_name_their_sensor(void **state)
{
    struct district *district = *state;
    const struct book_broker *broker = book_sources(district->book)->brokers;
    static const struct {
        const char *topic, *sensor; /* NULL: no topic has it */
    } rows[] = {
        { "t/water/w1", "w1" },  { "t/water/w1/x", NULL },  { "t/water", NULL },       { "t/a/smoke/7", "smoke-a-7" },
        { "t/band/b1", "b1" },   { "t/band/b1/x/y", "b1" }, { "t/band", NULL },        { "T/water/w1", NULL },
        { "/t/water/w1", NULL }, { "t/water/", "" },        { "$SYS/water/w1", NULL }, { "t/waters/w1", NULL }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct topic_parts parts;
        const char *sensor = NULL;
        for (size_t j = 0; j < broker->topic_count && !sensor; j++)
            if (topic_match(&broker->topics[j], rows[i].topic, &district->arena, &parts))
                sensor = topic_sensor(&parts, &district->arena);
        if (!rows[i].sensor != !sensor || (sensor && strcmp(sensor, rows[i].sensor) != 0))
            fail_msg("%s: expected %s, got %s", rows[i].topic, rows[i].sensor ? rows[i].sensor : "none",
                     sensor ? sensor : "none");
    }
    assert_string_equal(broker->topics[1].subscription, "t/+/smoke/+");
    assert_string_equal(broker->topics[2].subscription, "t/band/+/#");
}

static void an_alarm_says_what_where_and_how_urgent(void **state)
{
    struct district *district = *state;
    struct event *event = NULL;
    assert_int_equal(hear(district, "t/water/w1", "{\"d\": {\"level\": 1.4}, \"ts\": 1767599990}"), SENSOR_READ_READ);
    assert_int_equal(events(district, &event), 0);
    assert_int_equal(hear(district, "t/water/w1", "{\"d\": {\"level\": 1.62}, \"ts\": 1767599999}"), SENSOR_READ_READ);
    assert_int_equal(events(district, &event), 1);
    assert_int_equal(event->kind, EVENT_ALARM);
    assert_int_equal(event->source, SOURCE_SENSOR);
    assert_string_equal(event->service, "P0101");
    assert_string_equal(event->title, "石桥(w1) 1.62 > 1.5 米");
    assert_string_equal(event->place.area, "g1");
    assert_string_equal(event->place.address, "桥下");
    assert_true(event->place.lat > 39.8 && event->place.lon > 116.3);
    assert_int_equal(event->place.marks, 0);
    assert_int_equal(event->priority, 2);
    assert_int_equal(event->happened_at_ms, 1767599999000);
    assert_int_equal(event->received_at_ms, NOW_MS);
    assert_string_equal(event->external_source, "mqtt");
    assert_string_equal(event->external_id, "w1/flood/1767599999000");
    assert_int_equal(event->attributes.count, 4);
    assert_string_equal(event->attributes.items[3].value, "1.62");
    assert_int_equal(record_check(&event_desc, event, &district->fault), 0);
}

static void its_end_joins_the_same_case(void **state)
{
    struct district *district = *state;
    struct event *alarm = NULL, *end = NULL;
    hear(district, "t/water/w1", "{\"d\": {\"level\": 2}, \"ts\": 1767599990}");
    assert_int_equal(events(district, &alarm), 1);
    hear(district, "t/water/w1", "{\"d\": {\"level\": 1.2}, \"ts\": 1767599999}");
    assert_int_equal(events(district, &end), 1);
    assert_int_equal(end->kind, EVENT_FOLLOW_UP);
    assert_string_equal(end->external_id, alarm->external_id);
    assert_string_not_equal(end->id, alarm->id);
    assert_string_equal(end->title, "已恢复正常：1.2");
}

static void one_message_can_concern_several_rules(void **state)
{
    struct district *district = *state;
    hear(district, "t/water/w1", "{\"d\": {\"level\": 2}, \"battery\": 5, \"ts\": 1767599990}");
    assert_int_equal(events(district, NULL), 2);
}

static void the_place_may_come_with_the_message(void **state)
{
    struct district *district = *state;
    struct event *event = NULL;
    hear(district, "t/band/b1", "{\"event\": \"ok\", \"gps\": [39.91, 116.41], \"ts\": 1767599980}");
    hear(district, "t/band/b1",
         "{\"event\": \"sos\", \"gps\": [null, null], \"ts\": 1767599990}"); /* indoors: the last one */
    assert_int_equal(events(district, &event), 1);
    assert_true(event->place.lat == 39.91 && event->place.lon == 116.41);
    assert_string_equal(event->title, "{sos}}");
}

static void a_call_for_help_does_not_depend_on_its_position(void **state)
{
    struct district *district = *state;
    struct event *event = NULL;
    assert_int_equal(hear(district, "t/band/b1", "{\"ts\": 1767599999, \"event\": \"sos\", \"gps\": [999, 999]}"),
                     SENSOR_READ_READ);
    assert_string_equal(district->fault.text, "a position of sensor 'b1' (topic of sources.yaml:7) is left out: "
                                              "/gps/0, /gps/1: expected degrees");
    assert_int_equal(events(district, &event), 1);
    assert_true(place_has_mark(&event->place, MARK_NO_POSITION));
}

/* It has lost its battery and counts from 2000 on, at each beginning. */
static void a_clock_that_begins_again_is_not_believed(void **state)
{
    struct district *district = *state;
    struct event *first = NULL, *second = NULL;
    hear(district, "t/gate/gate", "{\"event\": \"in\", \"ts\": 1767599990}");
    events(district, NULL);
    assert_int_equal(hear(district, "t/gate/gate", "{\"event\": \"in\", \"ts\": 946684810}"), SENSOR_READ_READ);
    assert_int_equal(events(district, &first), 1);
    assert_int_equal(first->happened_at_ms, NOW_MS);
    hear_at(district, "t/gate/gate", "{\"event\": \"in\", \"ts\": 946684810}", NOW_MS + 3600000);
    assert_int_equal(events(district, &second), 1);
    assert_string_not_equal(first->id, second->id); /* another truck */
}

static void what_is_no_message_of_a_sensor_is_told(void **state)
{
    struct district *district = *state;
    static const struct {
        const char *topic, *payload;
        enum sensor_read result;
        const char *fault;
    } rows[] = {
        { "t/water/w9", "{}", SENSOR_READ_UNKNOWN_SENSOR, "no sensor 'w9' in the book (topic of sources.yaml:5)" },
        { "x", "1", SENSOR_READ_NO_TOPIC, "topic 'x' is none of broker 'city'" },
        { "t/water/w1", "{", SENSOR_READ_MALFORMED,
          "a message of sensor 'w1' (topic of sources.yaml:5): not JSON: string or '}' expected near end of file" },
        { "t/water/w1", "{\"d\": {\"level\": 1}}", SENSOR_READ_MALFORMED,
          "a message of sensor 'w1' (topic of sources.yaml:5): /ts: expected a time by ISO 8601, or seconds or "
          "milliseconds since "
          "1970" },
        { "t/water/w1", "{\"ts\": 1767599999}", SENSOR_READ_MALFORMED,
          "a message of sensor 'w1' (topic of sources.yaml:5): /d/level: expected a value" },
        { "t/a/smoke/7", "", SENSOR_READ_MALFORMED,
          "a message of sensor 'smoke-a-7' (topic of sources.yaml:6): the message is empty; expected a value" },
        { "t/a/smoke/7", "\xff", SENSOR_READ_MALFORMED,
          "a message of sensor 'smoke-a-7' (topic of sources.yaml:6): the value is not UTF-8" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(hear(district, rows[i].topic, rows[i].payload), rows[i].result);
        assert_string_equal(district->fault.text, rows[i].fault);
    }
    assert_int_equal(events(district, NULL), 0);
}

static void an_older_message_changes_nothing_but_what_counts_each(void **state)
{
    struct district *district = *state;
    hear(district, "t/water/w1", "{\"d\": {\"level\": 1}, \"ts\": 1767599990}");
    assert_int_equal(hear(district, "t/water/w1", "{\"d\": {\"level\": 9}, \"ts\": 1767599980}"), SENSOR_READ_LATE);
    assert_int_equal(events(district, NULL), 0);
    hear(district, "t/gate/gate", "{\"event\": \"in\", \"ts\": 1767599990}");
    assert_int_equal(hear(district, "t/gate/gate", "{\"event\": \"in\", \"ts\": 1767599980}"), SENSOR_READ_LATE);
    assert_int_equal(events(district, NULL), 2);
    /* a clock that is far ahead is not believed, and holds nothing up */
    assert_int_equal(hear(district, "t/water/w1", "{\"d\": {\"level\": 1}, \"ts\": 1999999999}"), SENSOR_READ_READ);
    assert_int_equal(hear(district, "t/water/w1", "{\"d\": {\"level\": 9}, \"ts\": 1767600000}"), SENSOR_READ_READ);
    assert_int_equal(events(district, NULL), 1);
}

static void a_message_sent_again_is_the_same_event(void **state)
{
    struct district *district = *state;
    struct event *first = NULL, *second = NULL;
    hear(district, "t/gate/gate", "{\"event\": \"in\", \"ts\": 1767599990}");
    events(district, &first);
    hear(district, "t/gate/gate", "{\"event\": \"in\", \"ts\": 1767599990}");
    assert_int_equal(events(district, &second), 1);
    assert_string_equal(first->id, second->id); /* the log refuses the second */
}

/* Where they have no time of their own: ours counts milliseconds, and a queue that empties is faster. */
static void two_messages_within_a_millisecond_are_two(void **state)
{
    struct district *district = *state;
    struct event *first = NULL, *second = NULL;
    hear(district, "t/a/smoke/7", "alarm");
    assert_int_equal(events(district, &first), 1);
    hear(district, "t/a/smoke/7", "ok");
    assert_int_equal(hear(district, "t/a/smoke/7", "alarm"), SENSOR_READ_READ);
    assert_int_equal(events(district, &second), 1);
    assert_string_not_equal(first->id, second->id);
}

/* Gives the memos of one life to the next. */
static void restart(struct district *district, struct event_memo *memos, size_t count)
{
    sensors_destroy(district->sensors);
    district->sensors = sensors_create(district->book);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sensors_recall(district->sensors,
                                        (struct bytes){ (const uint8_t *)memos[i].key, strlen(memos[i].key) },
                                        memos[i].value),
                         0);
}

static void alarms_stand_through_a_restart(void **state)
{
    struct district *district = *state;
    hear(district, "t/water/w1", "{\"d\": {\"level\": 2}, \"ts\": 1767599990}");
    assert_int_equal(district->count, 1);
    assert_int_equal(district->got[0].memo_count, 1);
    struct event_memo memo = district->got[0].memos[0];
    assert_string_equal(memo.key, "mqtt/w1/flood");
    assert_int_equal(events(district, NULL), 1);
    restart(district, &memo, 1);
    hear(district, "t/water/w1",
         "{\"d\": {\"level\": 2}, \"ts\": 1767599990}"); /* sent again: not acknowledged in time */
    hear(district, "t/water/w1", "{\"d\": {\"level\": 2.5}, \"ts\": 1767599995}");
    assert_int_equal(events(district, NULL), 0);
    restart(district, NULL, 0); /* without its memory it would be raised again, */
    hear(district, "t/water/w1", "{\"d\": {\"level\": 2}, \"ts\": 1767599990}"); /* under the same id */
    struct event *again = NULL;
    assert_int_equal(events(district, &again), 1);
    assert_string_equal(again->external_id, "w1/flood/1767599990000");
}

static void a_memory_that_nobody_needs_is_told(void **state)
{
    struct district *district = *state;
    static const char *const keys[] = { "mqtt/w1/gone", "mqtt/w9/flood", "mqtt/w1", "mqtt/", "mqtt//" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(sensors_recall(district->sensors, (struct bytes){ (const uint8_t *)keys[i], strlen(keys[i]) },
                                        (struct bytes){ (const uint8_t *)"\x81\x00\x01", 3 }),
                         1);
    assert_int_equal(sensors_recall(district->sensors, (struct bytes){ (const uint8_t *)"mqtt/w1/flood", 13 },
                                    (struct bytes){ (const uint8_t *)"\xff", 1 }),
                     1);
}

static void a_lost_sensor_is_raised_once_and_comes_back(void **state)
{
    struct district *district = *state;
    struct event *event = NULL;
    hear(district, "t/water/w1", "{\"d\": {\"level\": 1}, \"ts\": 1767600000}");
    wait(district, NOW_MS + 299000, 299000);
    assert_int_equal(events(district, NULL), 0);
    wait(district, NOW_MS + 300000, 1000);
    assert_int_equal(events(district, &event), 1);
    assert_string_equal(event->title, "5 分钟");
    assert_string_equal(event->external_id, "w1/lost/1767600000000");
    assert_int_equal(event->happened_at_ms, NOW_MS);
    wait(district, NOW_MS + 900000, 600000);
    assert_int_equal(events(district, NULL), 0);
    assert_int_equal(hear_at(district, "t/water/w1", "nonsense", NOW_MS + 901000),
                     SENSOR_READ_MALFORMED); /* it lives */
    assert_int_equal(events(district, &event), 1);
    assert_string_equal(event->title, "已恢复正常");
    assert_string_equal(event->external_id, "w1/lost/1767600000000");
    wait(district, NOW_MS + 902000, 1000);
    assert_int_equal(events(district, NULL), 0);
    wait(district, NOW_MS + 1201000, 300000);
    assert_int_equal(events(district, NULL), 1);
}

static void a_broker_that_is_away_hides_the_silence_of_its_own_sensors_alone(void **state)
{
    struct district *district = *state;
    wait_with(district, NOW_MS + 600000, 600000, 0); /* it may yet speak by the one that is away */
    assert_int_equal(events(district, NULL), 0);
    hear_at(district, "t/water/w1", "{\"d\": {\"level\": 1}}", NOW_MS + 601000);
    wait_with(district, NOW_MS + 1201000, 0, 600000); /* what it spoke by is away */
    assert_int_equal(events(district, NULL), 0);
    wait_with(district, NOW_MS + 1801000, 600000, 0);
    assert_int_equal(events(district, NULL), 1);
}

static void without_room_a_tick_stops_and_goes_on(void **state)
{
    struct district *district = *state;
    wait(district, NOW_MS, 0);
    district->room = 0;
    wait(district, NOW_MS + 300000, 300000);
    assert_int_equal(district->count, 0);
    district->room = KEPT_MAX;
    wait(district, NOW_MS + 600000, 300000);
    assert_int_equal(events(district, NULL), 1);
}

int main(void)
{
#define in_a_district(test) cmocka_unit_test_setup_teardown(test, open_district, close_district)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointers_find_what_rfc_6901_says),
        cmocka_unit_test(times_are_numbers_or_iso),
        in_a_district(topics_name_their_sensor),
        in_a_district(an_alarm_says_what_where_and_how_urgent),
        in_a_district(its_end_joins_the_same_case),
        in_a_district(one_message_can_concern_several_rules),
        in_a_district(the_place_may_come_with_the_message),
        in_a_district(a_call_for_help_does_not_depend_on_its_position),
        in_a_district(a_clock_that_begins_again_is_not_believed),
        in_a_district(what_is_no_message_of_a_sensor_is_told),
        in_a_district(an_older_message_changes_nothing_but_what_counts_each),
        in_a_district(a_message_sent_again_is_the_same_event),
        in_a_district(two_messages_within_a_millisecond_are_two),
        in_a_district(alarms_stand_through_a_restart),
        in_a_district(a_memory_that_nobody_needs_is_told),
        in_a_district(a_lost_sensor_is_raised_once_and_comes_back),
        in_a_district(a_broker_that_is_away_hides_the_silence_of_its_own_sensors_alone),
        in_a_district(without_room_a_tick_stops_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
