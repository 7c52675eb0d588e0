/* A source: what reads one kind of camera (RTSP by our own reader or by rtspsrc, ONVIF, GB/T 28181). The hub sees this only.
 *
 * Everything here is called in the loop's thread, in both directions; a source that has threads hands over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/record/frame.h"

#define SOURCE_CLOCK_UNKNOWN INT64_MIN
#define SOURCE_REFUSED "the camera refuses the name or the password of its address in the book"

struct source_unit {
    bool key;
    enum frame_codec codec;
    uint16_t width, height; /* 0 = not known */
    int64_t capture_ms;     /* when it arrived here */
    int64_t clock_ahead_ms; /* the camera's clock before ours; SOURCE_CLOCK_UNKNOWN: it has not said */
    struct bytes bytes; /* byte stream, one access unit, parameter sets before each key frame; lives during the call */
};

/* Where a source delivers. `ended` is called at most once; the source then delivers nothing more and waits for stop(). Either may stop its
 * source. code: -errno; -EPROTONOSUPPORT: the camera does not speak what this kind of source reads; -EACCES: it refuses our name or password, and is
 * not to be asked again soon. */
struct source_sink {
    void (*unit)(void *context, const struct source_unit *unit);
    void (*ended)(void *context, int code, const char *reason);
    void *context;
};

/* How a camera is to turn and zoom: speeds from -CAMERA_SPEED_MAX (left, down, out) to CAMERA_SPEED_MAX; all 0: it stops. */
struct source_move {
    int pan, tilt, zoom;
    int seconds; /* then it will be told to stop; one that can stops by itself soon after, should we be gone. 0: it is not said */
};

struct source_ops {
    /* Begins to connect and returns at once. <0: it cannot even begin; -EINVAL: an address that it does not understand; -EACCES: the camera refused us a
     * while ago, and is not asked yet. */
    int (*start)(void *reader, const char *url, const struct source_sink *sink, void **source, struct fault *fault);
    /* No call to the sink after this one; does not wait for the network. */
    void (*stop)(void *source);
    /* Sends the order and does not wait for it to be done; whether the camera is pulled does not matter. -ENOTSUP: cameras of this address cannot be
     * moved by us. NULL: none can. */
    int (*move)(void *reader, const char *url, const struct source_move *move, struct fault *fault);
};
