/* Receiver: the way by which one device's pictures come: a port of its own, which says whose they are whatever number (SSRC) the device writes into
 * them, and whom it takes them from. UDP, or TCP where the device connects (RFC 4571: two bytes of length before each packet).
 *
 * Nothing is read before receiver_start(): what a device sends before its answer waits in the kernel.
 */
#pragma once

#include "ingest/cameras/gb28181/ps.h"
#include "ingest/cameras/gb28181/sip.h"
#include "ingest/cameras/reorder.h"
#include "proto/base/loop.h"

enum { RECEIVER_RECEIVE_BYTES = 256 << 10, RECEIVER_REPORT_MS = 5000 };

/* What all of them share. */
struct receiver_room {
    struct loop *loop;
    bool tcp;
    uint16_t first_port, next_port; /* first 0: any free one */
    size_t ports;
    uint8_t received[RECEIVER_RECEIVE_BYTES];
};

struct receiver {
    struct receiver_room *room;
    struct loop_watch watch, peer; /* the port; with TCP: what connected to it. fd -1: none */
    uint16_t port;
    char from[2][16]; /* hosts whose packets are taken */
    struct ps ps;
    struct reorder reorder; /* before it (UDP) */
    struct buffer rest;     /* of a packet that is not whole yet (TCP) */
    uint32_t own_ssrc;
    int64_t report_mono_ms;  /* when the next receiver report is due; some stop without */
    struct sip_place source; /* of the packets (UDP) */
    void (*ended)(void *context, int code, const char *reason);
    void *context;
};

/* Takes a port. */
int receiver_open(struct receiver *receiver, struct receiver_room *room, struct fault *fault);
/* Reads from here on, what comes from one of two hosts. `unit` and `ended` may close it. */
void receiver_start(struct receiver *receiver, const char *host, const char *other_host,
                    void (*unit)(void *context, const struct source_unit *unit),
                    void (*ended)(void *context, int code, const char *reason), void *context);
void receiver_tick(struct receiver *receiver, int64_t now_mono_ms);
void receiver_close(struct receiver *receiver);  /* the port; what was counted stays; may be called again */
void receiver_finish(struct receiver *receiver); /* not from within a callback of it */
