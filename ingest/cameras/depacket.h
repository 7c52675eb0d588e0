/* Depacket: payloads of RTP (RFC 6184, RFC 7798) to access units in byte stream (Annex B). Pure.
 *
 * A unit is handed on whole or not at all: a packet that is missing, or makes no sense, costs the units up to the next key frame.
 * Parameter sets are kept as they come, in the stream or from SDP, the newest of each id; each key frame has all of them before it.
 * What decoders do not need (delimiters, filler, supplemental messages) is left out.
 */
#pragma once

#include "ingest/cameras/rtp.h"
#include "ingest/cameras/source.h"

enum { DEPACKET_SETS_MAX = 24, DEPACKET_SET_BYTES_MAX = 1024 };

struct depacket_set {
    uint8_t kind, id;
    uint16_t size;
    uint8_t *bytes;
};

struct depacket {
    enum frame_codec codec;
    void (*unit)(void *context, const struct source_unit *unit); /* capture_ms is left to the listener */
    void *context;
    struct depacket_set sets[DEPACKET_SETS_MAX]; /* by kind and id */
    size_t set_count;
    uint16_t width, height; /* of the newest sequence parameter set; 0: none yet */
    /* the unit under way */
    struct buffer bytes;
    uint32_t timestamp;
    bool begun, damaged, key, in_fragment;
    /* the stream */
    bool started, need_key;
    uint16_t sequence; /* of the newest packet */
    uint32_t ssrc;
    /* what happened */
    int64_t units, units_dropped, packets_lost, packets_broken;
};

/* On a zeroed struct. */
void depacket_begin(struct depacket *depacket, enum frame_codec codec,
                    void (*unit)(void *context, const struct source_unit *unit), void *context);
/* Parameter sets out of band: base64, with ',' between several; what is none is left out. */
void depacket_take_sprop(struct depacket *depacket, const char *sprop);
void depacket_push(struct depacket *depacket, const struct rtp_packet *packet);
void depacket_finish(struct depacket *depacket); /* safe on a zeroed struct */
