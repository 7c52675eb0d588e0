/* RTSP 1.0 on a connection (RFC 2326): messages of either kind, and the packets that travel between them (10.12).
 *
 * Pure: takes what stands at the front of the received bytes. Texts are views into those bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum { RTSP_HEAD_MAX = 16 << 10, RTSP_BODY_MAX = 64 << 10, RTSP_HEADERS_MAX = 64, RTSP_PACKET_HEAD = 4 };

struct rtsp_header {
    struct bytes name, value; /* without the white space around them */
};

struct rtsp_message {
    int status;               /* of a response; 0: a request */
    struct bytes method, uri; /* of a request */
    struct bytes reason;      /* of a response */
    struct bytes body;
    struct rtsp_header headers[RTSP_HEADERS_MAX];
    size_t header_count;
};

/* A piece of a stream between the messages: '$', channel, length, bytes. */
struct rtsp_packet {
    uint8_t channel;
    struct bytes bytes;
};

/* How many bytes at the front are the message; 0: it is not all there yet. -EINVAL: no RTSP, or beyond the limits. Empty lines before it
 * count to it. */
int rtsp_message_take(struct bytes received, struct rtsp_message *message, struct fault *fault);
/* The same for a packet; to be called where '$' stands. */
int rtsp_packet_take(struct bytes received, struct rtsp_packet *packet);

/* The first header of that name, whatever its case; data NULL: there is none. */
struct bytes rtsp_header(const struct rtsp_message *message, const char *name);
/* The `number`th header of that name, from 0. */
struct bytes rtsp_header_at(const struct rtsp_message *message, const char *name, size_t number);
/* The value of PARAMETER in "…;parameter=value;…" or "…, parameter="value", …", without quotes; data NULL: not there. */
struct bytes rtsp_parameter(struct bytes header, const char *parameter);

bool rtsp_text_is(struct bytes text, const char *word); /* whatever the case of ASCII letters */
/* A decimal number of at most nine digits at the front; -1: there is none. */
int64_t rtsp_text_number(struct bytes text);
/* Copies, cut to the room of `out`, and ends with NUL. */
void rtsp_text_copy(struct bytes text, char *out, size_t room);
