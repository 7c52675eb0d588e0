/* Server-sent events, read piece by piece (HTML Living Standard, 9.2.6): id, event, data; comments are passed over. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"

struct event_reader {
    struct buffer line, data, name;
    bool has_id; /* some event had one; 0 is a number like others */
    uint64_t id; /* of the last event that was complete: what Last-Event-ID takes after a break */
    bool next_has_id;
    uint64_t next_id;
};

/* Calls `event` for each event that the piece completes. data is NUL-terminated. */
void event_reader_feed(struct event_reader *reader, struct bytes piece,
                       void (*event)(void *context, uint64_t id, const char *name, const char *data), void *context);
/* Forgets a half-read event (the connection broke); the last id stays. */
void event_reader_reset(struct event_reader *reader);
/* Safe on a zeroed struct. */
void event_reader_finish(struct event_reader *reader);
