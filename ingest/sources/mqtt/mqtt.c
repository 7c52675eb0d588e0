#include "ingest/sources/mqtt/mqtt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/mqtt/client.h"
#include "ingest/sources/mqtt/sensors.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/key_file.h"
#include "proto/base/log.h"

enum { TICK_MS = 1000, COMPLAIN_EVERY_MS = 60 * 1000 };

static struct metric alarms = METRIC_COUNTER("drumtower_mqtt_events_total", "Events that the rules made of messages "
                                                                            "and of time.");
static struct metric connections = METRIC_GAUGE("drumtower_mqtt_brokers_connected", "Brokers that are connected.");

struct connection {
    struct mqtt *mqtt;
    const struct book_broker *broker;
    struct mqtt_client *client;
    bool connected;
    char id[128];
    char reason[128]; /* that was told last */
    struct buffer password;
    const char **subscriptions;
    struct metric **reads, *drops;
};

struct mqtt {
    struct mqtt_options options;
    struct sensors *sensors;
    struct sensors_sink sink;
    struct arena arena; /* of what this round appends; the intake has done with it when our hook runs */
    struct loop_timer tick;
    struct loop_hook after_commit;
    int64_t ticked_mono_ms, complained_mono_ms;
    struct connection *connections;
    int64_t *listened_ms; /* to each, since the last tick */
    size_t count, connected;
};

/* ---- what the sensors give ---- */

static size_t room(void *context)
{
    struct mqtt *mqtt = context;
    return intake_room(mqtt->options.intake);
}

static void append(void *context, const struct event_append *append)
{
    struct mqtt *mqtt = context;
    metric_add(&alarms, append->event != NULL);
    int result = intake_add(mqtt->options.intake, append, NULL, NULL);
    if (result != INTAKE_TAKEN) /* asked before */
        abort();
}

/* ---- what the brokers give ---- */

static bool is_ready(void *context)
{
    const struct connection *connection = context;
    return room(connection->mqtt) >= sensors_appends_max(connection->mqtt->sensors);
}

/* One line a minute, however many messages are wrong: the metrics count them all. */
static void complain(struct mqtt *mqtt, const struct connection *connection, const char *reason)
{
    int64_t now_ms = clock_mono_ms();
    if (mqtt->complained_mono_ms && now_ms - mqtt->complained_mono_ms < COMPLAIN_EVERY_MS)
        return;
    mqtt->complained_mono_ms = now_ms;
    log_warn("a message, or a part of it, was not read; others like it are only counted", "broker=%s reason=\"%s\"",
             connection->broker->name, reason);
}

static bool take_message(void *context, const char *topic, struct bytes payload, bool retained)
{
    struct connection *connection = context;
    struct mqtt *mqtt = connection->mqtt;
    if (!is_ready(connection))
        return false;
    struct sensor_message message = { topic, payload, retained };
    struct fault fault = { "" };
    enum sensor_read result =
        sensors_read(mqtt->sensors, connection->broker, &message, clock_now_ms(), &mqtt->sink, &fault);
    metric_add(connection->reads[result], 1);
    if (result != SENSOR_READ_READ || *fault.text)
        complain(mqtt, connection, fault.text);
    return true;
}

static void connection_changed(void *context, bool connected, const char *reason)
{
    struct connection *connection = context;
    struct mqtt *mqtt = connection->mqtt;
    bool told = connected == connection->connected && strcmp(connection->reason, reason) == 0;
    if (connected && !*reason)
        log_info("broker connected", "broker=%s", connection->broker->name);
    else if (!told)
        log_warn(connected ? "broker refuses" : "broker not connected", "broker=%s reason=\"%s\"",
                 connection->broker->name, reason);
    snprintf(connection->reason, sizeof connection->reason, "%s", reason);
    metric_add(connection->drops, !connected);
    mqtt->connected = mqtt->connected + connected - connection->connected;
    connection->connected = connected;
    metric_set(&connections, (int64_t)mqtt->connected);
}

/* ---- time ---- */

static int tick(void *context)
{
    struct mqtt *mqtt = context;
    int64_t now_ms = clock_mono_ms(), passed_ms = now_ms - mqtt->ticked_mono_ms;
    mqtt->ticked_mono_ms = now_ms;
    for (size_t i = 0; i < mqtt->count; i++)
        mqtt->listened_ms[i] = mqtt->connections[i].connected ? passed_ms : 0;
    sensors_tick(mqtt->sensors, clock_now_ms(), mqtt->listened_ms, &mqtt->sink);
    loop_timer_arm(mqtt->options.loop, &mqtt->tick, TICK_MS);
    return 0;
}

static int forget_round(void *context)
{
    struct mqtt *mqtt = context;
    arena_reset(&mqtt->arena);
    return 0;
}

