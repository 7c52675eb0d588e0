/* Doorbells: "there is something new up to this sequence number". The truth is in the store; a doorbell that was lost costs nothing
 * but the wait for the next one or for the heartbeat (1 s).
 *   BUS_EVENTS  topic "events",  message: be64 last event seq; the dispatcher listens, each ingest dials it
 *   BUS_NOTICES topic of the notice, message: the notice record; and every second topic "heartbeat", be64 last outbox seq
 */
#pragma once

#include "proto/bus/bus.h"

enum { DOORBELL_HEARTBEAT_MS = 1000 };
#define DOORBELL_HEARTBEAT_TOPIC "heartbeat"
#define DOORBELL_EVENTS_TOPIC "events"

void doorbell_ring(struct bus_publisher *publisher, const char *topic, uint64_t last_seq);
/* 0 where the message is not 8 bytes. */
uint64_t doorbell_seq(struct bytes message);

/* Rings DOORBELL_HEARTBEAT_TOPIC every second, from now on, with what last_seq() says. The heart lives in the caller's memory. */
struct doorbell_heart {
    struct loop_timer timer;
    struct loop *loop;
    struct bus_publisher *publisher;
    uint64_t (*last_seq)(void *context);
    void *context;
};
void doorbell_heart_start(struct doorbell_heart *heart, struct loop *loop, struct bus_publisher *publisher,
                          uint64_t (*last_seq)(void *context), void *context);
void doorbell_heart_stop(struct doorbell_heart *heart); /* safe on a zeroed struct */
