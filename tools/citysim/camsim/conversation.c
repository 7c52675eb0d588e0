#include "tools/citysim/camsim/conversation.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/clock.h"

enum { READ_BYTES = 4096, IN_MAX = 64 << 10, SESSION_SECONDS = 60 };

static const char realm[CAMSIM_REALM_SIZE] = "camsim";

static int readable(void *context, uint32_t events);

static void draw_challenge(struct conversation *conversation)
{
    snprintf(conversation->challenge.nonce, sizeof conversation->challenge.nonce, "%016" PRIx64,
             dice_throw(&conversation->host->dice));
}

struct conversation *conversation_begin(struct sim_host *host, int fd)
{
    struct conversation *conversation = calloc(1, sizeof *conversation);
    assert(conversation);
    conversation->host = host;
    conversation->heard_mono_ms = clock_mono_ms();
    conversation->ssrc = (uint32_t)dice_throw(&host->dice);
    conversation->sequence = (uint16_t)dice_throw(&host->dice);
    snprintf(conversation->session, sizeof conversation->session, "%016" PRIx64, dice_throw(&host->dice));
    conversation->challenge.scheme = host->options->sha256 ? RTSP_SCHEME_SHA256 : RTSP_SCHEME_MD5;
    memcpy(conversation->challenge.realm, realm, sizeof realm);
    draw_challenge(conversation);
    conversation->watch = (struct loop_watch){ .fd = fd, .ready = readable, .context = conversation };
    if (loop_add(host->loop, &conversation->watch, EPOLLIN) < 0)
        conversation_end(conversation);
    host->counts.connections++;
    return conversation;
}

void conversation_end(struct conversation *conversation)
{
    if (conversation->watch.fd < 0)
        return;
    if (conversation->playing)
        conversation->host->counts.sessions_now--;
    conversation->playing = false;
    loop_remove(conversation->host->loop, &conversation->watch);
    close(conversation->watch.fd);
    conversation->watch.fd = -1;
}

