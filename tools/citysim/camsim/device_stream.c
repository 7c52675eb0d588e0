/* The pictures of a simulated device: a programme as a program stream (PS) in RTP, by UDP or over a connection that the device opens. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/citysim/camsim/device.h"

enum {
    RTP_HEAD = 12,
    PAYLOAD_MAX = 1400,
    PES_MAX = 65000,
    TICKS_PER_S = 90000,
    WAITING_MAX = 512 << 10,
    OVERTAKEN_MAX = 6
};

/* ---- what was offered ---- */

static int connect_to(struct device_call *call)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(call->to.port) };
    inet_pton(AF_INET, call->to.host, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        close(fd);
        return -ECONNREFUSED;
    }
    call->watch.fd = fd;
    return 0;
}

int device_stream_open(struct device_call *call, struct bytes offer)
{
    char text[2048], transport[32], ssrc[16] = "0";
    unsigned port = 0;
    snprintf(text, sizeof text, "%.*s", (int)offer.size, (const char *)offer.data);
    const char *host = strstr(text, "\nc=IN IP4 "), *media = strstr(text, "\nm=video "), *number = strstr(text, "\ny=");
    call->watch.fd = -1;
    if (!host || !media || sscanf(host, "\nc=IN IP4 %15[0-9.]", call->to.host) != 1 ||
        sscanf(media, "\nm=video %u %31s", &port, transport) != 2)
        return -EINVAL;
    if (number)
        sscanf(number, "\ny=%10[0-9]", ssrc);
    call->to.port = (uint16_t)port;
    call->ssrc = (uint32_t)strtoul(ssrc, NULL, 10) + (call->camera->behaviour.other_ssrc ? 7 : 0);
    call->main_stream = strstr(text, "a=streamnumber:1") == NULL;
    return strncmp(transport, "TCP", 3) == 0 ? connect_to(call) : 0;
}

void device_stream_close(struct device_call *call)
{
    if (call->watch.fd >= 0)
        close(call->watch.fd);
    call->watch.fd = -1;
    buffer_finish(&call->waiting);
    buffer_finish(&call->overtaken);
}

/* ---- the program stream ---- */

static void put_pack(struct buffer *out, uint64_t ticks)
{
    const uint8_t pack[] = { 0,
                             0,
                             1,
                             0xba,
                             (uint8_t)(0x44 | (ticks >> 27 & 0x38) | (ticks >> 28 & 3)),
                             (uint8_t)(ticks >> 20),
                             (uint8_t)((ticks >> 12 & 0xf8) | 4 | (ticks >> 13 & 3)),
                             (uint8_t)(ticks >> 5),
                             (uint8_t)((ticks << 3 & 0xf8) | 4),
                             1,
                             0,
                             0x9f,
                             0xff,
                             0xf8 };
    buffer_append(out, pack, sizeof pack);
}

static void put_map(struct buffer *out, enum programme_codec codec)
{
    const uint8_t system[] = {
        0, 0, 1, 0xbb, 0, 12, 0x80, 0x4f, 0xff, 4, 0xe1, 0x7f, 0xe0, 0xe0, 0xe8, 0xc0, 0xc0, 0x20
    };
    const uint8_t type = codec == PROGRAMME_H265 ? 0x24 : 0x1b;
    const uint8_t map[] = {
        0, 0, 1, 0xbc, 0, 18, 0xe1, 0xff, 0, 0, 0, 8, type, 0xe0, 0, 0, 0x90, 0xc0, 0, 0, 0, 0, 0, 0
    };
    buffer_append(out, system, sizeof system);
    buffer_append(out, map, sizeof map);
}

static void put_pes(struct buffer *out, uint64_t ticks, struct bytes video)
{
    for (size_t at = 0; at < video.size; at += PES_MAX) {
        size_t left = video.size - at, size = left < PES_MAX ? left : PES_MAX, length = size + 8;
        const uint8_t head[] = { 0,
                                 0,
                                 1,
                                 0xe0,
                                 (uint8_t)(length >> 8),
                                 (uint8_t)length,
                                 0x8c,
                                 0x80,
                                 5,
                                 (uint8_t)(0x21 | (ticks >> 29 & 0x0e)),
                                 (uint8_t)(ticks >> 22),
                                 (uint8_t)(ticks >> 14 | 1),
                                 (uint8_t)(ticks >> 7),
                                 (uint8_t)(ticks << 1 | 1) };
        buffer_append(out, head, sizeof head);
        buffer_append(out, video.data + at, size);
    }
}

/* ---- packets ---- */

static void send_datagram(struct device_call *call, struct bytes packet)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(call->to.port) };
    inet_pton(AF_INET, call->to.host, &address.sin_addr);
    (void)!sendto(call->device->host->media_fd, packet.data, packet.size, MSG_DONTWAIT, (struct sockaddr *)&address,
                  sizeof address);
}

static void send_overtaken(struct device_call *call)
{
    if (call->overtaken.size)
        send_datagram(call, buffer_view(&call->overtaken));
    buffer_clear(&call->overtaken);
}

