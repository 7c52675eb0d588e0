/* An exchange: one question to a device and its answer, in the loop, without waiting.
 *
 * Who we are is told by a UsernameToken (token.h) first; a device that wants HTTP's Digest instead says so (401) and is asked once more that way, and
 * so from then on. Never both at once, which the standard forbids, and never Basic, which would give the password away.
 */
#pragma once

#include <stdbool.h>

#include "ingest/cameras/onvif/choice.h"
#include "proto/client/http.h"

/* X(operation, name, of which service, who asks: OPEN anybody, KNOWN only a user of the device) */
#define EXCHANGE_OPERATIONS(X) \
    X(GET_CLOCK, "GetSystemDateAndTime", "ver10/device", OPEN) \
    X(GET_SERVICES, "GetServices", "ver10/device", KNOWN) \
    X(GET_CAPABILITIES, "GetCapabilities", "ver10/device", KNOWN) \
    X(GET_PROFILES, "GetProfiles", "ver10/media", KNOWN) \
    X(GET_STREAM, "GetStreamUri", "ver10/media", KNOWN) \
    X(GET_SNAPSHOT, "GetSnapshotUri", "ver10/media", KNOWN) \
    X(GET_PROFILES_2, "GetProfiles", "ver20/media", KNOWN) \
    X(GET_STREAM_2, "GetStreamUri", "ver20/media", KNOWN) \
    X(GET_SNAPSHOT_2, "GetSnapshotUri", "ver20/media", KNOWN) \
    X(MOVE, "ContinuousMove", "ver20/ptz", KNOWN) \
    X(STOP, "Stop", "ver20/ptz", KNOWN)

#define EXCHANGE_VALUE(operation, ...) EXCHANGE_##operation,
enum exchange_operation { EXCHANGE_OPERATIONS(EXCHANGE_VALUE) };

/* Less than the hub's patience, so that a camera that is off is told as one that does not answer. */
enum { EXCHANGE_TIMEOUT_MS = 4000 };

/* code: as soap_read() has it, or -EHOSTUNREACH: no answer, -EACCES: the device refuses who we are; `content` then is NULL and the fault says why. It
 * lives during the call, which may begin the next exchange, or end this one and free it. */
typedef void exchange_done(void *context, int code, const struct xml_element *content, const struct fault *fault);

/* In the caller's memory, zeroed but for the first four; it must outlive what is under way, so must the address. */
struct exchange {
    struct http *http;
    const struct onvif_address *address;
    exchange_done *done;
    void *context;
    int64_t ahead_ms; /* the device's clock before ours */
    bool digest;      /* the device wants HTTP's Digest */
    enum exchange_operation operation;
    char url[CHOICE_URL_SIZE];
    struct buffer inside, message;
    struct arena arena;
};

/* What stands in the question's element is in exchange->inside, which is cleared with the answer. One at a time. */
void exchange_ask(struct exchange *exchange, enum exchange_operation operation, const char *url);
/* Not while an answer is awaited, but in `done` or after the HTTP client's end. Safe on a zeroed struct. */
void exchange_finish(struct exchange *exchange);
