#include "tools/citysim/camsim/fleet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "tools/citysim/camsim/device.h"

enum { SOCKETS = 8, SOCKET_BUFFER = 4 << 20, HEAR_ROUNDS = 256, SAY_PER_TICK = 500, KEEPALIVE_S = 60, RETRY_MS = 2000 };

struct fleet {
    struct device_host host;
    struct loop_watch sockets[SOCKETS];
    struct sim_device *devices; /* by number, from 1 */
    size_t count, next;         /* whose turn it is */
};

/* ---- sockets ---- */

static int open_socket(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int bytes = SOCKET_BUFFER, fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        int code = -errno;
        close(fd);
        return code;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* A device's number stands in its own ids and in those of its channels. */
static struct sim_device *device_of(const struct fleet *fleet, const struct sip_message *message)
{
    const char *id = message->status ? message->from : message->to;
    if (!gb_is_id(id))
        return NULL;
    bool channel = strncmp(id + 10, "131", 3) == 0;
    size_t number = strtoul(id + 13, NULL, 10) / (channel ? 100 : 1);
    return number >= 1 && number <= fleet->count ? &fleet->devices[number - 1] : NULL;
}

static int hear(void *context, uint32_t events)
{
    (void)events;
    struct fleet *fleet = context;
    for (int socket_at = 0; socket_at < SOCKETS; socket_at++)
        for (int i = 0; i < HEAR_ROUNDS; i++) {
            ssize_t got = recv(fleet->sockets[socket_at].fd, fleet->host.received, SIP_BYTES_MAX, MSG_DONTWAIT);
            struct bytes bytes = { fleet->host.received, got > 0 ? (size_t)got : 0 };
            struct sip_message message;
            if (got <= 0)
                break;
            if (sip_read(bytes, &message, NULL) < 0)
                continue;
            struct sim_device *device = device_of(fleet, &message);
            if (device)
                device_hear(device, bytes, &message);
            sip_release(&message);
        }
    return 0;
}

/* ---- time ---- */

static void tick_calls(struct fleet *fleet, int64_t now_us)
{
    for (struct device_call **at = &fleet->host.calls; *at;) {
        struct device_call *call = *at;
        call->over |= call->camera->behaviour.dead;
        if (call->began && !call->over)
            device_stream_send_due(call, now_us);
        if (!call->over) {
            at = &call->next;
            continue;
        }
        *at = call->next;
        fleet->host.sim->counts.sessions_now -= call->began;
        device_stream_close(call);
        free(call);
    }
}

/* So many devices in each tick, so that a storm is one of many, and not of one moment. */
void fleet_tick(struct fleet *fleet, int64_t now_us, int64_t now_mono_ms)
{
    if (!fleet)
        return;
    size_t turns = fleet->count < SAY_PER_TICK ? fleet->count : SAY_PER_TICK;
    for (size_t i = 0; i < turns; i++) {
        device_tick(&fleet->devices[fleet->next], now_mono_ms);
        fleet->next = (fleet->next + 1) % fleet->count;
    }
    tick_calls(fleet, now_us);
}

void fleet_befall(struct fleet *fleet, const struct sim_order *order, const struct sim_camera *camera)
{
    for (size_t i = 0; fleet && i < fleet->count; i++) {
        struct sim_device *device = &fleet->devices[i];
        if (device->camera != camera)
            continue;
        if (order->verb == CAMSIM_CUT)
            device_end_calls(device);
        else if (order->verb == CAMSIM_REGISTER)
            device_register(device, clock_mono_ms());
        else if (order->verb == CAMSIM_ALARM)
            device_raise_alarm(device, order->number);
    }
}

size_t fleet_registered(const struct fleet *fleet)
{
    return fleet ? fleet->host.registered : 0;
}

void fleet_device_id(char out[CAMSIM_ID_MAX + 1], int64_t number)
{
    struct sim_device device = { .host = NULL };
    device_begin(&device, NULL, (int)number);
    snprintf(out, CAMSIM_ID_MAX + 1, "%s", device.id);
}

/* ---- start and end ---- */

static int open_sockets(struct fleet *fleet, struct fault *fault)
{
    struct loop *loop = fleet->host.sim->loop;
    uint16_t ports[SOCKETS] = { 0 };
    fleet->host.media_fd = open_socket(&fleet->host.media_port);
    for (int i = 0; i < SOCKETS; i++) {
        fleet->sockets[i] = (struct loop_watch){ .fd = open_socket(&ports[i]), .ready = hear, .context = fleet };
        if (fleet->sockets[i].fd < 0 || fleet->host.media_fd < 0)
            return fault_set(fault, -EMFILE, "simulated devices: no socket");
        int result = loop_add(loop, &fleet->sockets[i], EPOLLIN);
        if (result < 0)
            return result;
    }
    for (size_t i = 0; i < fleet->count; i++) {
        fleet->devices[i].fd = fleet->sockets[i % SOCKETS].fd;
        fleet->devices[i].port = ports[i % SOCKETS];
    }
    return 0;
}

static int read_platform(struct fleet *fleet, struct fault *fault)
{
    const struct camsim_options *options = fleet->host.sim->options;
    struct device_host *host = &fleet->host;
    unsigned port = 0;
    if (!options->gb_platform || sscanf(options->gb_platform, "%15[0-9.]:%u", host->platform.host, &port) != 2 ||
        !gb_is_id(options->gb_id) || !options->gb_password)
        return fault_set(fault, -EINVAL, "simulated devices: expected a platform ADDRESS:PORT, its id and a password");
    host->platform.port = (uint16_t)port;
    host->platform_id = options->gb_id;
    snprintf(host->realm, sizeof host->realm, "%.10s", options->gb_id);
    host->keepalive_ms = (options->gb_keepalive_s ? options->gb_keepalive_s : KEEPALIVE_S) * 1000;
    host->retry_ms = RETRY_MS;
    host->channels = options->gb_channels ? (int)options->gb_channels : 1;
    return 0;
}

int fleet_open(struct sim_host *sim, struct fleet **out, struct fault *fault)
{
    struct fleet *fleet = calloc(1, sizeof *fleet);
    assert(fleet);
    *out = fleet;
    fleet->host.sim = sim;
    fleet->host.media_fd = -1;
    for (int i = 0; i < SOCKETS; i++)
        fleet->sockets[i].fd = -1;
    fleet->count = (size_t)sim->options->gb_count;
    fleet->devices = calloc(fleet->count + 1, sizeof *fleet->devices);
    fleet->host.received = malloc(SIP_BYTES_MAX);
    assert(fleet->devices && fleet->host.received);
    for (size_t i = 0; i < fleet->count; i++) {
        struct sim_device *device = &fleet->devices[i];
        device_begin(device, &fleet->host, (int)i + 1);
        device->camera = sim->find(sim->context, device->id);
        assert(device->camera);
    }
    int result = read_platform(fleet, fault);
    return result < 0 ? result : open_sockets(fleet, fault);
}

void fleet_close(struct fleet *fleet)
{
    if (!fleet)
        return;
    while (fleet->host.calls) {
        struct device_call *next = fleet->host.calls->next;
        device_stream_close(fleet->host.calls);
        free(fleet->host.calls);
        fleet->host.calls = next;
    }
    for (int i = 0; i < SOCKETS; i++)
        if (fleet->sockets[i].fd >= 0)
            close(fleet->sockets[i].fd);
    if (fleet->host.media_fd >= 0)
        close(fleet->host.media_fd);
    arena_finish(&fleet->host.arena);
    buffer_finish(&fleet->host.out);
    free(fleet->host.received);
    free(fleet->devices);
    free(fleet);
}
