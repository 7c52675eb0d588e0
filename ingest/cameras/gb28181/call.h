/* A call: one channel's live stream, from INVITE to BYE (GB/T 28181-2016, 9.2), as a source of pictures.
 *
 *     begins → INVITE with an offer → 200 with the device's answer → ACK → pictures → BYE from either side
 * A call that has ended, or was stopped, stays for CALL_CLOSING_MS: a device that has missed our ACK repeats its 200 for so long (RFC 3261, 13.3.1.4:
 * 64*T1), and each is answered.
 */
#pragma once

#include "ingest/cameras/gb28181/outgoing.h"
#include "ingest/cameras/gb28181/play.h"
#include "ingest/cameras/gb28181/receiver.h"
#include "ingest/cameras/gb28181/registrar.h"

enum { CALL_CLOSING_MS = 32000, CALL_TAG_SIZE = 128, CALL_RANDOM_SIZE = 25 };

/* What all calls share. */
struct call_room {
    const char *own_id, *realm;
    struct outgoing *outgoing;
    struct receiver_room media;
    struct sip_place (*own_place)(void *context, const struct sip_place *peer); /* as what the peer reaches us */
    void *context;
    unsigned last_serial; /* of the streams' numbers */
};

enum call_state { CALL_WAITING, CALL_INVITED, CALL_UP, CALL_CLOSING };

struct call {
    struct call_room *room;
    struct gb_device *device;
    struct gb_address address;
    struct source_sink sink;
    enum call_state state;
    bool stopped; /* nobody hears it any more */
    char call_id[CALL_RANDOM_SIZE], from_tag[CALL_RANDOM_SIZE], branch[CALL_RANDOM_SIZE], to_tag[CALL_TAG_SIZE],
        ssrc[PLAY_SSRC_SIZE];
    uint32_t sequence; /* of the INVITE, like `branch`: its ACK and its CANCEL carry them, whatever was sent since */
    struct sip_place own, target;
    struct receiver receiver;
    int64_t closing_mono_ms;
    struct call *next;
};

/* Invites a device that is online; another one is told of at the next tick. <0: it cannot even begin, and is to be given to call_finish(). */
int call_begin(struct call *call, struct call_room *room, struct gb_device *device, const struct gb_address *address,
               const struct source_sink *sink, struct fault *fault);
/* An answer to a request of this call. */
void call_answered(struct call *call, const struct sip_message *answer);
/* It is over: the device has said so (BYE), or has gone. The sink hears it. */
void call_end(struct call *call, bool device_knows, int code, const char *reason);
/* No call to the sink after this one. */
void call_stop(struct call *call);
/* False: it can be finished. */
bool call_tick(struct call *call, int64_t now_mono_ms);
void call_finish(struct call *call); /* not from within a callback of it */
