/* The pictures of a conversation: packets of its programme with heads of their own, and what goes wrong with them. */
#include "proto/base/clock.h"
#include "tools/citysim/camsim/conversation.h"

enum {
    RTP_HEAD = 12,
    PAYLOAD_TYPE = 96,
    TICKS_PER_S = 90000,
    WAITING_MAX = 512 << 10, /* a reader that is so much behind misses pictures up to a key frame */
    REPORT_MS = 5000,
};
#define NTP_EPOCH_S INT64_C(2208988800) /* 1900 to 1970 */

const struct programme *stream_programme(struct sim_host *host, const struct sim_camera *camera, bool main_stream)
{
    const struct sim_behaviour *behaviour = &camera->behaviour;
    enum programme_size size = behaviour->changed ? PROGRAMME_OTHER : main_stream ? PROGRAMME_MAIN : PROGRAMME_SUB;
    return library_get(host->library, behaviour->scene, size, behaviour->codec);
}

void stream_begin(struct conversation *conversation, int64_t now_us)
{
    const struct programme *programme = conversation->programme;
    conversation->playing = true;
    conversation->next_unit = programme_unit_at(programme, now_us);
    if (!conversation->camera->behaviour.starts_anywhere) /* the group of pictures under way, at once */
        while (!programme_unit_is_key(programme, conversation->next_unit))
            conversation->next_unit--;
    conversation->host->counts.sessions_now++;
}

/* ---- packets ---- */

static void put_packet_head(struct buffer *out, uint8_t channel, size_t size)
{
    const uint8_t head[RTSP_PACKET_HEAD] = { '$', channel, (uint8_t)(size >> 8), (uint8_t)size };
    buffer_append(out, head, sizeof head);
}

static void put_noise(struct sim_host *host, struct buffer *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)dice_throw(&host->dice);
        buffer_append(out, &byte, 1);
    }
}

static uint32_t ticks_of(const struct programme *programme, int64_t unit)
{
    return (uint32_t)(unit * (TICKS_PER_S / programme->pictures_per_s));
}

static void put_packet(struct conversation *conversation, const struct programme_packet *packet, int64_t unit)
{
    const struct sim_behaviour *behaviour = &conversation->camera->behaviour;
    struct sim_host *host = conversation->host;
    struct buffer *out = &host->scratch;
    if (packet->sets && behaviour->sets_in_sdp_only)
        return;
    uint16_t sequence = conversation->sequence++;
    if (behaviour->lose_per_mille && (int64_t)dice_below(&host->dice, 1000) < behaviour->lose_per_mille)
        return;
    if (behaviour->noise && dice_below(&host->dice, 20) == 0)
        put_noise(host, out, 1 + (size_t)dice_below(&host->dice, 200));
    put_packet_head(out, conversation->channel, RTP_HEAD + packet->size);
    const uint8_t head[4] = { 0x80, (uint8_t)((packet->last ? 0x80 : 0) | PAYLOAD_TYPE), (uint8_t)(sequence >> 8),
                              (uint8_t)sequence };
    buffer_append(out, head, sizeof head);
    buffer_be32(out, ticks_of(conversation->programme, unit));
    buffer_be32(out, conversation->ssrc);
    if (behaviour->garbage)
        put_noise(host, out, packet->size);
    else
        buffer_append(out, conversation->programme->bytes.bytes + packet->at, packet->size);
}

/* A sender report (RFC 3550, 6.4.1): how the camera's clock goes with its pictures. */
static void put_report(struct conversation *conversation, int64_t now_us)
{
    struct buffer *out = &conversation->host->scratch;
    int64_t clock_us = now_us + conversation->camera->behaviour.clock_ahead_s * 1000000;
    const uint8_t head[4] = { 0x80, 200, 0, 6 };
    put_packet_head(out, (uint8_t)(conversation->channel + 1), 28);
    buffer_append(out, head, sizeof head);
    buffer_be32(out, conversation->ssrc);
    buffer_be32(out, (uint32_t)(clock_us / 1000000 + NTP_EPOCH_S));
    buffer_be32(out, (uint32_t)((uint64_t)(clock_us % 1000000) * UINT64_C(4294967296) / 1000000));
    buffer_be32(out, ticks_of(conversation->programme, programme_unit_at(conversation->programme, now_us)));
    buffer_be32(out, conversation->sequence);
    buffer_be32(out, 0);
}

static void put_unit(struct conversation *conversation, int64_t unit)
{
    const struct programme *programme = conversation->programme;
    size_t at = (size_t)(unit % (int64_t)programme->unit_count);
    for (size_t i = programme->units[at]; i < programme->units[at + 1]; i++)
        put_packet(conversation, &programme->packets[i], unit);
    conversation->host->counts.pictures++;
}

/* ---- time ---- */

/* Another programme begins at its next key frame. */
static void follow_behaviour(struct conversation *conversation, int64_t now_us)
{
    const struct programme *now_on =
        stream_programme(conversation->host, conversation->camera, conversation->main_stream);
    if (!now_on || now_on == conversation->programme)
        return;
    conversation->programme = now_on;
    conversation->next_unit = programme_unit_at(now_on, now_us);
    conversation->need_key = true;
}

/* True: this picture is left out. */
static bool skip_unit(struct conversation *conversation, int64_t unit)
{
    bool key = programme_unit_is_key(conversation->programme, unit);
    if (conversation->out.size - conversation->out_sent > WAITING_MAX)
        conversation->need_key = true;
    else if (key)
        conversation->need_key = false;
    if (conversation->need_key)
        conversation->host->counts.pictures_skipped++;
    return conversation->need_key;
}

void stream_send_due(struct conversation *conversation, int64_t now_us, int64_t now_mono_ms)
{
    struct buffer *scratch = &conversation->host->scratch;
    follow_behaviour(conversation, now_us);
    const struct programme *programme = conversation->programme;
    buffer_clear(scratch);
    /* each conversation has a phase of its own, so that not all send at once */
    int64_t phase_us = conversation->ssrc % (1000000 / programme->pictures_per_s);
    int64_t newest = programme_unit_at(programme, now_us - phase_us);
    for (; conversation->next_unit <= newest; conversation->next_unit++)
        if (!conversation->camera->behaviour.frozen && !skip_unit(conversation, conversation->next_unit))
            put_unit(conversation, conversation->next_unit);
    if (scratch->size && now_mono_ms >= conversation->report_mono_ms) {
        put_report(conversation, now_us);
        conversation->report_mono_ms = now_mono_ms + REPORT_MS;
    }
    if (scratch->size)
        conversation_send(conversation, buffer_view(scratch));
}
