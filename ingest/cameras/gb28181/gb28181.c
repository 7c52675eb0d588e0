#include "ingest/cameras/gb28181/platform.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <math.h>
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
#include "proto/base/key_file.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

enum {
    TICK_MS = 250,
    ROUNDS = 8, /* of them before others have their turn */
    SIP_BUFFER = 4 << 20,
    WALK_MS = 1000,         /* between two looks at every device */
    CATALOGS_PER_WALK = 80, /* so that 10,000 devices that come at once are asked within about two minutes */
    CATALOG_AGAIN_MS = 60 * 1000,
    CATALOG_EVERY_MS = 24 * 3600 * 1000
};

static struct metric devices_online = METRIC_GAUGE("drumtower_gb28181_devices", "Devices that are registered now.");
static struct metric registrations = METRIC_COUNTER("drumtower_gb28181_registrations_total", "Registrations taken.");
static struct metric refusals = METRIC_COUNTER("drumtower_gb28181_refused_total", "Registrations refused.");
static struct metric unknown = METRIC_COUNTER("drumtower_gb28181_unregistered_total", "Messages of devices that have "
                                                                                      "not registered.");
static struct metric keepalives = METRIC_COUNTER("drumtower_gb28181_keepalives_total", "Keep-alives taken.");
static struct metric broken = METRIC_COUNTER("drumtower_gb28181_broken_total", "Datagrams and documents that made no "
                                                                               "sense.");
static struct metric unanswered = METRIC_COUNTER("drumtower_gb28181_unanswered_total", "Requests of ours that nobody "
                                                                                       "answered.");
static struct metric catalogs = METRIC_COUNTER("drumtower_gb28181_catalogs_total", "Catalogs taken.");

/* ---- sending ---- */

void platform_send(void *context, const struct sip_place *to, struct bytes bytes)
{
    struct gb28181 *platform = context;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(to->port) };
    inet_pton(AF_INET, to->host, &address.sin_addr);
    /* what is lost is sent again, by us or by the device */
    (void)!sendto(platform->watch.fd, bytes.data, bytes.size, MSG_DONTWAIT, (struct sockaddr *)&address,
                  sizeof address);
}

/* The address by which the peer is reached is the one by which it reaches us, where the book does not know better. */
static struct sip_place own_place(void *context, const struct sip_place *peer)
{
    struct gb28181 *platform = context;
    const char *told = platform->options.book->gb28181.media_address;
    struct sip_place place = { .host = "0.0.0.0", .port = platform->port };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(peer->port) };
    socklen_t size = sizeof address;
    if (*told) {
        snprintf(place.host, sizeof place.host, "%s", told);
        return place;
    }
    inet_pton(AF_INET, peer->host, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        inet_ntop(AF_INET, &address.sin_addr, place.host, sizeof place.host);
    if (fd >= 0)
        close(fd);
    return place;
}

void platform_answer_with(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                          int status, const char *more)
{
    buffer_clear(&platform->out);
    sip_answer(request, status, from, platform->to_tag, more, &platform->out);
    platform_send(platform, from, buffer_view(&platform->out));
}

void platform_answer(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                     int status)
{
    platform_answer_with(platform, request, from, status, "");
}

/* A MESSAGE of ours to a device, or one of its channels. -EAGAIN: too many wait already. */
int platform_tell(struct gb28181 *platform, const struct gb_device *device, struct bytes document)
{
    char call_id[CALL_RANDOM_SIZE], tag[CALL_RANDOM_SIZE], branch[CALL_RANDOM_SIZE];
    struct sip_place own = own_place(platform, &device->place);
    random_text(call_id, sizeof call_id - 1);
    random_text(tag, sizeof tag - 1);
    random_text(branch, sizeof branch - 1);
    struct sip_request request = { .method = "MESSAGE",
                                   .own_id = platform->room.own_id,
                                   .realm = platform->registrar.realm,
                                   .own = &own,
                                   .target = &device->place,
                                   .to = device->id,
                                   .from_tag = tag,
                                   .to_tag = "",
                                   .call_id = call_id,
                                   .branch = branch,
                                   .sequence = 1,
                                   .more = "",
                                   .type = "Application/MANSCDP+xml",
                                   .body = document };
    return outgoing_add(&platform->outgoing, &request, clock_mono_ms()) ? 0 : -EAGAIN;
}

/* ---- devices come and go ---- */

static int read_password(void *context, const char *device, struct buffer *out, struct fault *fault)
{
    const struct gb28181 *platform = context;
    int result = key_file_read(platform->options.keys, device, out, fault);
    return result == -ENOENT ? key_file_read(platform->options.keys, "gb28181", out, fault) : result;
}

