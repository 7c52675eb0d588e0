#include "ingest/cameras/depacket.h"

/* Payload types of the two formats (RFC 6184, 5.4; RFC 7798, 4.4). */
static const struct {
    int aggregate, fragment;
} formats[] = { [FRAME_H264] = { 24, 28 }, [FRAME_H265] = { 48, 49 } };

void depacket_begin(struct depacket *depacket, enum frame_codec codec,
                    void (*unit)(void *context, const struct source_unit *unit), void *context)
{
    assembly_begin(&depacket->assembly, codec, unit, context);
}

void depacket_finish(struct depacket *depacket)
{
    assembly_finish(&depacket->assembly);
    *depacket = (struct depacket){ 0 };
}

static void break_unit(struct depacket *depacket)
{
    depacket->packets_broken++;
    depacket->assembly.damaged = true;
}

static void end_unit(struct depacket *depacket)
{
    depacket->assembly.damaged |= depacket->in_fragment;
    depacket->in_fragment = false;
    assembly_end(&depacket->assembly);
}

static void add_nal(struct depacket *depacket, struct bytes nal)
{
    depacket->packets_broken += !assembly_add(&depacket->assembly, nal);
}

/* ---- payloads ---- */

static bool add_aggregate(struct depacket *depacket, struct bytes payload)
{
    const uint8_t *at = payload.data + nal_head_bytes(depacket->assembly.codec), *end = payload.data + payload.size;
    while (at < end) {
        size_t size = end - at >= 2 ? (size_t)at[0] << 8 | at[1] : 0;
        if (size == 0 || size > (size_t)(end - at - 2))
            return false;
        add_nal(depacket, (struct bytes){ at + 2, size });
        at += 2 + size;
    }
    return true;
}

/* The unit's own header stands in the fragment's head, taken apart. */
static bool begin_fragment(struct depacket *depacket, const uint8_t *payload, uint8_t mark, struct bytes first)
{
    enum frame_codec codec = depacket->assembly.codec;
    uint8_t head[2] = { (uint8_t)((payload[0] & 0xe0) | (mark & 31)), 0 };
    if (codec == FRAME_H265) {
        head[0] = (uint8_t)((payload[0] & 0x81) | (mark & 63) << 1);
        head[1] = payload[1];
    }
    uint8_t sample[3] = { head[0], head[1], 0 };
    if (!assembly_begin_slice(&depacket->assembly, (struct bytes){ head, nal_head_bytes(codec) }))
        /* left out: its fragments find no beginning to go on from; a set is never so long */
        return nal_kind(codec, (struct bytes){ sample, sizeof sample }) == NAL_OTHER;
    assembly_append(&depacket->assembly, first);
    depacket->in_fragment = true;
    return true;
}

static bool add_fragment(struct depacket *depacket, struct bytes payload)
{
    size_t head = nal_head_bytes(depacket->assembly.codec);
    if (payload.size <= head + 1)
        return false;
    uint8_t mark = payload.data[head];
    struct bytes part = { payload.data + head + 1, payload.size - head - 1 };
    bool first = mark & 0x80, last = mark & 0x40;
    if (first) {
        if (depacket->in_fragment || !begin_fragment(depacket, payload.data, mark, part))
            return false;
    } else if (depacket->in_fragment) {
        assembly_append(&depacket->assembly, part);
    }
    if (last)
        depacket->in_fragment = false;
    return true;
}

static void add_payload(struct depacket *depacket, struct bytes payload)
{
    bool h265 = depacket->assembly.codec == FRAME_H265;
    if (payload.size <= nal_head_bytes(depacket->assembly.codec)) {
        break_unit(depacket);
        return;
    }
    int type = h265 ? payload.data[0] >> 1 & 63 : payload.data[0] & 31;
    bool good = !depacket->in_fragment || type == formats[depacket->assembly.codec].fragment;
    if (!good)
        depacket->in_fragment = false;
    else if (type == formats[depacket->assembly.codec].aggregate)
        good = add_aggregate(depacket, payload);
    else if (type == formats[depacket->assembly.codec].fragment)
        good = add_fragment(depacket, payload);
    else
        add_nal(depacket, payload);
    if (!good)
        break_unit(depacket);
}

/* ---- the stream ---- */

/* A packet is missing: what it belonged to is lost, and all that refers to it. That may be the unit under way, whose end did not come, and
 * the one that comes now. */
static void mind_gap(struct depacket *depacket, uint16_t missing)
{
    depacket->in_fragment = false;
    assembly_need_key(&depacket->assembly);
    depacket->packets_lost += missing;
    depacket->assembly.damaged = true;
}

void depacket_push(struct depacket *depacket, const struct rtp_packet *packet)
{
    uint16_t missing;
    enum rtp_step step = rtp_follow(&depacket->order, packet, &missing);
    if (step == RTP_AGAIN)
        return;
    if (step == RTP_GAP)
        mind_gap(depacket, missing);
    /* the marker of the unit before did not come, or the camera sets none; sets may have a time of their own */
    if (depacket->assembly.begun && packet->timestamp != depacket->timestamp)
        end_unit(depacket);
    depacket->timestamp = packet->timestamp;
    add_payload(depacket, packet->payload);
    if (packet->marker && (depacket->assembly.begun || depacket->assembly.damaged))
        end_unit(depacket);
}
