#include "ingest/cameras/gb28181/platform.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/cameras/gb28181/ptz.h"
#include "ingest/cameras/losses.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

enum {
    TICK_MS = 250,
    ROUNDS = 8, /* of them before others have their turn */
    SIP_BUFFER = 4 << 20,
    WALK_MS = 1000, /* between two looks at every device */
    REST_MS = 50
};

static struct metric unanswered = METRIC_COUNTER("drumtower_gb28181_unanswered_total", "Requests of ours that nobody "
                                                                                       "answered.");

/* ---- the port ---- */

/* Calls that have ended stay a while, for answers that come late; the newest stand first. */
static bool has_stream(const struct gb28181 *platform)
{
    const struct call *call = platform->calls;
    while (call && call->state == CALL_CLOSING)
        call = call->next;
    return call != NULL;
}

/* Of thousands of devices one says every few milliseconds that it is there. To be woken for each costs more than to read what it says, so what comes
 * meanwhile is read together. Not while there are streams: the end of one would come before the BYE that explains it. */
static int rest(struct gb28181 *platform)
{
    if (has_stream(platform))
        return 0;
    loop_timer_arm(platform->options.loop, &platform->rest, REST_MS);
    return loop_modify(platform->options.loop, &platform->watch, 0);
}

static int hear(void *context, uint32_t events)
{
    (void)events;
    struct gb28181 *platform = context;
    struct mmsghdr messages[PLATFORM_BATCH];
    struct iovec pieces[PLATFORM_BATCH];
    struct sockaddr_in from[PLATFORM_BATCH];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PLATFORM_BATCH; i++) {
            pieces[i] = (struct iovec){ platform->received[i], SIP_BYTES_MAX };
            messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &from[i],
                                                         .msg_namelen = sizeof from[i],
                                                         .msg_iov = &pieces[i],
                                                         .msg_iovlen = 1 } };
        }
        int count = recvmmsg(platform->watch.fd, messages, PLATFORM_BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++)
            messages_take(platform, (struct bytes){ platform->received[i], messages[i].msg_len }, &from[i]);
        if (count < PLATFORM_BATCH)
            return rest(platform);
    }
    return 0;
}

static int rested(void *context)
{
    struct gb28181 *platform = context;
    return loop_modify(platform->options.loop, &platform->watch, EPOLLIN);
}

static int bind_port(struct gb28181 *platform, int fd)
{
    const struct book_gb28181 *book = &platform->options.book->gb28181;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)book->port) };
    socklen_t size = sizeof address;
    int bytes = SIP_BUFFER;
    inet_pton(AF_INET, book->listen, &address.sin_addr);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); /* as much as the system gives */
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    platform->watch = (struct loop_watch){ .fd = fd, .ready = hear, .context = platform };
    platform->port = ntohs(address.sin_port);
    return loop_add(platform->options.loop, &platform->watch, EPOLLIN);
}

static int open_port(struct gb28181 *platform)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int result = fd < 0 ? -errno : bind_port(platform, fd);
    if (result < 0) {
        platform->watch.fd = -1;
        if (fd >= 0)
            close(fd);
        return result;
    }
    log_info("devices of GB/T 28181 may register", "port=%u devices=%zu", platform->port, platform->registrar.count);
    return 0;
}

static int tick(void *context)
{
    struct gb28181 *platform = context;
    int64_t now_mono_ms = clock_mono_ms();
    if (now_mono_ms - platform->walked_mono_ms >= WALK_MS) {
        platform->walked_mono_ms = now_mono_ms;
        registrar_tick(&platform->registrar, now_mono_ms);
        messages_mind_catalogs(platform, now_mono_ms);
        positions_ask(platform, now_mono_ms);
    }
    for (struct call **at = &platform->calls; *at;) {
        struct call *call = *at;
        if (call_tick(call, now_mono_ms)) {
            at = &call->next;
            continue;
        }
        *at = call->next;
        call_finish(call);
        free(call);
    }
    metric_add(&unanswered, (int64_t)outgoing_tick(&platform->outgoing, now_mono_ms));
    loop_timer_arm(platform->options.loop, &platform->tick, TICK_MS);
    return 0;
}

/* ---- sources ---- */

static int find_device(struct gb28181 *platform, const char *url, struct gb_address *address, struct gb_device **device,
                       struct fault *fault)
{
    if (gb_address_read(url, address) < 0)
        return fault_set(fault, -EINVAL, "'%s': expected gb28181://DEVICE/CHANNEL", url);
    *device = registrar_find(&platform->registrar, address->device);
    return *device ? 0 : fault_set(fault, -EINVAL, "'%s': the book has no such device", url);
}

