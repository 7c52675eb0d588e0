/* Reorder: packets of RTP that came over UDP in the order in which they were sent. What overtook another waits for it, a short while: without this a
 * single packet that took another way costs the pictures up to the next key frame. Pure.
 */
#pragma once

#include "ingest/cameras/rtp.h"

enum {
    REORDER_WINDOW = 16,      /* a packet that so many overtook is lost */
    REORDER_PATIENCE_MS = 200 /* and one for which others wait so long, as far as the next packet tells */
};

/* Zeroed before the first packet but for the first two. */
struct reorder {
    bool (*take)(void *context, const struct rtp_packet *packet); /* false: it wants no more */
    void *context;
    bool started;
    uint16_t next; /* the number of the packet that is in turn */
    uint32_t ssrc;
    size_t held;
    int64_t since_mono_ms;               /* when the first of those that wait for the same one came */
    struct buffer slots[REORDER_WINDOW]; /* by their number; empty: not there */
    int64_t reordered;                   /* packets that waited and were put right */
};

/* A packet came: `take` is called with each that is in turn now, of bytes that live during the call; with what is out of any order, too. False of it is the
 * end: nothing more is told, and false returned. */
bool reorder_push(struct reorder *reorder, struct bytes bytes, const struct rtp_packet *packet, int64_t mono_ms);
void reorder_finish(struct reorder *reorder); /* what waits is dropped */
