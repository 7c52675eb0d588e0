/* Access units from the payloads of packets. The first byte: the codec; then packets: what is special about one (a byte: bit 0 the marker, bit 1
 * a new time, bits 2 to 4 how many numbers are left out), its size (two bytes), its payload. What is handed on is a byte stream that begins with
 * parameter sets where it is a key frame. */
#include <assert.h>
#include <string.h>

#include "ingest/cameras/depacket.h"
#include "ingest/cameras/nal.h"
#include "test/fuzz/fuzz.h"

struct heard {
    enum frame_codec codec;
    bool had_key;
};

static void hear(void *context, const struct source_unit *unit)
{
    struct heard *heard = context;
    assert(unit->bytes.size > 4 && unit->bytes.size <= FRAME_UNIT_MAX);
    assert(memcmp(unit->bytes.data, "\0\0\0\1", 4) == 0);
    assert(unit->key || heard->had_key);
    heard->had_key = true;
    if (unit->key) {
        enum nal_kind kind = nal_kind(heard->codec, (struct bytes){ unit->bytes.data + 4, unit->bytes.size - 4 });
        assert(kind == (heard->codec == FRAME_H265 ? NAL_VIDEO_SET : NAL_SEQUENCE_SET));
        assert(unit->width > 0 && unit->height > 0);
    }
    fuzz_touch(unit->bytes.data, unit->bytes.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct heard heard = { .codec = data[0] & 1 ? FRAME_H265 : FRAME_H264 };
    struct depacket depacket = { 0 };
    depacket_begin(&depacket, heard.codec, hear, &heard);
    struct rtp_packet packet = { .sequence = 65000, .ssrc = 1 };
    for (size_t at = 1; size - at > 3;) {
        size_t length = (size_t)data[at + 1] << 8 | data[at + 2];
        packet.marker = data[at] & 1;
        packet.timestamp += data[at] & 2 ? 3000 : 0;
        packet.sequence = (uint16_t)(packet.sequence + 1 + (data[at] >> 2 & 7));
        at += 3;
        packet.payload = (struct bytes){ data + at, length < size - at ? length : size - at };
        at += packet.payload.size;
        if (packet.payload.size)
            depacket_push(&depacket, &packet);
    }
    assert(depacket.assembly.set_count <= ASSEMBLY_SETS_MAX);
    depacket_finish(&depacket);
    return 0;
}