static int start(void *context, const char *url, const struct source_sink *sink, void **source, struct fault *fault)
{
    struct gb28181 *platform = context;
    struct gb_address address;
    struct gb_device *device;
    int result = find_device(platform, url, &address, &device, fault);
    if (result < 0)
        return result;
    struct call *call = calloc(1, sizeof *call);
    assert(call);
    result = call_begin(call, &platform->room, device, &address, sink, fault);
    if (result < 0) {
        call_finish(call);
        free(call);
        return result;
    }
    call->next = platform->calls;
    platform->calls = call;
    *source = call;
    return 0;
}

static void stop(void *source)
{
    call_stop(source);
}

static int move(void *context, const char *url, const struct source_move *wanted, struct fault *fault)
{
    struct gb28181 *platform = context;
    struct gb_address address;
    struct gb_device *device;
    char command[PTZ_TEXT_SIZE];
    int result = find_device(platform, url, &address, &device, fault);
    if (result < 0)
        return result;
    if (!device->online)
        return fault_set(fault, -ENOTCONN, "the device %s is not registered", device->id);
    ptz_command(command, wanted);
    buffer_clear(&platform->out);
    manscdp_put_move(address.channel, ++platform->serial, command, &platform->out);
    result = platform_order(platform, device, address.channel, buffer_view(&platform->out));
    return result < 0 ? fault_set(fault, result, "too many requests wait for answers of devices") : 0;
}

const struct source_ops gb28181_ops = { .start = start, .stop = stop, .move = move };

/* ---- start and end ---- */

static void register_metrics(void)
{
    metric_register(&unanswered);
    messages_register();
    alarms_register();
    positions_register();
    losses_register();
}

int gb28181_open(const struct gb28181_options *options, struct gb28181 **out, struct fault *fault)
{
    const struct book_gb28181 *book = &options->book->gb28181;
    *out = NULL;
    if (!book->id || !*book->id)
        return 0;
    struct gb28181 *platform = calloc(1, sizeof *platform);
    if (!platform)
        return fault_set(fault, -ENOMEM, "gb28181: out of memory");
    platform->options = *options;
    messages_open(platform);
    positions_open(platform);
    random_text(platform->to_tag, sizeof platform->to_tag - 1);
    platform->outgoing = (struct outgoing){ .send = platform_send, .context = platform };
    platform->room = (struct call_room){ .own_id = book->id,
                                         .realm = platform->registrar.realm,
                                         .outgoing = &platform->outgoing,
                                         .media = { .loop = options->loop,
                                                    .tcp = book->media_tcp,
                                                    .first_port = (uint16_t)book->media_port,
                                                    .ports = (size_t)book->media_ports },
                                         .own_place = platform_own_place,
                                         .context = platform };
    register_metrics();
    int result = open_port(platform);
    if (result < 0) {
        gb28181_close(platform);
        return fault_set(fault, result, "gb28181: %s port %d: %s", book->listen, (int)book->port, strerror(-result));
    }
    platform->tick = (struct loop_timer){ .fire = tick, .context = platform };
    platform->rest = (struct loop_timer){ .fire = rested, .context = platform };
    loop_timer_arm(options->loop, &platform->tick, TICK_MS);
    *out = platform;
    return 0;
}

void gb28181_close(struct gb28181 *platform)
{
    if (!platform)
        return;
    loop_timer_disarm(platform->options.loop, &platform->tick);
    loop_timer_disarm(platform->options.loop, &platform->rest);
    while (platform->calls) {
        struct call *next = platform->calls->next;
        call_finish(platform->calls);
        free(platform->calls);
        platform->calls = next;
    }
    alarms_forget(platform);
    positions_close(platform);
    if (platform->watch.fd >= 0) {
        loop_remove(platform->options.loop, &platform->watch);
        close(platform->watch.fd);
    }
    outgoing_finish(&platform->outgoing);
    registrar_close(&platform->registrar);
    arena_finish(&platform->arena);
    buffer_finish(&platform->out);
    free(platform);
}

void gb28181_on_alarm(struct gb28181 *platform, void (*alarm)(void *context, const struct gb_alarm *alarm),
                      void *context)
{
    platform->alarm = alarm;
    platform->alarm_context = context;
}

void gb28181_on_position(struct gb28181 *platform,
                         void (*placed)(void *context, const struct book_camera *camera, double lat, double lon),
                         void *context)
{
    platform->placed = placed;
    platform->placed_context = context;
}

uint16_t gb28181_port(const struct gb28181 *platform)
{
    return platform->port;
}

size_t gb28181_online(const struct gb28181 *platform)
{
    return platform->registrar.online;
}

const struct catalog_channel *gb28181_channel(const struct gb28181 *platform, const char *device, const char *channel)
{
    const struct gb_device *found = registrar_find(&platform->registrar, device);
    return found ? catalog_find(&found->catalog, channel) : NULL;
}
