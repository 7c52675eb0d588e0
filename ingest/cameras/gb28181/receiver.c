#include "ingest/cameras/gb28181/receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/cameras/losses.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/metrics.h"

enum { RECEIVE_ROUNDS = 32, PACKET_HEAD = 2, UDP_BUFFER = 1 << 20 };

static struct metric strangers = METRIC_COUNTER("drumtower_gb28181_strangers_total", "Packets and connections at media "
                                                                                     "ports that did not come from the "
                                                                                     "device.");

/* ---- ports ---- */

static int bind_port(const struct receiver_room *room, uint16_t port, uint16_t *bound)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    socklen_t size = sizeof address;
    int one = 1, bytes = UDP_BUFFER;
    int fd = socket(AF_INET, (room->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (room->tcp)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    else
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || (room->tcp && listen(fd, 4) < 0) ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        int code = -errno;
        close(fd);
        return code;
    }
    *bound = ntohs(address.sin_port);
    return fd;
}

int receiver_open(struct receiver *receiver, struct receiver_room *room, struct fault *fault)
{
    int fd = -EADDRINUSE;
    *receiver = (struct receiver){ .room = room, .watch.fd = -1, .peer.fd = -1 };
    random_bytes(&receiver->own_ssrc, sizeof receiver->own_ssrc);
    for (size_t i = 0; fd == -EADDRINUSE && i < room->ports; i++) {
        uint16_t port = room->first_port ? (uint16_t)(room->first_port + room->next_port) : 0;
        room->next_port = (uint16_t)((room->next_port + 1u) % room->ports);
        fd = bind_port(room, port, &receiver->port);
    }
    if (fd < 0)
        return fault_set(fault, fd, "no media port from %u on is free: %s", room->first_port, strerror(-fd));
    receiver->watch.fd = fd;
    return 0;
}

static void close_watch(struct receiver *receiver, struct loop_watch *watch)
{
    if (watch->fd < 0)
        return;
    if (watch->ready)
        loop_remove(receiver->room->loop, watch);
    close(watch->fd);
    watch->fd = -1;
}

void receiver_close(struct receiver *receiver)
{
    if (!receiver->room)
        return;
    close_watch(receiver, &receiver->peer);
    close_watch(receiver, &receiver->watch);
}

void receiver_finish(struct receiver *receiver)
{
    receiver_close(receiver);
    ps_finish(&receiver->ps);
    reorder_finish(&receiver->reorder);
    buffer_finish(&receiver->rest);
}

/* ---- packets ---- */

static bool is_expected(struct receiver *receiver, const struct sockaddr_in *address)
{
    char host[16];
    inet_ntop(AF_INET, &address->sin_addr, host, sizeof host);
    bool expected = strcmp(host, receiver->from[0]) == 0 || strcmp(host, receiver->from[1]) == 0;
    if (!expected)
        metric_add(&strangers, 1);
    else if (!receiver->source.port) {
        memcpy(receiver->source.host, host, sizeof host);
        receiver->source.port = ntohs(address->sin_port);
    }
    return expected;
}

static void end(struct receiver *receiver, int code, const char *reason)
{
    receiver_close(receiver);
    receiver->ended(receiver->context, code, reason);
}

static bool is_rtcp(struct bytes packet)
{
    return packet.size > 1 && packet.data[1] >= 200 && packet.data[1] <= 207;
}

/* False: it has ended. */
static bool take_in_turn(void *context, const struct rtp_packet *packet)
{
    struct receiver *receiver = context;
    char reason[96];
    ps_push(&receiver->ps, packet);
    if (receiver->watch.fd >= 0 && receiver->ps.unreadable) {
        snprintf(reason, sizeof reason, "its video is of stream type 0x%02x; expected H.264 (0x1b) or H.265 (0x24)",
                 receiver->ps.unreadable);
        end(receiver, -EPROTONOSUPPORT, reason);
    }
    return receiver->watch.fd >= 0;
}

/* False: there is nothing in it for us. */
static bool read_packet(struct receiver *receiver, struct bytes bytes, struct rtp_packet *packet)
{
    if (is_rtcp(bytes))
        return false;
    bool read = rtp_read(bytes, packet);
    receiver->ps.packets_broken += !read;
    return read;
}

/* False: it has ended. */
static bool take_datagram(struct receiver *receiver, struct bytes bytes, int64_t mono_ms)
{
    struct rtp_packet packet;
    return !read_packet(receiver, bytes, &packet) || reorder_push(&receiver->reorder, bytes, &packet, mono_ms);
}

static int hear_datagrams(void *context, uint32_t events)
{
    (void)events;
    struct receiver *receiver = context;
    uint8_t *received = receiver->room->received;
    int64_t mono_ms = clock_mono_ms();
    for (int i = 0; i < RECEIVE_ROUNDS; i++) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t got = recvfrom(receiver->watch.fd, received, RECEIVER_RECEIVE_BYTES, MSG_DONTWAIT,
                               (struct sockaddr *)&from, &size);
        if (got < 0)
            return 0;
        losses_count_bytes(got);
        if (is_expected(receiver, &from) && !take_datagram(receiver, (struct bytes){ received, (size_t)got }, mono_ms))
            return 0;
    }
    return 0;
}

