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

/* The camera's clock in a sender report, milliseconds since the epoch; 0: there is none in it. */
int64_t rtcp_sender_clock_ms(struct bytes bytes);
