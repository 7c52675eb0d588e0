/* SIP messages (RFC 3261) as GB/T 28181 uses them: read by libosip2's parser, written by hand. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum { SIP_BYTES_MAX = 65535, SIP_TAG_SIZE = 17, SIP_AUTHORIZATION_TEXT = 256 };

/* Where a message came from or goes to. */
struct sip_place {
    char host[16]; /* IPv4 */
    uint16_t port;
};

/* Texts are never NULL, and live until sip_release(); the body lies in the bytes that were read. */
struct sip_message {
    void *parsed;
    int status;                  /* of an answer; 0: a request */
    const char *method;          /* of the request, or of the one that is answered */
    const char *from, *from_tag; /* the user of From */
    const char *to, *to_tag;
    const char *call_id; /* without what follows '@' */
    uint32_t sequence;   /* CSeq */
    int64_t expires;     /* seconds; -1: it does not say */
    struct bytes body;
};

/* -EINVAL: no SIP, or without what every message has. */
int sip_read(struct bytes bytes, struct sip_message *message, struct fault *fault);
void sip_release(struct sip_message *message); /* safe on a zeroed struct */

/* A digest that a request brings. */
struct sip_authorization {
    char user[SIP_AUTHORIZATION_TEXT], realm[SIP_AUTHORIZATION_TEXT], nonce[SIP_AUTHORIZATION_TEXT],
        uri[SIP_AUTHORIZATION_TEXT], response[SIP_AUTHORIZATION_TEXT], cnonce[SIP_AUTHORIZATION_TEXT],
        qop[SIP_AUTHORIZATION_TEXT], count[SIP_AUTHORIZATION_TEXT], algorithm[SIP_AUTHORIZATION_TEXT];
};
/* False: it brings none, or one with texts longer than any of ours. */
bool sip_authorization(const struct sip_message *request, struct sip_authorization *authorization);

/* Appends the answer to a request, for where it came from (RFC 3581: whatever Via says). `to_tag`: ours, where the request has none. `more`: further
 * headers, each with its line end; "". */
void sip_answer(const struct sip_message *request, int status, const struct sip_place *from, const char *to_tag,
                const char *more, struct buffer *out);

/* A request of ours. */
struct sip_request {
    const char *method;
    const char *own_id, *realm; /* who we are */
    const struct sip_place *own, *target;
    const char *to;                                   /* the other one's id */
    const char *from_tag, *to_tag, *call_id, *branch; /* to_tag "": not known yet */
    uint32_t sequence;
    const char *more; /* further headers, each with its line end; "" */
    const char *type; /* of the body; NULL: there is none */
    struct bytes body;
};
void sip_put_request(const struct sip_request *request, struct buffer *out);
