/* SDP (RFC 4566) as cameras write it: the first stream of H.264 or H.265 in it. Pure. */
#pragma once

#include <stdbool.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/record/frame.h"

enum { SDP_CONTROL_SIZE = 512, SDP_SPROP_SIZE = 2048, SDP_LINE_SIZE = 4096 };

struct sdp_video {
    enum frame_codec codec;
    uint8_t payload_type;
    char control[SDP_CONTROL_SIZE];         /* of the stream; "": the session's own */
    char session_control[SDP_CONTROL_SIZE]; /* "" or "*": the address that was asked for */
    char sprop[SDP_SPROP_SIZE];             /* parameter sets in base64, ',' between; "": in the stream only */
};

/* The next line as a text, without its end; false: there is none. A line that is too long is cut. */
bool sdp_next_line(struct bytes *rest, char line[SDP_LINE_SIZE]);

/* -EINVAL: no such stream; the fault says what there is instead. */
int sdp_find_video(struct bytes sdp, struct sdp_video *video, struct fault *fault);

/* The address of a control: absolute as it is, else behind the base with one '/' between (RFC 2326, C.1.1). -EMSGSIZE: too long for `out`. */
int sdp_control_url(const char *base, const char *control, char *out, size_t room);
