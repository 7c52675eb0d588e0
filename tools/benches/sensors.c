/* bench-sensors: readings through the rules to durable events. Messages as a broker delivers them (topic, JSON with level, battery and time) go
 * through topic, payload and filter of drumtower-ingest; what they cause goes into the event log in rounds, as the intake commits it. The rules alone,
 * without a broker and sockets; and the same messages through mosquitto to a running drumtower-ingest.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ingest/sources/mqtt/sensors.h"
#include "tools/benches/broker.h"
#include "tools/benches/options.h"
#include "tools/benches/rig.h"

enum {
    FULL_READINGS = 1000000,
    BROKER_READINGS = 400000,
    ROUND_APPENDS = 4096,
    FLOOD_EVERY = 50000,
    FLOOD_READINGS = 500
};
static const int64_t START_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

static struct bench_options options = { .folder = "/var/tmp", .book = "examples/gulou", .scale = 20, .seed = 1 };
static int64_t round_messages = 1000;
static const char *broker_address, *broker_book, *ingest = "build/bench/ingest/drumtower-ingest";

static const struct arg args[] = {
    BENCH_ARGS(options),
    { "batch", ARG_INT, &round_messages, "N", "messages that one round of the loop reads", 1, 100000 },
    { "broker", ARG_TEXT, &broker_address, "HOST:PORT", "a mosquitto, through which they go as well", 0, 0 },
    { "broker-book", ARG_TEXT, &broker_book, "DIR", "the book that names it", 0, 0 },
    { "ingest", ARG_TEXT, &ingest, "FILE", "drumtower-ingest", 0, 0 },
};

static const struct arg_program program = {
    "bench-sensors",
    "[options]",
    "1,000,000 messages (--scale 100) of the book's water gauges through topic, payload and rules; the alarms and\n"
    "what the rules remember are durable at the end of each round.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

struct bench {
    struct sensors *sensors;
    struct event_log *log;
    struct arena arena; /* of one round */
    struct event_append batch[ROUND_APPENDS];
    size_t count;
    int64_t commits, events;
    struct watch rules, commit;
};

static void take(void *context, const struct event_append *append)
{
    struct bench *bench = context;
    bench->batch[bench->count++] = *append;
    bench->events += append->event != NULL;
}

static size_t room(void *context)
{
    return ROUND_APPENDS - ((struct bench *)context)->count;
}

static int end_round(struct bench *bench, struct fault *fault)
{
    struct watch started = watch_now();
    int result = bench->count ? event_log_append(bench->log, bench->batch, bench->count, fault) : 0;
    bench->commits += bench->count > 0;
    bench->count = 0;
    arena_reset(&bench->arena);
    watch_add(&bench->commit, started);
    return result;
}

static int64_t moment_of(int64_t n)
{
    return START_MS + n / 2 * 1000;
}

/* Two gauges in turn, a reading a second each; now and then the water stands high for some minutes. */
static size_t write_reading(int64_t n, char topic[BROKER_WORDS], char payload[BROKER_WORDS])
{
    double level = n % FLOOD_EVERY < FLOOD_READINGS ? 0.3 : 0.1;
    snprintf(topic, BROKER_WORDS, "gulou/water/wl-0%d", 1 + (int)(n % 2));
    return (size_t)snprintf(payload, BROKER_WORDS, "{\"level_m\":%.3f,\"battery_percent\":%d,\"time\":%" PRId64 "}",
                            level + (double)(n * 7919 % 100) / 2000, 60 + (int)(n % 30), moment_of(n));
}

static void read_one(struct bench *bench, const struct book_broker *broker, int64_t n)
{
    char topic[BROKER_WORDS], payload[BROKER_WORDS];
    int64_t at_ms = moment_of(n);
    struct sensor_message message = { topic, { (const uint8_t *)payload, write_reading(n, topic, payload) }, false };
    struct sensors_sink sink = { take, room, bench, &bench->arena };
    sensors_read(bench->sensors, broker, &message, at_ms, &sink, NULL);
}

/* The same messages from a publisher through the broker; how many of them is bounded by the broker, so there are fewer. */
static int run_broker(struct verdict *verdict, struct fault *fault)
{
    char folder[RIG_PATH];
    struct broker_spent spent;
    struct broker_work work = { .broker = broker_address,
                                .ingest = ingest,
                                .book = broker_book,
                                .folder = folder,
                                .readings = (int64_t)BROKER_READINGS * options.scale / 100,
                                .write = write_reading };
    int result = folder_fresh(folder, options.folder, "broker", fault);
    if (!result)
        result = broker_run(&work, &spent, fault);
    folder_remove(folder);
    if (result)
        return result;
    verdict_figure(verdict, VERDICT_WORK, "broker_readings", (double)work.readings,
                   "messages through mosquitto, QoS 1");
    verdict_figure(verdict, VERDICT_WORK, "broker_events", (double)spent.events, "alarms and their ends, durable");
    verdict_figure(verdict, VERDICT_OURS, "broker_readings_per_s", (double)work.readings * 1e6 / (double)spent.wall_us,
                   "readings a second from publisher to durable events");
    verdict_figure(verdict, VERDICT_OURS, "broker_reading_cpu_us", (double)spent.cpu_us / (double)work.readings,
                   "µs of the processor that drumtower-ingest uses for one");
    verdict_bar(verdict, "broker_readings_per_s", VERDICT_AT_LEAST, 50000);
    return 0;
}

static int run(struct bench *bench, const struct book *book, struct verdict *verdict, struct fault *fault)
{
    const struct book_broker *broker = book_sources(book)->brokers;
    int64_t readings = (int64_t)FULL_READINGS * options.scale / 100;
    char folder[RIG_PATH];
    int result = folder_fresh(folder, options.folder, "sensors", fault);
    if (!result)
        result = event_log_open(folder, STORE_READ_WRITE, &bench->log, fault);
    bench->sensors = sensors_create(book);
    for (int64_t n = 0; !result && n < readings;) {
        struct watch started = watch_now();
        for (int64_t i = 0; i < round_messages && n < readings; i++)
            read_one(bench, broker, n++);
        watch_add(&bench->rules, started);
        result = end_round(bench, fault);
    }
    int64_t all_us = bench->rules.wall_us + bench->commit.wall_us;
    verdict_figure(verdict, VERDICT_WORK, "readings", (double)readings, "messages of two gauges, five rules each");
    verdict_figure(verdict, VERDICT_WORK, "events", (double)bench->events, "alarms and their ends");
    verdict_figure(verdict, VERDICT_WORK, "commits", (double)bench->commits, "rounds that had something to keep");
    verdict_figure(verdict, VERDICT_OURS, "readings_per_s", (double)readings * 1e6 / (double)all_us,
                   "readings a second, what they cause durable");
    verdict_figure(verdict, VERDICT_OURS, "reading_cpu_us", (double)bench->rules.cpu_us / (double)readings,
                   "µs of the processor for one, through the rules");
    verdict_bar(verdict, "readings_per_s", VERDICT_AT_LEAST, 50000);
    event_log_close(bench->log);
    sensors_destroy(bench->sensors);
    arena_finish(&bench->arena);
    folder_remove(folder);
    return result;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct fault fault = { "" };
    struct verdict verdict = { .bench = "sensors" };
    struct book *book = NULL;
    int result = bench_begin(&program, argc, argv, &options, &book, &fault);
    if (result == 0)
        result = run(&bench, book, &verdict, &fault);
    if (result == 0 && broker_address)
        result = run_broker(&verdict, &fault);
    book_destroy(book);
    return bench_end(&options, &verdict, result, &fault);
}
