#include "tools/benches/broker.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/buffer.h"
#include "proto/base/clock.h"
#include "proto/record/codec.h"
#include "tools/benches/served.h"
#include "tools/benches/wire.h"

/* The broker's queue has no bound; `AHEAD` is what the publisher has not yet had acknowledged. */
enum { CHUNK = 500, AHEAD = 2000, PATIENCE_MS = 10000, LOOK_MS = 10 };
/* MQTT 3.1.1, section 2.2 */
enum { CONNECT = 0x10, CONNACK = 0x20, PUBLISH_ONCE = 0x32, PUBACK = 0x40, ACK_BYTES = 4 };

/* ---- the publisher ---- */

struct publisher {
    const struct broker_work *work;
    int fd;
    int64_t sent;
    int64_t acknowledged_bytes;
    struct buffer bytes;
    struct fault *fault;
};

static void put_text(struct buffer *bytes, const char *text, size_t size)
{
    uint8_t length[2] = { (uint8_t)(size >> 8), (uint8_t)size };
    buffer_append(bytes, length, sizeof length);
    buffer_append(bytes, text, size);
}

static void put_head(struct buffer *bytes, uint8_t kind, size_t size)
{
    uint8_t head[3] = { kind, (uint8_t)(size & 127), (uint8_t)(size >> 7) };
    assert(size < 128 * 128);
    head[1] |= head[2] ? 128 : 0;
    buffer_append(bytes, head, head[2] ? 3 : 2);
}

static void put_reading(struct buffer *bytes, const struct broker_work *work, int64_t n)
{
    char topic[BROKER_WORDS], payload[BROKER_WORDS];
    size_t payload_size = work->write(n, topic, payload), topic_size = strlen(topic);
    uint16_t number = (uint16_t)(n % UINT16_MAX + 1);
    uint8_t id[2] = { (uint8_t)(number >> 8), (uint8_t)number };
    put_head(bytes, PUBLISH_ONCE, 2 + topic_size + sizeof id + payload_size);
    put_text(bytes, topic, topic_size);
    buffer_append(bytes, id, sizeof id);
    buffer_append(bytes, payload, payload_size);
}

static int send_all(struct publisher *publisher)
{
    for (size_t at = 0; at < publisher->bytes.size;) {
        ssize_t sent = send(publisher->fd, publisher->bytes.bytes + at, publisher->bytes.size - at, MSG_NOSIGNAL);
        if (sent < 0)
            return fault_set(publisher->fault, -errno, "broker: %s", strerror(errno));
        at += (size_t)sent;
    }
    buffer_clear(&publisher->bytes);
    return 0;
}

/* Acknowledgements are four bytes each and nothing else comes. */
static int hear(struct publisher *publisher)
{
    uint8_t bytes[4096];
    struct pollfd ready = { .fd = publisher->fd, .events = POLLIN };
    if (poll(&ready, 1, PATIENCE_MS) <= 0)
        return fault_set(publisher->fault, -ETIMEDOUT, "broker: no acknowledgement within %d s", PATIENCE_MS / 1000);
    ssize_t got = recv(publisher->fd, bytes, sizeof bytes, 0);
    if (got <= 0)
        return fault_set(publisher->fault, -EIO, "broker: %s", got < 0 ? strerror(errno) : "closed");
    publisher->acknowledged_bytes += got;
    return 0;
}

static int enter(struct publisher *publisher)
{
    static const uint8_t clean_session[] = { 4, 2, 0, 0 };
    put_head(&publisher->bytes, CONNECT, 6 + sizeof clean_session + 7);
    put_text(&publisher->bytes, "MQTT", 4);
    buffer_append(&publisher->bytes, clean_session, sizeof clean_session);
    put_text(&publisher->bytes, "bench", 5);
    uint8_t answer[ACK_BYTES] = { 0 };
    int result = send_all(publisher);
    if (!result &&
        (recv(publisher->fd, answer, sizeof answer, MSG_WAITALL) != sizeof answer || *answer != CONNACK || answer[3]))
        result = fault_set(publisher->fault, -EPROTO, "broker: does not let the publisher in");
    return result;
}

static int publish_all(struct publisher *publisher)
{
    int64_t readings = publisher->work->readings;
    int result = 0;
    while (!result && publisher->acknowledged_bytes < readings * ACK_BYTES) {
        if (publisher->sent == readings || publisher->sent - publisher->acknowledged_bytes / ACK_BYTES > AHEAD) {
            result = hear(publisher);
            continue;
        }
        for (int i = 0; i < CHUNK && publisher->sent < readings; i++)
            put_reading(&publisher->bytes, publisher->work, publisher->sent++);
        result = send_all(publisher);
    }
    return result;
}

/* ---- drumtower-ingest ---- */

struct figures {
    int64_t connected, read, waiting, events;
};

static int look(const char *address, struct figures *figures, struct fault *fault)
{
    const struct served_figure wanted[] = {
        { "drumtower_mqtt_brokers_connected", &figures->connected },
        { "drumtower_mqtt_messages_total{broker=\"city\",outcome=\"read\"}", &figures->read },
        { "drumtower_ingest_reports_waiting", &figures->waiting },
        { "drumtower_ingest_events_total", &figures->events },
    };
    return served_figures(address, wanted, sizeof wanted / sizeof *wanted, fault);
}

/* Until it is connected and has read so many, and nothing waits for its commit. */
static int wait_for(const char *address, int64_t readings, struct figures *figures, struct fault *fault)
{
    int64_t before = -1, since_ms = clock_mono_ms();
    for (;;) {
        int result = look(address, figures, fault);
        if (result)
            return result;
        if (figures->connected && figures->read >= readings && !figures->waiting)
            return 0;
        if (figures->read != before)
            since_ms = clock_mono_ms();
        before = figures->read;
        if (clock_mono_ms() - since_ms > PATIENCE_MS)
            return fault_set(fault, -ETIMEDOUT, "drumtower-ingest has read %lld of %lld messages, and no more come",
                             (long long)figures->read, (long long)readings);
        poll(NULL, 0, LOOK_MS);
    }
}

static int measure(const struct broker_work *work, const struct served *ingest, struct broker_spent *spent,
                   struct fault *fault)
{
    struct figures figures = { 0 };
    char address[SERVED_ADDRESS];
    served_address(ingest, address);
    struct publisher publisher = { .work = work, .fd = wire_connect(work->broker, fault), .fault = fault };
    int result = publisher.fd < 0 ? publisher.fd : wait_for(address, 0, &figures, fault);
    if (!result)
        result = enter(&publisher);
    int64_t began_us = clock_mono_us(), cpu_us = served_cpu_us(ingest);
    if (!result)
        result = publish_all(&publisher);
    if (!result)
        result = wait_for(address, work->readings, &figures, fault);
    *spent = (struct broker_spent){ clock_mono_us() - began_us, served_cpu_us(ingest) - cpu_us, figures.events };
    buffer_finish(&publisher.bytes);
    if (publisher.fd >= 0)
        close(publisher.fd);
    return result;
}

int broker_run(const struct broker_work *work, struct broker_spent *spent, struct fault *fault)
{
    char port[16];
    served_bus_port(port);
    const char *const args[] = { work->ingest, "--data", work->folder, "--book",      work->book,
                                 "--bus-port", port,     "--listen",   "127.0.0.1:0", NULL };
    struct served ingest;
    int result = served_start(&ingest, args, "msg=\"listening\"", fault);
    if (result)
        return result;
    result = measure(work, &ingest, spent, fault);
    served_stop(&ingest);
    return result;
}
