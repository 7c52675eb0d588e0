/* Play: what we ask a device for, and what it says that it does, as SDP (GB/T 28181-2016, annex G): RFC 4566 and the line `y=`, the number of
 * the stream (SSRC) in ten digits. Pure. */
#pragma once

#include "ingest/cameras/gb28181/sip.h"
#include "proto/book/gb28181.h"

enum { PLAY_SSRC_SIZE = 11, PLAY_PAYLOAD_TYPE = 96 };

/* A live stream's number: 0, five digits of our domain, four of our own counting. */
void play_ssrc(char out[PLAY_SSRC_SIZE], const char *own_id, unsigned serial);

struct play_offer {
    const struct gb_address *address;
    const char *own_id;
    const char *ssrc;
    struct sip_place at; /* where we take it */
    bool tcp;            /* the device connects; else UDP */
};
void play_put_offer(const struct play_offer *offer, struct buffer *out);

struct play_answer {
    char host[16]; /* from where it sends; "": it does not say, or not so that one could read it */
    bool tcp;
    char ssrc[PLAY_SSRC_SIZE]; /* its number, which may not be the one that we gave it; "": none */
};
/* -EINVAL: no video, or a refused one. */
int play_read_answer(struct bytes sdp, struct play_answer *answer, struct fault *fault);
