/* RTP and RTCP packets (RFC 3550). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"

struct rtp_packet {
    uint8_t payload_type;
    bool marker;
    uint16_t sequence;
    uint32_t timestamp, ssrc;
    struct bytes payload; /* without padding and header extension; not empty */
};

/* False: this is no RTP. */
bool rtp_read(struct bytes bytes, struct rtp_packet *packet);

/* How a stream's packets follow each other. Zeroed before the first one. */
struct rtp_order {
    bool started;
    uint16_t sequence; /* of the newest packet */
    uint32_t ssrc;
};
/* A packet that is no further behind than this is a late one; what is further begins to count anew. */
enum { RTP_LATE_MAX = 64 };
enum rtp_step { RTP_NEXT, RTP_AGAIN /* it was there before */, RTP_GAP /* something is missing before it */ };
/* *missing: how many packets did not come, as far as one can say. */
enum rtp_step rtp_follow(struct rtp_order *order, const struct rtp_packet *packet, uint16_t *missing);

/* The camera's clock in a sender report, milliseconds since the epoch; 0: there is none in it. */
int64_t rtcp_sender_clock_ms(struct bytes bytes);
