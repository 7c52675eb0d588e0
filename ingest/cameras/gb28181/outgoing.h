/* Outgoing: requests that are sent again until they are answered (RFC 3261, 17.1, over UDP). Pure. */
#pragma once

#include "ingest/cameras/gb28181/sip.h"

enum {
    OUTGOING_FIRST_MS = 500,
    OUTGOING_TRIES = 5,
    OUTGOING_MAX = 8192,
    OUTGOING_CALL_ID_SIZE = 33,
    OUTGOING_ABOUT_SIZE = 48
};

struct outgoing_request {
    char call_id[OUTGOING_CALL_ID_SIZE];
    char about[OUTGOING_ABOUT_SIZE]; /* "": nothing else takes its place */
    uint32_t sequence;
    bool invite, provisional; /* who has answered "trying" is not asked again */
    struct sip_place to;
    struct buffer bytes;
    int64_t next_mono_ms;
    unsigned tries;
    struct outgoing_request *next;
};

struct outgoing {
    struct outgoing_request *requests; /* newest first */
    size_t count;
    void (*send)(void *context, const struct sip_place *to, struct bytes bytes);
    void *context;
};

/* Sends it, and keeps a copy. False: as many are under way as may be; it is not sent. */
bool outgoing_add(struct outgoing *outgoing, const struct sip_request *request, int64_t now_mono_ms);
/* In place of those about the same that wait, "": of none: an order to turn that was lost must not be sent again after the one to stop. */
bool outgoing_replace(struct outgoing *outgoing, const char *about, const struct sip_request *request,
                      int64_t now_mono_ms);
/* An answer came. */
void outgoing_answered(struct outgoing *outgoing, const struct sip_message *answer);
/* Forgets the requests of a call. */
void outgoing_drop(struct outgoing *outgoing, const char *call_id);
/* Sends again what is due; forgets what was sent often enough. Returns how many were forgotten. */
size_t outgoing_tick(struct outgoing *outgoing, int64_t now_mono_ms);
void outgoing_finish(struct outgoing *outgoing); /* safe on a zeroed struct */
