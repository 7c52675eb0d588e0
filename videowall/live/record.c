#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "videowall/live/live.h"

enum { LENGTH_MOST = 4 << 20, NAL_SEQUENCE_SET = 7 };

void live_record_put(struct buffer *out, const struct live_record *record)
{
    assert(record->payload.size <= LENGTH_MOST - LIVE_HEAD_BYTES);
    uint8_t *head = buffer_reserve(out, LIVE_HEAD_BYTES + record->payload.size);
    bytes_put_be32(head, (uint32_t)(LIVE_HEAD_BYTES - 4 + record->payload.size));
    head[4] = (uint8_t)(record->camera >> 8);
    head[5] = (uint8_t)record->camera;
    head[6] = (uint8_t)record->kind;
    head[7] = record->flags;
    bytes_put_be64(head + 8, (uint64_t)record->time_ms);
    if (record->payload.size > 0)
        memcpy(head + LIVE_HEAD_BYTES, record->payload.data, record->payload.size);
    out->size += LIVE_HEAD_BYTES + record->payload.size;
}

int live_record_take(struct bytes *rest, struct live_record *record)
{
    if (rest->size < 4)
        return 1;
    uint32_t length = bytes_be32(rest->data);
    if (length < LIVE_HEAD_BYTES - 4 || length > LENGTH_MOST)
        return -EINVAL;
    if (rest->size - 4 < length)
        return 1;
    const uint8_t *head = rest->data;
    *record = (struct live_record){
        .camera = (uint16_t)(head[4] << 8 | head[5]),
        .kind = (enum live_kind)head[6],
        .flags = head[7],
        .time_ms = (int64_t)bytes_be64(head + 8),
        .payload = { head + LIVE_HEAD_BYTES, length - (LIVE_HEAD_BYTES - 4) },
    };
    rest->data += 4 + length;
    rest->size -= 4 + length;
    return 0;
}

int live_record_feed(struct buffer *waiting, struct bytes piece,
                     void (*take)(void *context, const struct live_record *record), void *context)
{
    buffer_append(waiting, piece.data, piece.size);
    struct bytes rest = buffer_view(waiting);
    struct live_record record;
    int result;
    while ((result = live_record_take(&rest, &record)) == 0)
        take(context, &record);
    memmove(waiting->bytes, rest.data, rest.size);
    waiting->size = rest.size;
    return result < 0 ? result : 0;
}

/* ITU-T H.264 annex B: units begin behind 00 00 01; 7.3.2.1.1: a sequence parameter set's first bytes are profile, constraints, level. */
bool live_codec_name(struct bytes unit, char name[12])
{
    for (size_t at = 0; at + 6 < unit.size; at++) {
        const uint8_t *code = unit.data + at;
        if (code[0] == 0 && code[1] == 0 && code[2] == 1 && (code[3] & 31) == NAL_SEQUENCE_SET) {
            snprintf(name, 12, "avc1.%02x%02x%02x", code[4], code[5], code[6]);
            return true;
        }
    }
    return false;
}
