/* Program streams in packets: what is special about a packet (a byte: bit 0 the marker, bit 1 a new time, bits 2 to 4 how many numbers are left out), its
 * size (two bytes), its payload. What is handed on is a byte stream that begins with parameter sets where it is a key frame. */
#include <assert.h>
#include <string.h>

#include "ingest/cameras/gb28181/ps.h"
#include "test/fuzz/fuzz.h"

static void hear(void *context, const struct source_unit *unit)
{
    bool *had_key = context;
    assert(unit->bytes.size > 4 && unit->bytes.size <= FRAME_UNIT_MAX);
    assert(memcmp(unit->bytes.data, "\0\0\0\1", 4) == 0);
    assert(unit->codec == FRAME_H264 || unit->codec == FRAME_H265);
    *had_key |= unit->key;
    assert(*had_key);
    fuzz_touch(unit->bytes.data, unit->bytes.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool had_key = false;
    struct ps ps = { .unit = NULL };
    struct rtp_packet packet = { .sequence = 65000, .ssrc = 1 };
    ps_begin(&ps, hear, &had_key);
    for (size_t at = 0; size - at > 3;) {
        size_t length = (size_t)data[at + 1] << 8 | data[at + 2];
        packet.marker = data[at] & 1;
        packet.timestamp += data[at] & 2 ? 3600 : 0;
        packet.sequence = (uint16_t)(packet.sequence + 1 + (data[at] >> 2 & 7));
        at += 3;
        packet.payload = (struct bytes){ data + at, length < size - at ? length : size - at };
        at += packet.payload.size;
        if (packet.payload.size)
            ps_push(&ps, &packet);
        assert(ps.picture.size <= FRAME_UNIT_MAX && ps.head.size < PS_HEAD_MAX);
    }
    ps_finish(&ps);
    return 0;
}