/* ---- opening ---- */

static int recall(void *context, struct bytes key, struct bytes value)
{
    struct mqtt *mqtt = context;
    if (sensors_recall(mqtt->sensors, key, value) == 1)
        log_info("a rule's memory is of no use any more", "key=%.*s", (int)key.size, (const char *)key.data);
    return 0;
}

/* A broker that cannot be asked is told and left alone: residents report all the same. */
static void leave_alone(const struct book_broker *broker, const struct fault *fault)
{
    log_error("a broker is not asked", "broker=%s reason=\"%s\"", broker->name, fault->text);
}

static void open_connection(struct mqtt *mqtt, struct connection *connection, const struct book_broker *broker)
{
    struct fault fault = { "" };
    *connection = (struct connection){
        .mqtt = mqtt,
        .broker = broker,
        .reads = source_counters("drumtower_mqtt_messages_total", "Messages of sensors, by what became of them.",
                                 "broker", broker->name, "outcome", &sensor_read_desc),
        .drops = source_counter("drumtower_mqtt_disconnects_total", "Connections to brokers that were lost or refused.",
                                "broker", broker->name, NULL, NULL),
    };
    snprintf(connection->id, sizeof connection->id, "drumtower-%s-%s", mqtt->options.book->code, broker->name);
    if (*broker->user && key_file_read(mqtt->options.keys, broker->name, &connection->password, &fault) < 0) {
        leave_alone(broker, &fault);
        return;
    }
    connection->subscriptions = calloc(broker->topic_count + 1, sizeof *connection->subscriptions);
    if (!connection->subscriptions)
        abort();
    for (size_t i = 0; i < broker->topic_count; i++)
        connection->subscriptions[i] = broker->topics[i].subscription;
    int result = mqtt_client_open(&(struct mqtt_client_options){ .loop = mqtt->options.loop,
                                                                 .id = connection->id,
                                                                 .host = broker->host,
                                                                 .port = broker->port,
                                                                 .tls = broker->tls,
                                                                 .ca_file = broker->ca_file,
                                                                 .user = broker->user,
                                                                 .password = buffer_string(&connection->password),
                                                                 .keep_alive_seconds = broker->keep_alive_seconds,
                                                                 .subscriptions = connection->subscriptions,
                                                                 .subscription_count = broker->topic_count,
                                                                 .message = take_message,
                                                                 .ready = is_ready,
                                                                 .connected = connection_changed,
                                                                 .context = connection },
                                  &connection->client, &fault);
    if (result < 0)
        leave_alone(broker, &fault);
}

static void register_metrics(void)
{
    metric_register(&alarms);
    metric_register(&connections);
}

int mqtt_open(const struct mqtt_options *options, struct mqtt **out, struct fault *fault)
{
    const struct book_sources *sources = book_sources(options->book);
    *out = NULL;
    if (!sources->broker_count)
        return 0;
    struct mqtt *mqtt = calloc(1, sizeof *mqtt);
    if (!mqtt || !(mqtt->connections = calloc(sources->broker_count, sizeof *mqtt->connections)) ||
        !(mqtt->listened_ms = calloc(sources->broker_count, sizeof *mqtt->listened_ms)))
        abort();
    *out = mqtt;
    mqtt->options = *options;
    mqtt->sensors = sensors_create(options->book);
    mqtt->sink = (struct sensors_sink){ append, room, mqtt, &mqtt->arena };
    mqtt->tick = (struct loop_timer){ .fire = tick, .context = mqtt };
    mqtt->after_commit = (struct loop_hook){ .run = forget_round, .context = mqtt };
    mqtt->ticked_mono_ms = clock_mono_ms();
    register_metrics();
    int result = event_log_memos(options->log, SENSORS_MEMO, recall, mqtt, fault);
    loop_add_hook(options->loop, &mqtt->after_commit);
    loop_timer_arm(options->loop, &mqtt->tick, TICK_MS);
    mqtt->count = sources->broker_count;
    for (size_t i = 0; !result && i < mqtt->count; i++)
        open_connection(mqtt, &mqtt->connections[i], &sources->brokers[i]);
    return result;
}

void mqtt_close(struct mqtt *mqtt)
{
    if (!mqtt)
        return;
    loop_timer_disarm(mqtt->options.loop, &mqtt->tick);
    for (size_t i = 0; i < mqtt->count; i++) {
        struct connection *connection = &mqtt->connections[i];
        mqtt_client_close(connection->client);
        buffer_finish(&connection->password);
        free(connection->subscriptions);
        free(connection->reads);
    }
    sensors_destroy(mqtt->sensors);
    arena_finish(&mqtt->arena);
    free(mqtt->listened_ms);
    free(mqtt->connections);
    free(mqtt);
}