static void device_changed(void *context, struct gb_device *device, const char *reason)
{
    struct gb28181 *platform = context;
    metric_set(&devices_online, (int64_t)platform->registrar.online);
    if (device->online) {
        log_info("device online", "device=%s address=%s:%u", device->id, device->place.host, device->place.port);
        device->ask_mono_ms = clock_mono_ms();
        return;
    }
    log_info("device offline", "device=%s reason=\"%s\"", device->id, reason);
    for (struct call *call = platform->calls; call; call = call->next)
        if (call->device == device)
            call_end(call, false, -ENOTCONN, reason);
}

static void take_register(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from)
{
    struct fault fault = { "" };
    struct registrar_reply reply =
        registrar_register(&platform->registrar, request, from, clock_now_ms(), clock_mono_ms(), &fault);
    metric_add(&registrations, reply.status == 200);
    if (reply.status == 403) {
        metric_add(&refusals, 1);
        log_warn("device refused", "reason=\"%s\"", fault.text);
    }
    platform_answer_with(platform, request, from, reply.status, reply.more);
}

/* ---- catalogs ---- */

static void ask_catalog(struct gb28181 *platform, struct gb_device *device, int64_t now_mono_ms)
{
    buffer_clear(&platform->out);
    manscdp_put_catalog_query(device->id, ++platform->serial, &platform->out);
    if (platform_tell(platform, device, buffer_view(&platform->out)) == 0) {
        catalog_ask(&device->catalog, platform->serial, now_mono_ms);
        device->ask_mono_ms = now_mono_ms + CATALOG_EVERY_MS;
    }
}

static void check_channel(const struct gb_device *device, const struct book_camera *camera, const char *url)
{
    struct gb_address address;
    if (!gb_is_address(url) || gb_address_read(url, &address) < 0 || strcmp(address.device, device->id) != 0)
        return;
    const struct catalog_channel *channel = catalog_find(&device->catalog, address.channel);
    if (!channel)
        log_warn("a device does not have the channel of a camera", "camera=%s device=%s channel=%s", camera->id,
                 device->id, address.channel);
    else if (channel->off)
        log_warn("a device does not reach the channel of a camera", "camera=%s device=%s channel=%s", camera->id,
                 device->id, address.channel);
}

/* What the book believes of the device, held against what it says itself. */
static void catalog_came(struct gb28181 *platform, const struct gb_device *device)
{
    const struct book *book = platform->options.book;
    metric_add(&catalogs, 1);
    log_info("catalog", "device=%s channels=%zu announced=%" PRId64, device->id, device->catalog.count,
             device->catalog.announced);
    for (size_t i = 0; i < book->camera_count; i++) {
        check_channel(device, &book->cameras[i], book->cameras[i].url);
        check_channel(device, &book->cameras[i], book->cameras[i].sub_url);
    }
}

static void mind_catalogs(struct gb28181 *platform, int64_t now_mono_ms)
{
    int asked = 0;
    for (size_t i = 0; i < platform->registrar.count; i++) {
        struct gb_device *device = &platform->registrar.devices[i];
        if (device->online && now_mono_ms >= device->ask_mono_ms && asked++ < CATALOGS_PER_WALK)
            ask_catalog(platform, device, now_mono_ms);
        if (!device->catalog.serial)
            continue;
        if (catalog_tick(&device->catalog, now_mono_ms))
            catalog_came(platform, device);
        else if (!device->catalog.serial) /* nothing came */
            device->ask_mono_ms = now_mono_ms + CATALOG_AGAIN_MS;
    }
}

/* ---- what devices say ---- */

static void take_position(struct gb_device *device, const struct manscdp *document)
{
    struct manscdp_position position = manscdp_position(document, 0);
    if (isnan(position.lat))
        return;
    device->lat = position.lat;
    device->lon = position.lon;
}

/* Answers; an alarm's is left to whoever keeps it. */
static void take_document(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                          struct gb_device *device)
{
    struct manscdp document;
    struct fault fault = { "" };
    if (manscdp_is_plain_keepalive(request->body)) {
        metric_add(&keepalives, 1);
        platform_answer(platform, request, from, 200);
        return;
    }
    arena_reset(&platform->arena);
    if (manscdp_read(request->body, &platform->arena, &document, &fault) < 0) {
        metric_add(&broken, 1);
        log_warn("a device's message cannot be read", "device=%s reason=\"%s\"", device->id, fault.text);
        platform_answer(platform, request, from, 400);
        return;
    }
    if (document.command == MANSCDP_ALARM && strcmp(document.root->name, "Notify") == 0) {
        alarms_take(platform, request, from, device, &document);
        return;
    }
    if (document.command == MANSCDP_KEEPALIVE)
        metric_add(&keepalives, 1);
    else if (document.command == MANSCDP_MOBILE_POSITION)
        take_position(device, &document);
    else if (document.command == MANSCDP_CATALOG &&
             catalog_take(&device->catalog, &document, clock_mono_ms()) == -EMSGSIZE)
        log_warn("a device has more channels than may be", "device=%s most=%d", device->id, CATALOG_CHANNELS_MAX);
    platform_answer(platform, request, from, 200);
}