/* With a reset, as a device that loses its power is felt. */
static void die(struct conversation *conversation)
{
    struct linger at_once = { .l_onoff = 1 };
    if (conversation->watch.fd >= 0)
        setsockopt(conversation->watch.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    conversation_end(conversation);
}

void conversation_free(struct conversation *conversation)
{
    conversation_end(conversation);
    buffer_finish(&conversation->in);
    buffer_finish(&conversation->out);
    free(conversation);
}

/* ---- sending ---- */

static void drain(struct conversation *conversation)
{
    struct buffer *out = &conversation->out;
    while (conversation->watch.fd >= 0 && conversation->out_sent < out->size) {
        ssize_t sent = send(conversation->watch.fd, out->bytes + conversation->out_sent,
                            out->size - conversation->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            conversation_end(conversation);
        if (sent < 0)
            break;
        conversation->out_sent += (size_t)sent;
        conversation->host->counts.bytes += sent;
    }
    if (conversation->out_sent == out->size) {
        buffer_clear(out);
        conversation->out_sent = 0;
    }
    if (conversation->watch.fd >= 0)
        loop_modify(conversation->host->loop, &conversation->watch, out->size ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void conversation_send(struct conversation *conversation, struct bytes bytes)
{
    bool waiting = conversation->out.size > 0;
    ssize_t sent = 0;
    if (!waiting) {
        sent = send(conversation->watch.fd, bytes.data, bytes.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent == (ssize_t)bytes.size) {
            conversation->host->counts.bytes += sent;
            return;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            conversation_end(conversation);
            return;
        }
        sent = sent < 0 ? 0 : sent;
    }
    conversation->host->counts.bytes += sent;
    buffer_append(&conversation->out, bytes.data + sent, bytes.size - (size_t)sent);
    if (!waiting)
        drain(conversation);
}

/* ---- answering ---- */

static int64_t session_seconds(const struct conversation *conversation)
{
    int64_t seconds = conversation->host->options->session_seconds;
    return seconds ? seconds : SESSION_SECONDS;
}

static void begin_answer(struct conversation *conversation, const struct rtsp_message *request, int status,
                         const char *reason)
{
    struct buffer *out = &conversation->host->scratch;
    int64_t ahead_s = conversation->camera ? conversation->camera->behaviour.clock_ahead_s : 0;
    time_t now = (time_t)(clock_now_ms() / 1000 + ahead_s);
    struct tm parts;
    char date[64];
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
    struct bytes number = rtsp_header(request, "CSeq");
    buffer_clear(out);
    buffer_format(out, "RTSP/1.0 %d %s\r\nCSeq: %.*s\r\nDate: %s\r\n", status, reason, (int)number.size,
                  number.size ? (const char *)number.data : "", date);
    if (conversation->set_up)
        buffer_format(out, "Session: %s;timeout=%" PRId64 "\r\n", conversation->session, session_seconds(conversation));
}

static void end_answer(struct conversation *conversation)
{
    buffer_text(&conversation->host->scratch, "\r\n");
    conversation_send(conversation, buffer_view(&conversation->host->scratch));
}

static void answer(struct conversation *conversation, const struct rtsp_message *request, int status,
                   const char *reason)
{
    begin_answer(conversation, request, status, reason);
    end_answer(conversation);
}

/* ---- who asks ---- */

static bool is_known(struct conversation *conversation, const struct rtsp_message *request)
{
    const struct camsim_options *options = conversation->host->options;
    struct bytes header = rtsp_header(request, "Authorization");
    if (!options->user)
        return true;
    if (!header.data || !rtsp_text_is(rtsp_parameter(header, "username"), options->user) ||
        !rtsp_text_is(rtsp_parameter(header, "nonce"), conversation->challenge.nonce))
        return false;
    char method[32], uri[512], cnonce[80], expected[RTSP_DIGEST_HEX];
    struct bytes count = rtsp_parameter(header, "nc");
    rtsp_text_copy(request->method, method, sizeof method);
    rtsp_text_copy(rtsp_parameter(header, "uri"), uri, sizeof uri);
    rtsp_text_copy(rtsp_parameter(header, "cnonce"), cnonce, sizeof cnonce);
    struct rtsp_challenge asked = conversation->challenge;
    asked.qop = count.data;
    char digits[9];
    rtsp_text_copy(count, digits, sizeof digits);
    struct rtsp_identity identity = { options->user, options->password };
    rtsp_digest_response(expected, &asked, &identity, method, uri, cnonce, (uint32_t)strtoul(digits, NULL, 16));
    return rtsp_text_is(rtsp_parameter(header, "response"), expected);
}

static void refuse_unknown(struct conversation *conversation, const struct rtsp_message *request)
{
    const struct rtsp_challenge *challenge = &conversation->challenge;
    conversation->host->counts.refused++;
    if (conversation->host->options->fresh_challenges)
        draw_challenge(conversation);
    begin_answer(conversation, request, 401, "Unauthorized");
    buffer_format(&conversation->host->scratch, "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\"%s\r\n",
                  challenge->realm, challenge->nonce,
                  challenge->scheme == RTSP_SCHEME_SHA256 ? ", algorithm=SHA-256, qop=\"auth\"" : "");
    end_answer(conversation);
}

/* ---- what is asked for ---- */

/* rtsp://HOST/ID[/main][/run-N][/track]: which stream of which camera; NULL: none, or it was there before a restart. */
static struct sim_camera *find_camera(struct conversation *conversation, struct bytes uri)
{
    char text[512], *rest = NULL;
    rtsp_text_copy(uri, text, sizeof text);
    char *path = strstr(text, "://");
    path = path ? strchr(path + 3, '/') : NULL;
    char *id = path ? strtok_r(path, "/?", &rest) : NULL;
    char *word = id ? strtok_r(NULL, "/?", &rest) : NULL;
    conversation->main_stream = word && strcmp(word, "main") == 0;
    if (conversation->main_stream)
        word = strtok_r(NULL, "/?", &rest);
    int64_t run = word && strncmp(word, "run-", 4) == 0 ? strtoll(word + 4, NULL, 10) : 0;
    struct sim_camera *camera = id ? conversation->host->find(conversation->host->context, id) : NULL;
    return camera && camera->run == run ? camera : NULL;
}

static void describe(const struct conversation *conversation, struct buffer *sdp)
{
    const struct programme *programme = conversation->programme;
    bool h264 = programme->codec == PROGRAMME_H264;
    buffer_format(sdp,
                  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=%s\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
                  "m=video 0 RTP/AVP 96\r\na=rtpmap:96 %s/90000\r\na=fmtp:96 %s",
                  conversation->camera->id, h264 ? "H264" : "H265", h264 ? "packetization-mode=1;" : "");
    buffer_append(sdp, programme->sprop.bytes, programme->sprop.size);
    buffer_text(sdp, "\r\na=control:track1\r\n");
}

static void answer_describe(struct conversation *conversation, const struct rtsp_message *request)
{
    struct buffer sdp = { 0 }, *out = &conversation->host->scratch;
    describe(conversation, &sdp);
    begin_answer(conversation, request, 200, "OK");
    buffer_format(out, "Content-Type: application/sdp\r\nContent-Base: %.*s/\r\nContent-Length: %zu\r\n\r\n",
                  (int)request->uri.size, (const char *)request->uri.data, sdp.size);
    buffer_append(out, sdp.bytes, sdp.size);
    conversation_send(conversation, buffer_view(out));
    buffer_finish(&sdp);
}

static void answer_setup(struct conversation *conversation, const struct rtsp_message *request)
{
    struct bytes transport = rtsp_header(request, "Transport");
    int64_t channel = rtsp_text_number(rtsp_parameter(transport, "interleaved"));
    if (!transport.data || !memmem(transport.data, transport.size, "/TCP", 4) || channel > 254) {
        answer(conversation, request, 461, "Unsupported Transport");
        return;
    }
    conversation->channel = channel < 0 ? 0 : (uint8_t)channel;
    conversation->set_up = true;
    begin_answer(conversation, request, 200, "OK");
    buffer_format(&conversation->host->scratch, "Transport: RTP/AVP/TCP;unicast;interleaved=%d-%d;ssrc=%08X\r\n",
                  conversation->channel, conversation->channel + 1, conversation->ssrc);
    end_answer(conversation);
}

static void answer_play(struct conversation *conversation, const struct rtsp_message *request)
{
    if (!conversation->set_up) {
        answer(conversation, request, 455, "Method Not Valid in This State");
        return;
    }
    begin_answer(conversation, request, 200, "OK");
    buffer_text(&conversation->host->scratch, "Range: npt=0.000-\r\n");
    end_answer(conversation);
    if (!conversation->playing)
        stream_begin(conversation, clock_now_ms() * 1000);
}

static void answer_keep_alive(struct conversation *conversation, const struct rtsp_message *request)
{
    conversation->host->counts.keep_alives++;
    answer(conversation, request, 200, "OK");
}

static void answer_options(struct conversation *conversation, const struct rtsp_message *request)
{
    conversation->host->counts.keep_alives += conversation->playing;
    begin_answer(conversation, request, 200, "OK");
    buffer_text(&conversation->host->scratch, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, "
                                              "TEARDOWN\r\n");
    end_answer(conversation);
}

static void answer_teardown(struct conversation *conversation, const struct rtsp_message *request)
{
    answer(conversation, request, 200, "OK");
    conversation_end(conversation);
}

static const struct method {
    const char *name;
    bool open, needs_programme; /* open: for whoever asks */
    void (*answer)(struct conversation *conversation, const struct rtsp_message *request);
} methods[] = {
    { "OPTIONS", true, false, answer_options },
    { "DESCRIBE", false, true, answer_describe },
    { "SETUP", false, true, answer_setup },
    { "PLAY", false, true, answer_play },
    { "GET_PARAMETER", false, false, answer_keep_alive },
    { "SET_PARAMETER", false, false, answer_keep_alive },
    { "TEARDOWN", false, false, answer_teardown },
};

static const struct method *find_method(const struct rtsp_message *request)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (rtsp_text_is(request->method, methods[i].name))
            return &methods[i];
    return NULL;
}

/* False: the request waits for its programme. */
static bool hear(struct conversation *conversation, const struct rtsp_message *request)
{
    const struct method *method = find_method(request);
    struct sim_camera *camera = find_camera(conversation, request->uri);
    conversation->camera = camera ? camera : conversation->camera;
    if (camera && camera->behaviour.dead) {
        die(conversation);
    } else if (camera && camera->behaviour.mute) {
        return true;
    } else if (!method) {
        answer(conversation, request, 501, "Not Implemented");
    } else if (!method->open && !is_known(conversation, request)) {
        refuse_unknown(conversation, request);
    } else if (!camera && !method->open) {
        answer(conversation, request, 404, "Not Found");
    } else {
        if (method->needs_programme && !conversation->playing) {
            conversation->programme = stream_programme(conversation->host, camera, conversation->main_stream);
            conversation->waits = !conversation->programme;
            if (conversation->waits)
                return false;
        }
        method->answer(conversation, request);
        if (conversation->host->options->fresh_challenges)
            draw_challenge(conversation);
    }
    return true;
}

/* ---- the connection ---- */

static void take_all(struct conversation *conversation)
{
    struct buffer *in = &conversation->in;
    size_t at = 0;
    while (conversation->watch.fd >= 0 && at < in->size) {
        struct bytes rest = { in->bytes + at, in->size - at };
        struct rtsp_message request;
        struct rtsp_packet packet;
        bool between = rest.data[0] == '$';
        int used = between ? rtsp_packet_take(rest, &packet) : rtsp_message_take(rest, &request, NULL);
        if (used < 0)
            conversation_end(conversation);
        if (used <= 0 || (!between && !hear(conversation, &request)))
            break;
        at += (size_t)used;
    }
    in->size -= at;
    if (in->size)
        memmove(in->bytes, in->bytes + at, in->size);
    if (in->size > IN_MAX)
        conversation_end(conversation);
}

static int readable(void *context, uint32_t events)
{
    struct conversation *conversation = context;
    if (events & EPOLLOUT)
        drain(conversation);
    if (conversation->watch.fd < 0 || !(events & ~(uint32_t)EPOLLOUT))
        return 0;
    ssize_t got = recv(conversation->watch.fd, buffer_reserve(&conversation->in, READ_BYTES), READ_BYTES, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        conversation_end(conversation);
    } else if (got > 0) {
        conversation->in.size += (size_t)got;
        conversation->heard_mono_ms = clock_mono_ms();
        if (!conversation->waits)
            take_all(conversation);
    }
    return 0;
}

void conversation_go_on(struct conversation *conversation)
{
    if (!conversation->waits)
        return;
    conversation->waits = false;
    take_all(conversation);
}

bool conversation_tick(struct conversation *conversation, int64_t now_us, int64_t now_mono_ms)
{
    if (conversation->camera && conversation->camera->behaviour.dead)
        die(conversation);
    if (conversation->watch.fd < 0)
        return false;
    if (now_mono_ms - conversation->heard_mono_ms > session_seconds(conversation) * 1000) {
        conversation->host->counts.expired++;
        conversation_end(conversation);
    } else if (conversation->playing) {
        stream_send_due(conversation, now_us, now_mono_ms);
    }
    return conversation->watch.fd >= 0;
}
