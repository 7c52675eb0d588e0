/* Frames: access units of cameras between processes, on the bus (BUS_FRAMES, topic "frame/<camera id>", of its main stream
 * "frame/<camera id>/main").
 *
 * A message is one or more frames, one after the other (a backlog travels as one message); each is a head and an access unit:
 *      0  u32  "DTF1"
 *      4  u16  flags: bit 0 key, bit 1 from the cache (sent again for a new reader)
 *      6  u16  codec: 1 = H.264, 2 = H.265
 *      8  u16  width in pixels, 0 = not known
 *     10  u16  height
 *     12  u32  run: drawn anew each time the camera is opened; sequence numbers are compared inside one run only
 *     16  u64  sequence number in its run, from 1, without gaps: a gap means lost frames
 *     24  i64  capture time, milliseconds since the epoch, UTC
 *     32  u32  size of the access unit in bytes
 *     36  …    the access unit: byte stream (Annex B), parameter sets before each key frame
 * Numbers are big-endian. A reader drops what it has (same run, sequence number not higher than its last) and, after a gap,
 * waits for a key frame.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum { FRAME_HEAD_BYTES = 36, FRAME_UNIT_MAX = 2 << 20 };
enum frame_codec { FRAME_H264 = 1, FRAME_H265 };

struct frame {
    bool key, cached;
    enum frame_codec codec;
    uint16_t width, height;
    uint32_t run;
    uint64_t seq;
    int64_t capture_ms;
    struct bytes unit; /* owned by whoever owns the message */
};

void frame_put(struct buffer *out, const struct frame *frame);

/* Takes the first frame of `rest` and moves `rest` behind it. 1: `rest` is empty. -EINVAL: these are no frames; the fault says what
 * was expected. */
int frame_take(struct bytes *rest, struct frame *frame, struct fault *fault);

/* ---- the last group of pictures, kept as the message that a new reader gets first; and those before it, for evidence ---- */

struct frame_cache {
    struct buffer
        packed; /* whole groups, each from its key frame on, frames marked as cached; empty: none, or one grew too big */
    size_t limit;    /* bytes; older groups go first, then the newest is given up until the next key frame */
    int64_t keep_ms; /* so much of what was before the newest group is kept, at least; 0: nothing */
    size_t group_at; /* where the newest group begins */
};

void frame_cache_add(struct frame_cache *cache, const struct frame *frame);
/* The newest group, as far as it has come. */
struct bytes frame_cache_group(const struct frame_cache *cache);
void frame_cache_clear(struct frame_cache *cache);
void frame_cache_finish(struct frame_cache *cache); /* safe on a zeroed struct */

/* ---- what a reader of one camera does with what it hears ---- */

struct frame_order {
    uint32_t run;
    uint64_t seq;
    bool started, need_key;
};

/* True: hand the frame on, it can be decoded. False: it was there before, or a gap stands before it. */
bool frame_order_takes(struct frame_order *order, const struct frame *frame);
