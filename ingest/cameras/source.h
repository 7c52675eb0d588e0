/* A source: what reads one kind of camera (RTSP by rtspsrc now; by our own epoll reader, GB/T 28181 later). The hub sees this only.
 *
 * Everything here is called in the loop's thread, in both directions; a source that has threads hands over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct source_unit {
    bool key;
    uint16_t width, height; /* 0 = not known */
    int64_t capture_ms;     /* when it arrived here */
    struct bytes
        bytes; /* H.264 byte stream, one access unit, parameter sets before each key frame; lives during the call */
};

/* Where a source delivers. `ended` is called at most once; the source then delivers nothing more and waits for stop(). */
struct source_sink {
    void (*unit)(void *context, const struct source_unit *unit);
    void (*ended)(void *context, const char *reason);
    void *context;
};

struct source_ops {
    /* Begins to connect and returns at once. -EINVAL: an address that it does not understand. */
    int (*start)(void *reader, const char *url, const struct source_sink *sink, void **source, struct fault *fault);
    /* No call to the sink after this one; does not wait for the network. */
    void (*stop)(void *source);
};
