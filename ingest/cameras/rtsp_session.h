/* A session: one camera's stream by RTSP, from DESCRIBE to its units. Pure: gets what was received, says what is to be sent.
 *
 *     DESCRIBE → SETUP (RTP inside the connection) → PLAY → packets, and a request now and then that keeps the session alive
 * Asked who we are (401), it answers, and takes a second 401 in a row for a no: there are cameras with a fresh challenge in each, and an account that is
 * tried without end is locked. A camera's own requests are answered. What is no RTSP ends it.
 */
#pragma once

#include "ingest/cameras/depacket.h"
#include "ingest/cameras/rtsp_digest.h"
#include "ingest/cameras/sdp.h"
#include "proto/book/camera_url.h"

#define RTSP_STEPS(X) \
    X(DESCRIBE, "DESCRIBE") \
    X(SETUP, "SETUP") \
    X(PLAY, "PLAY") \
    X(PLAYING, "GET_PARAMETER") /* then OPTIONS where the camera does not know that */
#define RTSP_STEP_VALUE(step, method) RTSP_STEP_##step,
enum rtsp_step { RTSP_STEPS(RTSP_STEP_VALUE) RTSP_STEP_COUNT };

enum {
    RTSP_ALIVE_LONGEST_MS = 25000,
    RTSP_STALE_MAX = 3,        /* so many challenges in a row may say that the one before them is over */
    RTSP_OUT_BYTES = 64 << 10, /* a camera that asks, and does not read our answers */
};

/* What is only needed until the pictures come. */
struct rtsp_opening {
    char base[SDP_CONTROL_SIZE], control[SDP_CONTROL_SIZE];
    struct sdp_video video;
};

struct rtsp_session {
    struct camera_url *url; /* its own, like opening */
    struct rtsp_opening *opening;
    struct rtsp_challenge *challenge; /* NULL: the camera never asked who we are */
    char *aggregate;                  /* what PLAY and the later requests are about */
    char id[128];
    char cnonce[17];
    enum rtsp_step step;
    uint32_t sequence; /* of our newest request */
    bool plain_alive;  /* OPTIONS keeps it alive */
    int challenged;    /* 401s since the last answer that was none */
    bool left;         /* what still comes is not heard */
    uint8_t channel, payload_type;
    int64_t alive_ms;      /* between two requests */
    int64_t asked_mono_ms; /* the newest one */
    int64_t clock_ahead_ms;
    struct depacket depacket;
    int64_t now_ms;
    struct source_sink sink;
};

/* Appends the first request to `out`. The random bytes are for digests. -EINVAL: no address. */
int rtsp_session_begin(struct rtsp_session *session, const char *url, const uint8_t random[8],
                       const struct source_sink *sink, struct buffer *out, struct fault *fault);
/* Takes what is whole at the front of `received`; returns how many bytes, <0: the session is over and the fault says why (-EPROTONOSUPPORT: the
 * camera sends nothing inside the connection; -EACCES: it refuses our name or password).
 * Units go to sink->unit, which may not finish the session (rtsp_reader.c sees to that). */
int64_t rtsp_session_feed(struct rtsp_session *session, struct bytes received, int64_t now_ms, int64_t now_mono_ms,
                          struct buffer *out, struct fault *fault);
/* Keeps it alive where it is time to. */
void rtsp_session_tick(struct rtsp_session *session, int64_t now_mono_ms, struct buffer *out);
/* Appends the farewell; from now on nothing is heard. Also from within sink->unit. */
void rtsp_session_leave(struct rtsp_session *session, struct buffer *out);
void rtsp_session_finish(struct rtsp_session *session); /* safe on a zeroed struct */
