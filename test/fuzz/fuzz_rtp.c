/* Packets of RTP and RTCP: what is taken lies inside the packet. */
#include <assert.h>

#include "ingest/cameras/rtp.h"
#include "test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtp_packet packet;
    struct bytes bytes = { data, size };
    if (rtp_read(bytes, &packet)) {
        assert(packet.payload.size > 0 && packet.payload.data >= data + 12);
        assert(packet.payload.data + packet.payload.size <= data + size);
        fuzz_touch(packet.payload.data, packet.payload.size);
    }
    assert(rtcp_sender_clock_ms(bytes) >= 0);
    return 0;
}