/* One at a time takes another way, on which it is overtaken by up to OVERTAKEN_MAX others of its picture. */
static void send_shuffled(struct device_call *call, struct bytes packet)
{
    struct dice *dice = &call->device->host->sim->dice;
    if (!call->overtaken.size && dice_below(dice, 8) == 0) {
        buffer_append(&call->overtaken, packet.data, packet.size);
        call->overtaken_by = 1 + dice_below(dice, OVERTAKEN_MAX);
        return;
    }
    send_datagram(call, packet);
    if (call->overtaken.size && --call->overtaken_by == 0)
        send_overtaken(call);
}

static void send_packet(struct device_call *call, struct bytes packet)
{
    const uint8_t size[2] = { (uint8_t)(packet.size >> 8), (uint8_t)packet.size };
    if (call->watch.fd >= 0) {
        buffer_append(&call->waiting, size, sizeof size);
        buffer_append(&call->waiting, packet.data, packet.size);
    } else if (call->camera->behaviour.shuffled) {
        send_shuffled(call, packet);
    } else {
        send_datagram(call, packet);
    }
}

static void send_stream(struct device_call *call, struct bytes stream, uint32_t ticks)
{
    struct sim_host *sim = call->device->host->sim;
    const struct sim_behaviour *behaviour = &call->camera->behaviour;
    uint8_t packet[RTP_HEAD + PAYLOAD_MAX];
    for (size_t at = 0; at < stream.size; at += PAYLOAD_MAX) {
        size_t left = stream.size - at, size = left < PAYLOAD_MAX ? left : PAYLOAD_MAX;
        uint16_t sequence = call->sequence++;
        packet[0] = 0x80;
        packet[1] = (uint8_t)((left == size ? 0x80 : 0) | 96);
        packet[2] = (uint8_t)(sequence >> 8);
        packet[3] = (uint8_t)sequence;
        bytes_put_be32(packet + 4, ticks);
        bytes_put_be32(packet + 8, call->ssrc);
        memcpy(packet + RTP_HEAD, stream.data + at, size);
        for (size_t i = 0; behaviour->garbage && i < size; i++)
            packet[RTP_HEAD + i] = (uint8_t)dice_throw(&sim->dice);
        if ((int64_t)dice_below(&sim->dice, 1000) >= behaviour->lose_per_mille)
            send_packet(call, (struct bytes){ packet, RTP_HEAD + size });
    }
    send_overtaken(call);
}

static void flush(struct device_call *call)
{
    struct buffer *waiting = &call->waiting;
    if (call->watch.fd < 0 || !waiting->size)
        return;
    ssize_t sent = send(call->watch.fd, waiting->bytes, waiting->size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN)
        call->over = true;
    if (sent > 0) {
        waiting->size -= (size_t)sent;
        memmove(waiting->bytes, waiting->bytes + sent, waiting->size);
    }
}

/* ---- time ---- */

static void follow(struct device_call *call, int64_t now_us)
{
    const struct programme *now_on = stream_programme(call->device->host->sim, call->camera, call->main_stream);
    if (!now_on || now_on == call->programme)
        return;
    bool first = !call->programme;
    call->programme = now_on;
    call->next_unit = programme_unit_at(now_on, now_us);
    if (!first)
        call->need_key = true;
    else if (!call->camera->behaviour.starts_anywhere)
        while (!programme_unit_is_key(now_on, call->next_unit))
            call->next_unit--;
}

static void send_unit(struct device_call *call, int64_t unit)
{
    const struct programme *programme = call->programme;
    struct device_host *host = call->device->host;
    struct buffer *stream = &host->out;
    bool key = programme_unit_is_key(programme, unit);
    if (call->waiting.size > WAITING_MAX)
        call->need_key = true;
    else if (key)
        call->need_key = false;
    if (call->need_key || call->camera->behaviour.frozen) {
        host->sim->counts.pictures_skipped += call->need_key;
        return;
    }
    size_t at = (size_t)(unit % (int64_t)programme->unit_count);
    uint64_t ticks = (uint64_t)unit * (TICKS_PER_S / (uint64_t)programme->pictures_per_s);
    buffer_clear(stream);
    put_pack(stream, ticks);
    if (key)
        put_map(stream, programme->codec);
    put_pes(stream, ticks,
            (struct bytes){ programme->stream.bytes + programme->stream_at[at],
                            programme->stream_at[at + 1] - programme->stream_at[at] });
    send_stream(call, buffer_view(stream), (uint32_t)ticks);
    host->sim->counts.pictures++;
}

void device_stream_send_due(struct device_call *call, int64_t now_us)
{
    follow(call, now_us);
    if (!call->programme)
        return;
    int64_t phase_us = call->ssrc % (1000000 / call->programme->pictures_per_s);
    int64_t newest = programme_unit_at(call->programme, now_us - phase_us);
    for (; call->next_unit <= newest; call->next_unit++)
        send_unit(call, call->next_unit);
    flush(call);
}
