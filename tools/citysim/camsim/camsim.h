/* camsim: thousands of cameras in one process, that do what real ones do on bad days, when told to and by seed.
 *
 * One thread, one epoll loop, one port: rtsp://127.0.0.1:PORT/ID is a camera's sub-stream, …/ID/main its main stream. RTSP 1.0 with interleaved
 * RTP (TCP); OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN; Digest where a user is set. What cameras show are
 * programmes (programme.h), each encoded when the first one looks. A camera costs nothing until somebody does.
 * With `onvif` each is an ONVIF device as well (face.h), at http://127.0.0.1:ONVIF_PORT/ID/device_service.
 * Devices of GB/T 28181 (fleet.h) register with a platform by UDP and send the same programmes when they are invited. The nth has the id
 * 3402000000111 and n in seven digits, and channels 3402000000131, n in five digits, the channel in two.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct camsim;

enum { CAMSIM_ID_MAX = 64, CAMSIM_REALM_SIZE = 32 };

struct camsim_options {
    const char *host;       /* NULL: 127.0.0.1 */
    int64_t port;           /* 0 takes a free one */
    const char *const *ids; /* letters, digits, '.', '_' and '-' */
    size_t id_count;
    const char *user, *password; /* NULL: whoever comes */
    bool sha256;                 /* Digest with SHA-256, else MD5 */
    bool fresh_challenges;       /* one with each 401, good for one request */
    int64_t session_seconds;     /* a session ends so long after its last request; 0: 60 */
    int64_t seed;
    bool onvif; /* with `onvif_port` by HTTP and `discovery_port` by UDP; 0: free ones */
    int64_t onvif_port, discovery_port;
    const char *gb_platform, *gb_id, *gb_password; /* of devices: ADDRESS:PORT, whose id it is, what they sign with */
    int64_t gb_count, gb_channels, gb_keepalive_s; /* so many; channels of each, 0: 1; 0: 60 */
    const char *first_order;                       /* obeyed before anything begins; NULL: none */
    int64_t trouble_mean_ms; /* something befalls some camera that often, on average, and passes; 0: nothing does */
};

/* What happened so far. */
struct camsim_counts {
    int64_t connections, sessions_now, keep_alives, pictures, bytes, refused, expired, pictures_skipped;
    int64_t registrations, registered_now, moves, alarms_kept; /* of devices */
    int64_t asked;                                             /* SOAP */
    char last_timeout[16];                                     /* of ONVIF: when that move was to end by itself */
    char last_move[64]; /* PTZCmd; of ONVIF "PAN TILT ZOOM" as they were said, "-" for none, or "stop" */
};

int camsim_start(const struct camsim_options *options, struct camsim **camsim, struct fault *fault);
int64_t camsim_port(const struct camsim *camsim);
/* With `onvif`: of HTTP, of discovery. */
int64_t camsim_onvif_port(const struct camsim *camsim);
int64_t camsim_discovery_port(const struct camsim *camsim);
void camsim_stop(struct camsim *camsim); /* takes NULL */

/* An order (orders.h) from any thread; returns when it is done: how many cameras it concerned, or -EINVAL. */
int camsim_order(struct camsim *camsim, const char *line, struct fault *fault);
struct camsim_counts camsim_counts(struct camsim *camsim);
