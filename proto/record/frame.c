#include "proto/record/frame.h"

#include <assert.h>
#include <string.h>

enum { FLAG_KEY = 1, FLAG_CACHED = 2, FLAGS_AT = 4 };

static const uint8_t magic[4] = { 'D', 'T', 'F', '1' };

static void put_be16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

void frame_put(struct buffer *out, const struct frame *frame)
{
    assert(frame->unit.size <= FRAME_UNIT_MAX);
    uint8_t *head = buffer_reserve(out, FRAME_HEAD_BYTES + frame->unit.size);
    memcpy(head, magic, sizeof magic);
    put_be16(head + FLAGS_AT, (frame->key ? FLAG_KEY : 0) | (frame->cached ? FLAG_CACHED : 0));
    put_be16(head + 6, frame->codec);
    put_be16(head + 8, frame->width);
    put_be16(head + 10, frame->height);
    bytes_put_be32(head + 12, frame->run);
    bytes_put_be64(head + 16, frame->seq);
    bytes_put_be64(head + 24, (uint64_t)frame->capture_ms);
    bytes_put_be32(head + 32, (uint32_t)frame->unit.size);
    memcpy(head + FRAME_HEAD_BYTES, frame->unit.data, frame->unit.size);
    out->size += FRAME_HEAD_BYTES + frame->unit.size;
}

int frame_take(struct bytes *rest, struct frame *frame, struct fault *fault)
{
    if (rest->size == 0)
        return 1;
    const uint8_t *head = rest->data;
    if (rest->size < FRAME_HEAD_BYTES)
        return fault_set(fault, -EINVAL, "frame: head of %zu bytes, expected %d", rest->size, FRAME_HEAD_BYTES);
    if (memcmp(head, magic, sizeof magic) != 0)
        return fault_set(fault, -EINVAL, "frame: expected \"DTF1\" at its start");
    uint32_t size = bytes_be32(head + 32);
    if (size > FRAME_UNIT_MAX || size > rest->size - FRAME_HEAD_BYTES)
        return fault_set(fault, -EINVAL, "frame: access unit of %u bytes where %zu are left", size,
                         rest->size - FRAME_HEAD_BYTES);
    if (be16(head + 6) != FRAME_H264)
        return fault_set(fault, -EINVAL, "frame: codec %u, expected %d (H.264)", be16(head + 6), FRAME_H264);
    *frame = (struct frame){
        .key = head[FLAGS_AT + 1] & FLAG_KEY,
        .cached = head[FLAGS_AT + 1] & FLAG_CACHED,
        .codec = FRAME_H264,
        .width = be16(head + 8),
        .height = be16(head + 10),
        .run = bytes_be32(head + 12),
        .seq = bytes_be64(head + 16),
        .capture_ms = (int64_t)bytes_be64(head + 24),
        .unit = { head + FRAME_HEAD_BYTES, size },
    };
    rest->data += FRAME_HEAD_BYTES + size;
    rest->size -= FRAME_HEAD_BYTES + size;
    return 0;
}

void frame_cache_add(struct frame_cache *cache, const struct frame *frame)
{
    if (frame->key)
        frame_cache_clear(cache);
    else if (cache->packed.size == 0)
        return; /* no key frame yet, or the group was given up */
    if (cache->packed.size + FRAME_HEAD_BYTES + frame->unit.size > cache->limit) {
        frame_cache_clear(cache);
        return;
    }
    struct frame copy = *frame;
    copy.cached = true;
    frame_put(&cache->packed, &copy);
}

void frame_cache_clear(struct frame_cache *cache)
{
    buffer_clear(&cache->packed);
}

void frame_cache_finish(struct frame_cache *cache)
{
    buffer_finish(&cache->packed);
}

bool frame_order_takes(struct frame_order *order, const struct frame *frame)
{
    bool known_run = order->started && frame->run == order->run;
    /* A reader that began in the middle of a group goes back to its key frame when the cache comes. */
    if (known_run && frame->seq <= order->seq && !(order->need_key && frame->key))
        return false;
    if (!known_run || frame->seq != order->seq + 1)
        order->need_key = true;
    order->started = true;
    order->run = frame->run;
    order->seq = frame->seq;
    if (frame->key)
        order->need_key = false;
    return !order->need_key;
}
