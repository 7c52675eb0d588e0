#include "ingest/cameras/rtp.h"

enum { HEAD = 12, SENDER_REPORT = 200, SENDER_REPORT_BYTES = 16 };
#define NTP_EPOCH_S INT64_C(2208988800) /* from 1900 to 1970 */

static unsigned be16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

bool rtp_read(struct bytes bytes, struct rtp_packet *packet)
{
    const uint8_t *at = bytes.data;
    if (bytes.size < HEAD || at[0] >> 6 != 2)
        return false;
    size_t head = HEAD + 4 * (size_t)(at[0] & 15), tail = 0;
    if (at[0] & 0x10) { /* a header extension */
        if (bytes.size < head + 4)
            return false;
        head += 4 + 4 * (size_t)be16(at + head + 2);
    }
    if (at[0] & 0x20)
        tail = at[bytes.size - 1];
    if (head + tail >= bytes.size)
        return false;
    *packet = (struct rtp_packet){
        .payload_type = at[1] & 0x7f,
        .marker = at[1] & 0x80,
        .sequence = (uint16_t)be16(at + 2),
        .timestamp = bytes_be32(at + 4),
        .ssrc = bytes_be32(at + 8),
        .payload = { at + head, bytes.size - head - tail },
    };
    return true;
}

enum rtp_step rtp_follow(struct rtp_order *order, const struct rtp_packet *packet, uint16_t *missing)
{
    uint16_t step = (uint16_t)(packet->sequence - order->sequence), behind = (uint16_t)-step;
    bool started = order->started, same = started && packet->ssrc == order->ssrc;
    *missing = same && step > 1 && step < 0x8000 ? (uint16_t)(step - 1) : 0;
    if (same && behind < RTP_LATE_MAX)
        return RTP_AGAIN;
    *order = (struct rtp_order){ .started = true, .sequence = packet->sequence, .ssrc = packet->ssrc };
    return started && (!same || step > 1) ? RTP_GAP : RTP_NEXT; /* a step back that is no late packet: it counts anew */
}

int64_t rtcp_sender_clock_ms(struct bytes bytes)
{
    const uint8_t *at = bytes.data;
    if (bytes.size < SENDER_REPORT_BYTES || at[0] >> 6 != 2 || at[1] != SENDER_REPORT)
        return 0;
    int64_t seconds = bytes_be32(at + 8) - NTP_EPOCH_S;
    return seconds <= 0 ? 0 : seconds * 1000 + (int64_t)((uint64_t)bytes_be32(at + 12) * 1000 >> 32);
}
