/* Doorbells: "there is something new up to this sequence number". The truth is in the store; a doorbell that was lost costs nothing
 * but the wait for the next one or for the heartbeat (1 s).
 *   BUS_EVENTS  topic "events",  message: be64 last event seq
 *   BUS_NOTICES topic of the notice, message: the notice record; and every second topic "heartbeat", be64 last outbox seq
 */
#pragma once

#include "proto/bus/bus.h"

enum { DOORBELL_HEARTBEAT_MS = 1000 };

void doorbell_ring(struct bus_publisher *publisher, const char *topic, uint64_t last_seq);
/* 0 where the message is not 8 bytes. */
uint64_t doorbell_seq(struct bytes message);
