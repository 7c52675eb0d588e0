/* Readings through a real broker: a publisher of ours (MQTT 3.1.1, QoS 1), mosquitto, and a running drumtower-ingest, which acknowledges a message when what
 * it caused is durable. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"

enum { BROKER_WORDS = 128 };

struct broker_work {
    const char *broker; /* "127.0.0.1:PORT" */
    const char *ingest, *book, *folder;
    int64_t readings;
    /* Message `n` of them; how long its payload is. */
    size_t (*write)(int64_t n, char topic[BROKER_WORDS], char payload[BROKER_WORDS]);
};

struct broker_spent {
    int64_t wall_us; /* from the first message to the end of the last one's commit */
    int64_t cpu_us;  /* of drumtower-ingest */
    int64_t events;  /* that it made durable */
};

int broker_run(const struct broker_work *work, struct broker_spent *spent, struct fault *fault);
