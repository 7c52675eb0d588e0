#include "ingest/cameras/gb28181/play.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/sdp.h"

void play_ssrc(char out[PLAY_SSRC_SIZE], const char *own_id, unsigned serial)
{
    snprintf(out, PLAY_SSRC_SIZE, "0%.5s%04u", own_id + 3, serial % 10000);
}

void play_put_offer(const struct play_offer *offer, struct buffer *out)
{
    const char *host = offer->at.host;
    buffer_format(out,
                  "v=0\r\no=%s 0 0 IN IP4 %s\r\ns=Play\r\nc=IN IP4 %s\r\nt=0 0\r\n"
                  "m=video %u %sRTP/AVP %d\r\na=recvonly\r\na=rtpmap:%d PS/90000\r\n",
                  offer->own_id, host, host, offer->at.port, offer->tcp ? "TCP/" : "", PLAY_PAYLOAD_TYPE,
                  PLAY_PAYLOAD_TYPE);
    if (offer->tcp)
        buffer_text(out, "a=setup:passive\r\na=connection:new\r\n");
    if (offer->address->stream)
        buffer_format(out, "a=streamnumber:%d\r\n", offer->address->stream);
    buffer_format(out, "y=%s\r\n", offer->ssrc);
}

static void read_host(const char *line, char host[16])
{
    struct in_addr address;
    char text[16];
    if (sscanf(line, "c=IN IP4 %15[0-9.]", text) == 1 && inet_pton(AF_INET, text, &address) == 1)
        inet_ntop(AF_INET, &address, host, 16);
}

int play_read_answer(struct bytes sdp, struct play_answer *answer, struct fault *fault)
{
    char line[SDP_LINE_SIZE], transport[32];
    bool video = false;
    unsigned port;
    *answer = (struct play_answer){ "" };
    while (sdp_next_line(&sdp, line)) {
        if (!video && sscanf(line, "m=video %u %31s", &port, transport) == 2) {
            video = port > 0;
            answer->tcp = strncasecmp(transport, "TCP", 3) == 0;
        } else if (strncmp(line, "c=", 2) == 0) {
            read_host(line, answer->host);
        } else if (strncmp(line, "y=", 2) == 0 && strspn(line + 2, "0123456789") == PLAY_SSRC_SIZE - 1) {
            snprintf(answer->ssrc, sizeof answer->ssrc, "%.10s", line + 2);
        }
    }
    return video ? 0 : fault_set(fault, -EINVAL, "the device offers no video");
}
