#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "ingest/cameras/gb28181/platform.h"
#include "proto/base/clock.h"
#include "proto/base/key_file.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

enum {
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
static struct metric catalogs = METRIC_COUNTER("drumtower_gb28181_catalogs_total", "Catalogs taken.");

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
    if (reply.status == 200)
        positions_device_came(registrar_find(&platform->registrar, request->from));
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

static void check_channel(const struct gb_device *device, const struct gb_view *view)
{
    const struct catalog_channel *channel = catalog_find(&device->catalog, view->address.channel);
    if (!channel)
        log_warn("a device does not have the channel of a camera", "camera=%s device=%s channel=%s", view->camera->id,
                 device->id, view->address.channel);
    else if (channel->off)
        log_warn("a device does not reach the channel of a camera", "camera=%s device=%s channel=%s", view->camera->id,
                 device->id, view->address.channel);
}

/* What the book believes of the device, held against what it says itself. */
static void catalog_came(const struct gb_device *device)
{
    metric_add(&catalogs, 1);
    log_info("catalog", "device=%s channels=%zu announced=%" PRId64, device->id, device->catalog.count,
             device->catalog.announced);
    for (size_t i = 0; i < device->view_count; i++)
        check_channel(device, &device->views[i]);
}

void messages_mind_catalogs(struct gb28181 *platform, int64_t now_mono_ms)
{
    int asked = 0;
    for (size_t i = 0; i < platform->registrar.count; i++) {
        struct gb_device *device = &platform->registrar.devices[i];
        if (device->online && now_mono_ms >= device->ask_mono_ms && asked++ < CATALOGS_PER_WALK)
            ask_catalog(platform, device, now_mono_ms);
        if (!device->catalog.serial)
            continue;
        if (catalog_tick(&device->catalog, now_mono_ms))
            catalog_came(device);
        else if (!device->catalog.serial) /* nothing came */
            device->ask_mono_ms = now_mono_ms + CATALOG_AGAIN_MS;
    }
}

/* ---- what devices say ---- */

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
        positions_take(platform, device, &document);
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
    positions_answered(platform, message);
    if (call && strcmp(call->target.host, from->host) == 0)
        call_answered(call, message);
}

void messages_take(struct gb28181 *platform, struct bytes bytes, const struct sockaddr_in *address)
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

/* ---- start ---- */

void messages_register(void)
{
    metric_register(&devices_online);
    metric_register(&registrations);
    metric_register(&refusals);
    metric_register(&unknown);
    metric_register(&keepalives);
    metric_register(&broken);
    metric_register(&catalogs);
}

void messages_open(struct gb28181 *platform)
{
    registrar_open(&platform->registrar, &(struct registrar_options){ .book = platform->options.book,
                                                                      .password = read_password,
                                                                      .changed = device_changed,
                                                                      .context = platform });
}