/* ---- TCP ---- */

/* What is whole at the front; false: it has ended. */
static bool take_packets(struct receiver *receiver, struct bytes *bytes)
{
    while (bytes->size >= PACKET_HEAD) {
        size_t size = (size_t)bytes->data[0] << 8 | bytes->data[1];
        if (bytes->size < PACKET_HEAD + size)
            break;
        struct bytes whole = { bytes->data + PACKET_HEAD, size };
        struct rtp_packet packet;
        *bytes = (struct bytes){ whole.data + size, bytes->size - PACKET_HEAD - size };
        if (read_packet(receiver, whole, &packet) && !take_in_turn(receiver, &packet))
            return false;
    }
    return true;
}

static int hear_connection(void *context, uint32_t events)
{
    (void)events;
    struct receiver *receiver = context;
    uint8_t *received = receiver->room->received;
    size_t rest = receiver->rest.size;
    if (rest)
        memcpy(received, receiver->rest.bytes, rest);
    ssize_t got = recv(receiver->peer.fd, received + rest, RECEIVER_RECEIVE_BYTES - rest, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0) {
        end(receiver, got ? -errno : -ECONNRESET, got ? strerror(errno) : "the device closed the connection");
        return 0;
    }
    losses_count_bytes(got);
    struct bytes bytes = { received, rest + (size_t)got };
    if (!take_packets(receiver, &bytes))
        return 0;
    if (bytes.size == 0 && receiver->rest.capacity > 4096)
        buffer_finish(&receiver->rest);
    buffer_clear(&receiver->rest);
    buffer_append(&receiver->rest, bytes.data, bytes.size);
    return 0;
}

/* The device connects; it may do so anew, the newest connection counts. */
static int take_connection(void *context, uint32_t events)
{
    (void)events;
    struct receiver *receiver = context;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int fd = accept4(receiver->watch.fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return 0;
    if (!is_expected(receiver, &from)) {
        close(fd);
        return 0;
    }
    close_watch(receiver, &receiver->peer);
    buffer_clear(&receiver->rest);
    receiver->peer = (struct loop_watch){ .fd = fd, .ready = hear_connection, .context = receiver };
    if (loop_add(receiver->room->loop, &receiver->peer, EPOLLIN) < 0) {
        receiver->peer.ready = NULL;
        end(receiver, -ENOMEM, "the connection cannot be watched");
    }
    return 0;
}

void receiver_start(struct receiver *receiver, const char *host, const char *other_host,
                    void (*unit)(void *context, const struct source_unit *unit),
                    void (*ended)(void *context, int code, const char *reason), void *context)
{
    snprintf(receiver->from[0], sizeof receiver->from[0], "%s", host);
    snprintf(receiver->from[1], sizeof receiver->from[1], "%s", other_host);
    receiver->reorder.take = take_in_turn;
    receiver->reorder.context = receiver;
    receiver->ended = ended;
    receiver->context = context;
    receiver->report_mono_ms = clock_mono_ms() + RECEIVER_REPORT_MS;
    ps_begin(&receiver->ps, unit, context);
    receiver->watch.ready = receiver->room->tcp ? take_connection : hear_datagrams;
    receiver->watch.context = receiver;
    if (loop_add(receiver->room->loop, &receiver->watch, EPOLLIN) < 0) {
        receiver->watch.ready = NULL;
        end(receiver, -ENOMEM, "the port cannot be watched");
    }
}

/* ---- reports ---- */

/* RFC 3550, 6.4.2, with one block: enough to show that somebody listens. */
void receiver_tick(struct receiver *receiver, int64_t now_mono_ms)
{
    losses_count_reordered(&receiver->reorder.reordered);
    losses_count(&receiver->ps.packets_lost, &receiver->ps.packets_broken, &receiver->ps.assembly.units_dropped);
    if (!receiver->watch.ready || receiver->watch.fd < 0 || !receiver->ps.order.started ||
        now_mono_ms < receiver->report_mono_ms)
        return;
    receiver->report_mono_ms = now_mono_ms + RECEIVER_REPORT_MS;
    uint8_t report[PACKET_HEAD + 32] = { 0, 32, 0x81, 201, 0, 7 };
    bytes_put_be32(report + PACKET_HEAD + 4, receiver->own_ssrc);
    bytes_put_be32(report + PACKET_HEAD + 8, receiver->ps.order.ssrc);
    bytes_put_be32(report + PACKET_HEAD + 16, receiver->ps.order.sequence);
    if (receiver->peer.fd >= 0) {
        (void)!send(receiver->peer.fd, report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else if (!receiver->room->tcp) {
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)(receiver->source.port + 1)) };
        inet_pton(AF_INET, receiver->source.host, &to.sin_addr);
        (void)!sendto(receiver->watch.fd, report + PACKET_HEAD, sizeof report - PACKET_HEAD, MSG_DONTWAIT,
                      (struct sockaddr *)&to, sizeof to);
    }
}
