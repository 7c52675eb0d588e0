/* Messages of sensors: topics, payloads, rules. What comes of them fits the log.
 *
 * Input: a message a line, its topic and, after the first blank, its payload; the clock goes on by half a minute a line. */
#include <assert.h>
#include <string.h>

#include "ingest/sources/mqtt/sensors.h"
#include "test/fuzz/fuzz.h"

static const char sources_yaml[] =
    "mqtt:\n"
    "  - name: city\n"
    "    url: mqtt://127.0.0.1\n"
    "    topics:\n"
    "      - {filter: \"w/{sensor}\", values: [{measure: level, at: /d/level}, {measure: battery, at: /b}], time: "
    "/ts}\n"
    "      - {filter: \"s/{site}/smoke/{no}\", sensor: \"smoke-{site}-{no}\"}\n"
    "      - {filter: \"band/{sensor}/#\", values: [{measure: button, at: /e}], time: /ts, lat: /gps/0, lon: /gps/1}\n"
    "      - {filter: \"+/gate/{sensor}\", values: [{measure: truck}]}\n"
    "sensors:\n"
    "  - {id: w1, kind: water, name: 石桥, lat: 39.9, lon: 116.4, area: g1, address: 桥下}\n"
    "  - {id: smoke-a-7, kind: smoke, name: 烟感, area: g2}\n"
    "  - {id: b1, kind: band, name: 手环}\n"
    "  - {id: gate, kind: gate, name: 东门}\n"
    "sensor_rules:\n"
    "  - {name: flood, kind: water, measure: level, above: 1.5, hysteresis: 0.2, service: P0101, priority: 2, "
    "tells_end: true, title: \"{name}({sensor}) {value} > {level}\"}\n"
    "  - {name: rise, kind: water, measure: level, rises_per_minute: 0.5, over_seconds: 60, service: P0101, title: "
    "\"{value}\"}\n"
    "  - {name: low, kind: water, measure: battery, below: 20, delay_seconds: 60, service: E0101, title: \"{value}\"}\n"
    "  - {name: lost, kind: water, silent_minutes: 5, tells_end: true, service: E0101, title: \"{minutes}\"}\n"
    "  - {name: fire, kind: smoke, equals: alarm, rearm_seconds: 600, service: E0101, title: 烟}\n"
    "  - {name: sos, kind: band, measure: button, equals: sos, each: true, service: E0101, title: \"{{{value}}}\"}\n"
    "  - {name: truck, kind: gate, measure: truck, equals: in, service: E0101, title: \"{value}\"}\n";

enum { LINES_MAX = 200 };
static const int64_t START_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

static void take(void *context, const struct event_append *append)
{
    struct fault fault = { "" };
    size_t *left = context;
    assert((*left)-- > 0);
    assert(append->event || append->memo_count);
    if (append->event)
        assert(record_check(&event_desc, append->event, &fault) == 0);
    for (size_t i = 0; i < append->memo_count; i++)
        fuzz_touch(append->memos[i].value.data, append->memos[i].value.size);
}

static size_t room(void *context)
{
    return *(const size_t *)context;
}

static void hear(struct sensors *sensors, const struct book *book, const char *line, int64_t now_ms,
                 struct arena *arena)
{
    struct fault fault = { "" };
    size_t left = sensors_appends_max(sensors), topic_size = strcspn(line, " ");
    const char *payload = line + topic_size + (line[topic_size] == ' ');
    struct sensors_sink sink = { take, room, &left, arena };
    struct sensor_message message = {
        .topic = arena_text(arena, line, topic_size),
        .payload = { (const uint8_t *)payload, strlen(payload) },
        .retained = topic_size % 8 == 7,
    };
    enum sensor_read read = sensors_read(sensors, book_sources(book)->brokers, &message, now_ms, &sink, &fault);
    bool nobody = read == SENSOR_READ_NO_TOPIC || read == SENSOR_READ_UNKNOWN_SENSOR;
    assert(!nobody || left == sensors_appends_max(sensors));
    sensors_tick(sensors, now_ms, (const int64_t[]){ 30000 }, &sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const files[][2] = { { "sources.yaml", sources_yaml } };
    static struct book *book;
    if (!book) {
        fuzz_quiet();
        book = FUZZ_BOOK(files);
    }
    struct sensors *sensors = sensors_create(book);
    struct arena arena = { 0 };
    struct bytes rest = { data, size };
    for (int64_t i = 0; rest.size && i < LINES_MAX; i++)
        hear(sensors, book, fuzz_line(&rest, &arena), START_MS + i * 30000, &arena);
    sensors_destroy(sensors);
    arena_finish(&arena);
    return 0;
}
