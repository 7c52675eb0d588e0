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
    uint16_t codec = be16(head + 6);
    if (codec != FRAME_H264 && codec != FRAME_H265)
        return fault_set(fault, -EINVAL, "frame: codec %u, expected %d (H.264) or %d (H.265)", codec, FRAME_H264,
                         FRAME_H265);
    *frame = (struct frame){
        .key = head[FLAGS_AT + 1] & FLAG_KEY,
        .cached = head[FLAGS_AT + 1] & FLAG_CACHED,
        .codec = codec,
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

/* Where the group behind the first one begins; 0: there is no other. */
static size_t second_group(const struct frame_cache *cache, int64_t *begins_ms)
{
    struct bytes rest = buffer_view(&cache->packed);
    struct frame frame;
    for (bool first = true; frame_take(&rest, &frame, NULL) == 0; first = false)
        if (frame.key && !first) {
            *begins_ms = frame.capture_ms;
            return cache->packed.size - rest.size - frame.unit.size - FRAME_HEAD_BYTES;
        }
    return 0;
}

static void drop_first_group(struct frame_cache *cache, size_t size)
{
    struct buffer *packed = &cache->packed;
    packed->size -= size;
    memmove(packed->bytes, packed->bytes + size, packed->size);
    cache->group_at -= size;
}

/* What is older than it need be, and what there is no room for. */
static void trim(struct frame_cache *cache, int64_t now_ms, size_t more)
{
    int64_t begins_ms;
    size_t second;
    while ((second = second_group(cache, &begins_ms)) > 0 &&
           (begins_ms <= now_ms - cache->keep_ms || cache->packed.size + more > cache->limit))
        drop_first_group(cache, second);
}

void frame_cache_add(struct frame_cache *cache, const struct frame *frame)
{
    size_t more = FRAME_HEAD_BYTES + frame->unit.size;
    if (frame->key && cache->keep_ms == 0)
        frame_cache_clear(cache);
    else if (!frame->key && cache->packed.size == 0)
        return; /* no key frame yet, or the group was given up */
    if (cache->packed.size + more > cache->limit)
        trim(cache, frame->capture_ms, more);
    if (cache->packed.size + more > cache->limit) {
        frame_cache_clear(cache);
        if (!frame->key || more > cache->limit)
            return;
    }
    if (frame->key)
        cache->group_at = cache->packed.size;
    struct frame copy = *frame;
    copy.cached = true;
    frame_put(&cache->packed, &copy);
    if (frame->key)
        trim(cache, frame->capture_ms, 0);
}

struct bytes frame_cache_group(const struct frame_cache *cache)
{
    struct bytes all = buffer_view(&cache->packed);
    return (struct bytes){ all.data + cache->group_at, all.size - cache->group_at };
}

void frame_cache_clear(struct frame_cache *cache)
{
    buffer_clear(&cache->packed);
    cache->group_at = 0;
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
