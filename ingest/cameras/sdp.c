#include "ingest/cameras/sdp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool sdp_next_line(struct bytes *rest, char line[SDP_LINE_SIZE])
{
    if (rest->size == 0)
        return false;
    const uint8_t *feed = memchr(rest->data, '\n', rest->size);
    size_t size = feed ? (size_t)(feed - rest->data) : rest->size, taken = feed ? size + 1 : size;
    while (size > 0 && (rest->data[size - 1] == '\r' || rest->data[size - 1] == ' '))
        size--;
    if (size >= SDP_LINE_SIZE)
        size = SDP_LINE_SIZE - 1;
    memcpy(line, rest->data, size);
    line[size] = '\0';
    rest->data += taken;
    rest->size -= taken;
    return true;
}

/* What follows the prefix; NULL: the line begins otherwise. */
static const char *after(const char *line, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncasecmp(line, prefix, length) == 0 ? line + length : NULL;
}

/* "96 H264/90000" */
static bool read_rtpmap(const char *text, struct sdp_video *video)
{
    char *end;
    long type = strtol(text, &end, 10);
    if (end == text || type < 0 || type > 127 || *end != ' ')
        return false;
    const char *name = end + strspn(end, " ");
    if (after(name, "H264/"))
        video->codec = FRAME_H264;
    else if (after(name, "H265/") || after(name, "HEVC/"))
        video->codec = FRAME_H265;
    else
        return false;
    video->payload_type = (uint8_t)type;
    return true;
}

static void add_sprop(struct sdp_video *video, const char *value, size_t length)
{
    size_t used = strlen(video->sprop);
    if (used + length + 2 < sizeof video->sprop)
        snprintf(video->sprop + used, sizeof video->sprop - used, "%s%.*s", used ? "," : "", (int)length, value);
}

/* "96 packetization-mode=1; sprop-parameter-sets=Z0I…,aM4…" */
static void read_fmtp(const char *text, struct sdp_video *video)
{
    static const char *const names[] = { "sprop-parameter-sets=", "sprop-vps=", "sprop-sps=", "sprop-pps=" };
    const char *at = strchr(text, ' ');
    while (at && *at) {
        at += strspn(at, "; ");
        size_t length = strcspn(at, ";");
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const char *value = after(at, names[i]);
            if (value)
                add_sprop(video, value, length - strlen(names[i]));
        }
        at += length;
    }
}

static void read_stream_line(const char *line, struct sdp_video *video, bool *known)
{
    const char *value;
    if (!*known && (value = after(line, "a=rtpmap:")))
        *known = read_rtpmap(value, video);
    else if ((value = after(line, "a=fmtp:")))
        read_fmtp(value, video);
    else if ((value = after(line, "a=control:")))
        snprintf(video->control, sizeof video->control, "%s", value);
}

int sdp_find_video(struct bytes sdp, struct sdp_video *video, struct fault *fault)
{
    char line[SDP_LINE_SIZE], streams[128] = "";
    struct sdp_video found = { 0 };
    bool in_stream = false, known = false;
    memset(video, 0, sizeof *video);
    while (sdp_next_line(&sdp, line)) {
        const char *stream = after(line, "m=");
        if (stream) {
            if (known)
                break;
            snprintf(streams + strlen(streams), sizeof streams - strlen(streams), "%s%.40s", *streams ? "; " : "",
                     stream);
            in_stream = true;
            found = (struct sdp_video){ 0 };
        } else if (in_stream) {
            read_stream_line(line, &found, &known);
        } else if (after(line, "a=control:")) {
            snprintf(video->session_control, sizeof video->session_control, "%s", after(line, "a=control:"));
        }
    }
    if (!known)
        return fault_set(fault, -EINVAL, "the camera offers no H.264 or H.265: %s", *streams ? streams : "no stream");
    memcpy(found.session_control, video->session_control, sizeof found.session_control);
    *video = found;
    return 0;
}

int sdp_control_url(const char *base, const char *control, char *out, size_t room)
{
    int length;
    if (!*control || strcmp(control, "*") == 0)
        length = snprintf(out, room, "%s", base);
    else if (after(control, "rtsp://"))
        length = snprintf(out, room, "%s", control);
    else
        length = snprintf(out, room, "%s%s%s", base, *base && base[strlen(base) - 1] == '/' ? "" : "/",
                          control + (*control == '/'));
    return length < 0 || (size_t)length >= room ? -EMSGSIZE : 0;
}
