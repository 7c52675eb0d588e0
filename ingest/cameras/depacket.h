/* Depacket: payloads of RTP (RFC 6184, RFC 7798) to access units (assembly.h). Pure.
 *
 * A packet that is missing, or makes no sense, costs the units up to the next key frame.
 */
#pragma once

#include "ingest/cameras/assembly.h"
#include "ingest/cameras/rtp.h"

struct depacket {
    struct assembly assembly;
    uint32_t timestamp; /* of the unit under way */
    bool in_fragment;
    struct rtp_order order;
    /* what happened */
    int64_t packets_lost, packets_broken;
};

/* On a zeroed struct. */
void depacket_begin(struct depacket *depacket, enum frame_codec codec,
                    void (*unit)(void *context, const struct source_unit *unit), void *context);
void depacket_push(struct depacket *depacket, const struct rtp_packet *packet);
void depacket_finish(struct depacket *depacket); /* safe on a zeroed struct */
