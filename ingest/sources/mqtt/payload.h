/* What a message says: its values, its time, its place, by the pointers of its topic. */
#pragma once

#include "ingest/sources/mqtt/filter.h"
#include "proto/base/buffer.h"

enum { PAYLOAD_BYTES_MAX = 64 << 10 };

struct payload {
    struct filter_reading *readings; /* one for each value of the topic; those that the message has not: word NULL */
    bool has_time, has_place;
    bool no_place; /* it says one that is none; its values count: a wristband without a fix may call for help */
    int64_t at_ms;
    double lat, lon;
};

/* Reads a message of the topic into the arena. -EINVAL: the fault says what was expected of it (not JSON, a time that is none, no value
 * at all where the topic has some …). */
int payload_read(const struct book_topic *topic, struct bytes bytes, const struct zone *zone, struct arena *arena,
                 struct payload *payload, struct fault *fault);
