/* The one room of libmosquitto: an MQTT 3.1.1 client in our loop, with QoS 1 and a durable session, that acknowledges when told.
 *
 * libmosquitto (2.0.11) makes the acknowledgement of a message before it calls back, and writes it at once, unless it believes that
 * another thread does the writing (mosquitto_threaded_set). Then it only queues; nothing leaves before mosquitto_loop_write(), which
 * is called from the loop's hook alone. So the order is: messages → callbacks → the intake's hook commits what they caused → our hook
 * lets the acknowledgements out. What was not acknowledged, the broker sends again after a reconnect or restart.
 *
 * The broker sends no more than its max_inflight_messages (mosquitto's default: 20) without an acknowledgement, and keeps
 * max_queued_messages (1,000) for us while we are away; a district sets both higher.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"

struct mqtt_client;

struct mqtt_client_options {
    struct loop *loop;
    const char *id; /* of the session at the broker: the same after a restart, and nobody else's */
    const char *host;
    int port;
    bool tls;
    const char *ca_file;         /* "": the system's */
    const char *user, *password; /* "": none */
    int64_t keep_alive_seconds;
    const char *const *subscriptions;
    size_t subscription_count;
    /* One message; false: it cannot be taken now. The connection is then given up unacknowledged, and the broker sends it again. */
    bool (*message)(void *context, const char *topic, struct bytes payload, bool retained);
    /* May one more message be read in this round? */
    bool (*ready)(void *context);
    void (*connected)(void *context, bool connected, const char *reason);
    void *context;
};

/* <0: these options cannot be (a CA file that is none …); the client is there all the same, connects to nobody and is to be closed.
 * Dials at once, and again with growing pauses (1 to 30 s). Open it after the intake: hooks run in the order of opening. Texts and
 * lists must live as long as the client. */
int mqtt_client_open(const struct mqtt_client_options *options, struct mqtt_client **client, struct fault *fault);
void mqtt_client_close(struct mqtt_client *client); /* takes NULL; the loop must not run any more */
