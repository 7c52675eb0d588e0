#include "ingest/cameras/rtsp_session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/base/version.h"

enum { SESSION_SECONDS = 60, SESSION_SECONDS_MAX = 3600 };

#define STEP_METHOD(step, method) method,
static const char *const methods[] = { RTSP_STEPS(STEP_METHOD) };

/* ---- asking ---- */

static void begin_request(struct rtsp_session *session, const char *method, const char *uri, struct buffer *out)
{
    buffer_format(out, "%s %s RTSP/1.0\r\nCSeq: %u\r\nUser-Agent: drumtower/%s\r\n", method, uri, ++session->sequence,
                  DRUMTOWER_VERSION);
    if (*session->id)
        buffer_format(out, "Session: %s\r\n", session->id);
    if (session->challenge) {
        struct rtsp_identity identity = { session->url->user, session->url->password };
        rtsp_authorize(session->challenge, &identity, method, uri, session->cnonce, out);
    }
}

/* The request of the step. */
static void ask(struct rtsp_session *session, struct buffer *out)
{
    struct rtsp_opening *opening = session->opening;
    const char *method = methods[session->step];
    switch (session->step) {
    case RTSP_STEP_DESCRIBE:
        begin_request(session, method, session->url->address, out);
        buffer_text(out, "Accept: application/sdp\r\n");
        break;
    case RTSP_STEP_SETUP:
        begin_request(session, method, opening->control, out);
        buffer_text(out, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
        break;
    case RTSP_STEP_PLAY:
        begin_request(session, method, session->aggregate, out);
        buffer_text(out, "Range: npt=0.000-\r\n");
        break;
    default:
        begin_request(session, session->plain_alive ? "OPTIONS" : method, session->aggregate, out);
    }
    buffer_text(out, "\r\n");
}

static void pass_on_unit(void *context, const struct source_unit *unit)
{
    struct rtsp_session *session = context;
    struct source_unit copy = *unit;
    copy.capture_ms = session->now_ms;
    copy.clock_ahead_ms = session->clock_ahead_ms;
    session->sink.unit(session->sink.context, &copy);
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    assert(memory);
    return memory;
}

int rtsp_session_begin(struct rtsp_session *session, const char *url, const uint8_t random[8],
                       const struct source_sink *sink, struct buffer *out, struct fault *fault)
{
    memset(session, 0, sizeof *session);
    session->url = allocate(sizeof *session->url);
    session->opening = allocate(sizeof *session->opening);
    session->sink = *sink;
    session->alive_ms = RTSP_ALIVE_LONGEST_MS;
    session->clock_ahead_ms = SOURCE_CLOCK_UNKNOWN;
    snprintf(session->cnonce, sizeof session->cnonce, "%02x%02x%02x%02x%02x%02x%02x%02x", random[0], random[1],
             random[2], random[3], random[4], random[5], random[6], random[7]);
    int result = camera_url_read(url, "rtsp", "554", session->url, fault);
    if (result == 0)
        ask(session, out);
    return result;
}

void rtsp_session_finish(struct rtsp_session *session)
{
    free(session->url);
    free(session->opening);
    free(session->challenge);
    free(session->aggregate);
    depacket_finish(&session->depacket);
    memset(session, 0, sizeof *session);
}

/* ---- what the camera answers ---- */

/* "Sat, 28 Nov 2026 16:23:38 GMT" (RFC 2326, 12.18) */
static void hear_date(struct rtsp_session *session, const struct rtsp_message *answer)
{
    char text[64];
    struct tm parts = { 0 };
    rtsp_text_copy(rtsp_header(answer, "Date"), text, sizeof text);
    const char *comma = strchr(text, ',');
    if (comma && strptime(comma + 1, " %d %b %Y %H:%M:%S GMT", &parts))
        session->clock_ahead_ms = (int64_t)timegm(&parts) * 1000 - session->now_ms;
}

static int too_long(struct fault *fault)
{
    return fault_set(fault, -EINVAL, "the camera's addresses are too long");
}

static int hear_description(struct rtsp_session *session, const struct rtsp_message *answer, struct fault *fault)
{
    struct rtsp_opening *opening = session->opening;
    struct sdp_video *video = &opening->video;
    char aggregate[SDP_CONTROL_SIZE];
    struct bytes base = rtsp_header(answer, "Content-Base");
    if (!base.size)
        base = rtsp_header(answer, "Content-Location");
    if (base.size >= sizeof opening->base || strlen(session->url->address) >= sizeof opening->base)
        return too_long(fault);
    if (base.size)
        rtsp_text_copy(base, opening->base, sizeof opening->base);
    else
        strcpy(opening->base, session->url->address);
    int result = sdp_find_video(answer->body, video, fault);
    if (result < 0)
        return result;
    if (sdp_control_url(opening->base, video->session_control, aggregate, sizeof aggregate) < 0 ||
        sdp_control_url(opening->base, video->control, opening->control, sizeof opening->control) < 0)
        return too_long(fault);
    session->aggregate = strdup(aggregate);
    assert(session->aggregate);
    session->payload_type = video->payload_type;
    depacket_begin(&session->depacket, video->codec, pass_on_unit, session);
    assembly_take_sprop(&session->depacket.assembly, video->sprop);
    session->step = RTSP_STEP_SETUP;
    return 0;
}

static int hear_transport(struct rtsp_session *session, const struct rtsp_message *answer, struct fault *fault)
{
    struct bytes transport = rtsp_header(answer, "Transport"), id = rtsp_header(answer, "Session");
    int64_t channel = rtsp_text_number(rtsp_parameter(transport, "interleaved"));
    int64_t seconds = rtsp_text_number(rtsp_parameter(id, "timeout"));
    const uint8_t *end = id.size ? memchr(id.data, ';', id.size) : NULL;
    if (end)
        id.size = (size_t)(end - id.data);
    if (id.size >= sizeof session->id || channel > 254)
        return fault_set(fault, -EINVAL, "the camera's answer to SETUP makes no sense");
    rtsp_text_copy(id, session->id, sizeof session->id);
    session->channel = channel < 0 ? 0 : (uint8_t)channel;
    if (seconds < 1 || seconds > SESSION_SECONDS_MAX)
        seconds = SESSION_SECONDS;
    session->alive_ms = seconds * 1000 / 2 < RTSP_ALIVE_LONGEST_MS ? seconds * 1000 / 2 : RTSP_ALIVE_LONGEST_MS;
    session->step = RTSP_STEP_PLAY;
    return 0;
}

static int hear_success(struct rtsp_session *session, const struct rtsp_message *answer, struct fault *fault)
{
    hear_date(session, answer);
    switch (session->step) {
    case RTSP_STEP_DESCRIBE:
        return hear_description(session, answer, fault);
    case RTSP_STEP_SETUP:
        return hear_transport(session, answer, fault);
    case RTSP_STEP_PLAY:
        free(session->opening);
        session->opening = NULL;
        session->step = RTSP_STEP_PLAYING;
        return 0;
    default:
        return 0;
    }
}

/* Nothing said: the same request again, with an answer. A fresh challenge alone is no invitation to try the same password again: live555 and
 * gst-rtsp-server send one with each 401. */
static int hear_challenge(struct rtsp_session *session, const struct rtsp_message *answer, struct fault *fault)
{
    if (!*session->url->user)
        return fault_set(fault, -EACCES, "the camera wants a user and a password, its address in the book has none");
    if (!session->challenge)
        session->challenge = allocate(sizeof *session->challenge);
    bool fresh = rtsp_challenge_read(answer, session->challenge);
    if (session->challenge->scheme == RTSP_SCHEME_NONE)
        return fault_set(fault, -EACCES, "the camera wants a proof of who we are that we do not know");
    bool goes_on = session->challenged == 0 || (session->challenge->stale && session->challenged <= RTSP_STALE_MAX);
    session->challenged++;
    return fresh && goes_on ? 0 : fault_set(fault, -EACCES, SOURCE_REFUSED);
}

static int hear_refusal(struct rtsp_session *session, const struct rtsp_message *answer, struct fault *fault)
{
    if (answer->status == 401)
        return hear_challenge(session, answer, fault);
    if (session->step == RTSP_STEP_PLAYING && !session->plain_alive && answer->status != 454) {
        session->plain_alive = true;
        return 0;
    }
    int code = session->step == RTSP_STEP_SETUP && answer->status == 461 ? -EPROTONOSUPPORT : -EPROTO;
    return fault_set(fault, code, "the camera answers %s with %d %.*s", methods[session->step], answer->status,
                     (int)(answer->reason.size < 80 ? answer->reason.size : 80), (const char *)answer->reason.data);
}

static int hear_answer(struct rtsp_session *session, const struct rtsp_message *answer, int64_t now_mono_ms,
                       struct buffer *out, struct fault *fault)
{
    if (rtsp_text_number(rtsp_header(answer, "CSeq")) != session->sequence)
        return 0; /* to an older request */
    enum rtsp_step before = session->step;
    bool well = answer->status >= 200 && answer->status < 300;
    if (answer->status >= 200 && answer->status != 401)
        session->challenged = 0; /* it took what we said, or does not ask: some take each challenge once */
    int result = well ? hear_success(session, answer, fault) : hear_refusal(session, answer, fault);
    bool more = before != RTSP_STEP_PLAYING ? session->step != RTSP_STEP_PLAYING : !well;
    if (result == 0 && answer->status >= 200 && more) {
        session->asked_mono_ms = now_mono_ms;
        ask(session, out);
    }
    return result;
}

/* What a camera asks of us we can all do without knowing it. */
static int answer_request(const struct rtsp_message *request, struct buffer *out, struct fault *fault)
{
    if (out->size > RTSP_OUT_BYTES)
        return fault_set(fault, -EPROTO, "the camera asks without end and does not read the answers");
    struct bytes number = rtsp_header(request, "CSeq");
    buffer_format(out, "RTSP/1.0 200 OK\r\nCSeq: %" PRId64 "\r\n\r\n", rtsp_text_number(number));
    return 0;
}

/* ---- packets ---- */

static void hear_packet(struct rtsp_session *session, const struct rtsp_packet *packet)
{
    struct rtp_packet rtp;
    if (!session->depacket.assembly.unit)
        return; /* before its description */
    if (packet->channel == session->channel) {
        if (rtp_read(packet->bytes, &rtp) && rtp.payload_type == session->payload_type)
            depacket_push(&session->depacket, &rtp);
    } else if (packet->channel == session->channel + 1) {
        int64_t clock_ms = rtcp_sender_clock_ms(packet->bytes);
        if (clock_ms)
            session->clock_ahead_ms = clock_ms - session->now_ms;
    }
}

int64_t rtsp_session_feed(struct rtsp_session *session, struct bytes received, int64_t now_ms, int64_t now_mono_ms,
                          struct buffer *out, struct fault *fault)
{
    size_t at = 0;
    session->now_ms = now_ms;
    while (at < received.size && !session->left) {
        struct bytes rest = { received.data + at, received.size - at };
        struct rtsp_message message;
        struct rtsp_packet packet;
        int used, result = 0;
        if (rest.data[0] == '$') {
            used = rtsp_packet_take(rest, &packet);
            if (used > 0)
                hear_packet(session, &packet);
        } else {
            used = rtsp_message_take(rest, &message, fault);
            if (used > 0 && message.status)
                result = hear_answer(session, &message, now_mono_ms, out, fault);
            else if (used > 0)
                result = answer_request(&message, out, fault);
        }
        if (used < 0 || result < 0)
            return used < 0 ? used : result;
        if (used == 0)
            break;
        at += (size_t)used;
    }
    return (int64_t)at;
}

void rtsp_session_tick(struct rtsp_session *session, int64_t now_mono_ms, struct buffer *out)
{
    if (session->step != RTSP_STEP_PLAYING || now_mono_ms - session->asked_mono_ms < session->alive_ms)
        return;
    if (out->size)
        return; /* it has not read the last one yet */
    session->asked_mono_ms = now_mono_ms;
    ask(session, out);
}

void rtsp_session_leave(struct rtsp_session *session, struct buffer *out)
{
    session->left = true;
    if (!*session->id)
        return;
    begin_request(session, "TEARDOWN", session->aggregate, out);
    buffer_text(out, "\r\n");
}
