/* PS: an MPEG-2 program stream (ISO/IEC 13818-1, 2.5) as devices of GB/T 28181 send it in RTP, to access units. Pure.
 *
 * What devices do: a map (PSM) only at key frames, or none; pictures of more than one PES packet; a length of 0 for long ones; markers on every
 * packet, or on none; audio between. A picture ends with the marker of its last packet once its PES packet is whole, or where another
 * time stamp begins. A packet that is missing costs the pictures up to the next key frame; the place is found again at the next pack header.
 */
#pragma once

#include "ingest/cameras/assembly.h"
#include "ingest/cameras/rtp.h"

enum { PS_HEAD_MAX = 2048 };

enum ps_place { PS_BETWEEN, PS_VIDEO, PS_SKIP, PS_LOST };

struct ps {
    struct assembly assembly; /* codec 0: not known yet */
    struct buffer picture;    /* the video of the picture under way */
    struct buffer head;       /* of a packet of the stream, not whole yet */
    enum ps_place place;
    size_t left;  /* bytes of the PES packet, or of what is left out, that are still to come */
    bool endless; /* its length is not known: up to the next pack header */
    bool damaged;
    /* the stream */
    struct rtp_order order;
    uint32_t timestamp; /* of the newest packet */
    void (*unit)(void *context, const struct source_unit *unit);
    void *context;
    uint8_t unreadable; /* the stream type of a map that we cannot read; 0: none */
    /* what happened */
    int64_t packets_lost, packets_broken;
};

/* On a zeroed struct. */
void ps_begin(struct ps *ps, void (*unit)(void *context, const struct source_unit *unit), void *context);
void ps_push(struct ps *ps, const struct rtp_packet *packet);
void ps_finish(struct ps *ps); /* safe on a zeroed struct */