static void take_message(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from)
{
    struct gb_device *device = registrar_hear(&platform->registrar, request->from, from, clock_mono_ms());
    if (device) {
        take_document(platform, request, from, device);
        return;
    }
    metric_add(&unknown, 1);
    platform_answer(platform, request, from, 403);
}

static struct call *find_call(const struct gb28181 *platform, const char *call_id)
{
    struct call *call = platform->calls;
    while (call && strcmp(call->call_id, call_id) != 0)
        call = call->next;
    return call;
}

static void take_bye(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from)
{
    struct call *call = find_call(platform, request->call_id);
    bool ours = call && strcmp(call->target.host, from->host) == 0;
    platform_answer(platform, request, from, ours ? 200 : 481);
    if (ours)
        call_end(call, true, -ECONNRESET, "the device ended the stream");
}

static void take_request(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from)
{
    if (strcmp(request->method, "REGISTER") == 0)
        take_register(platform, request, from);
    else if (strcmp(request->method, "MESSAGE") == 0 || strcmp(request->method, "NOTIFY") == 0)
        take_message(platform, request, from);
    else if (strcmp(request->method, "BYE") == 0)
        take_bye(platform, request, from);
    else if (strcmp(request->method, "ACK") != 0)
        platform_answer(platform, request, from, strcmp(request->method, "OPTIONS") == 0 ? 200 : 405);
}

static void take_answer(struct gb28181 *platform, const struct sip_message *message, const struct sip_place *from)
{
    struct call *call = find_call(platform, message->call_id);
    outgoing_answered(&platform->outgoing, message);
    if (call && strcmp(call->target.host, from->host) == 0)
        call_answered(call, message);
}

static void take_datagram(struct gb28181 *platform, struct bytes bytes, const struct sockaddr_in *address)
{
    struct sip_message message;
    struct sip_place from = { .port = ntohs(address->sin_port) };
    inet_ntop(AF_INET, &address->sin_addr, from.host, sizeof from.host);
    if (bytes.size <= 4) /* line ends that keep a router's way open */
        return;
    if (sip_read(bytes, &message, NULL) < 0) {
        metric_add(&broken, 1);
        return;
    }
    if (message.status)
        take_answer(platform, &message, &from);
    else
        take_request(platform, &message, &from);
    sip_release(&message);
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
            take_datagram(platform, (struct bytes){ platform->received[i], messages[i].msg_len }, &from[i]);
        if (count < PLATFORM_BATCH)
            return 0;
    }
    return 0;
}

/* ---- the port ---- */

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
        mind_catalogs(platform, now_mono_ms);
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
    result = platform_tell(platform, device, buffer_view(&platform->out));
    return result < 0 ? fault_set(fault, result, "too many requests wait for answers of devices") : 0;
}

const struct source_ops gb28181_ops = { .start = start, .stop = stop, .move = move };

/* ---- start and end ---- */

static void register_metrics(void)
{
    metric_register(&devices_online);
    metric_register(&registrations);
    metric_register(&refusals);
    metric_register(&unknown);
    metric_register(&keepalives);
    metric_register(&broken);
    metric_register(&unanswered);
    metric_register(&catalogs);
    alarms_register();
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
    registrar_open(&platform->registrar, &(struct registrar_options){ .book = options->book,
                                                                      .password = read_password,
                                                                      .changed = device_changed,
                                                                      .context = platform });
    random_text(platform->to_tag, sizeof platform->to_tag - 1);
    platform->outgoing = (struct outgoing){ .send = platform_send, .context = platform };
    platform->room = (struct call_room){ .own_id = book->id,
                                         .realm = platform->registrar.realm,
                                         .outgoing = &platform->outgoing,
                                         .media = { .loop = options->loop,
                                                    .tcp = book->media_tcp,
                                                    .first_port = (uint16_t)book->media_port,
                                                    .ports = (size_t)book->media_ports },
                                         .own_place = own_place,
                                         .context = platform };
    register_metrics();
    int result = open_port(platform);
    if (result < 0) {
        gb28181_close(platform);
        return fault_set(fault, result, "gb28181: %s port %d: %s", book->listen, (int)book->port, strerror(-result));
    }
    platform->tick = (struct loop_timer){ .fire = tick, .context = platform };
    loop_timer_arm(options->loop, &platform->tick, TICK_MS);
    *out = platform;
    return 0;
}

void gb28181_close(struct gb28181 *platform)
{
    if (!platform)
        return;
    loop_timer_disarm(platform->options.loop, &platform->tick);
    while (platform->calls) {
        struct call *next = platform->calls->next;
        call_finish(platform->calls);
        free(platform->calls);
        platform->calls = next;
    }
    alarms_forget(platform);
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
