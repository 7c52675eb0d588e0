/* Where mobile cameras are: their devices are asked to say it every few seconds (GB/T 28181-2016, 9.11), by a subscription each (RFC 6665). It is asked
 * for anew long before it would end, so that a device that forgot it, or that we did, is silent for no longer than RENEW_MS. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/gb28181/platform.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

enum { RENEW_MS = 60 * 1000 };
#define EXPIRES_S "180"

static struct metric positions = METRIC_COUNTER("drumtower_gb28181_positions_total", "Positions that devices said.");

struct subscription {
    struct gb_device *device;
    char call_id[CALL_RANDOM_SIZE], from_tag[CALL_RANDOM_SIZE], to_tag[CALL_TAG_SIZE];
    uint32_t sequence;
    int64_t ask_mono_ms; /* when next; 0: at once */
    bool refused;        /* and the log says so */
};

/* ---- which devices ---- */

static void begin_dialog(struct subscription *subscription)
{
    random_text(subscription->call_id, sizeof subscription->call_id - 1);
    random_text(subscription->from_tag, sizeof subscription->from_tag - 1);
    subscription->to_tag[0] = '\0';
    subscription->sequence = 0;
}

/* Of the whole device, or of that channel. */
static bool moves(const struct gb_view *view, const char *about)
{
    return view->camera->mobile && !view->is_sub &&
           (strcmp(about, view->address.device) == 0 || strcmp(about, view->address.channel) == 0);
}

static bool has_moving(const struct gb_device *device)
{
    for (size_t i = 0; i < device->view_count; i++)
        if (moves(&device->views[i], device->id))
            return true;
    return false;
}

void positions_open(struct gb28181 *platform)
{
    const struct registrar *registrar = &platform->registrar;
    platform->subscriptions = calloc(registrar->count + 1, sizeof *platform->subscriptions);
    assert(platform->subscriptions);
    for (size_t i = 0; i < registrar->count; i++) {
        if (!has_moving(&registrar->devices[i]))
            continue;
        struct subscription *subscription = &platform->subscriptions[platform->subscription_count++];
        subscription->device = &registrar->devices[i];
        subscription->device->subscription = subscription;
        begin_dialog(subscription);
    }
}

void positions_close(struct gb28181 *platform)
{
    free(platform->subscriptions);
}

/* ---- asking ---- */

static void ask(struct gb28181 *platform, struct subscription *subscription, int64_t now_mono_ms)
{
    const struct gb_device *device = subscription->device;
    struct sip_place own = platform_own_place(platform, &device->place);
    char branch[CALL_RANDOM_SIZE];
    random_text(branch, sizeof branch - 1);
    buffer_clear(&platform->out);
    manscdp_put_position_query(device->id, ++platform->serial, platform->options.book->gb28181.position_seconds,
                               &platform->out);
    struct sip_request request = platform_request(platform, device, &own, buffer_view(&platform->out));
    request.method = "SUBSCRIBE";
    request.from_tag = subscription->from_tag;
    request.to_tag = subscription->to_tag;
    request.call_id = subscription->call_id;
    request.branch = branch;
    request.sequence = ++subscription->sequence;
    request.more = "Event: presence\r\nExpires: " EXPIRES_S "\r\n";
    subscription->ask_mono_ms = now_mono_ms + RENEW_MS;
    if (!outgoing_add(&platform->outgoing, &request, now_mono_ms))
        log_warn("too many requests wait for answers", "device=%s method=SUBSCRIBE", device->id);
}

void positions_ask(struct gb28181 *platform, int64_t now_mono_ms)
{
    for (size_t i = 0; i < platform->subscription_count; i++) {
        struct subscription *subscription = &platform->subscriptions[i];
        if (subscription->device->online && now_mono_ms >= subscription->ask_mono_ms)
            ask(platform, subscription, now_mono_ms);
    }
}

void positions_device_came(const struct gb_device *device)
{
    struct subscription *subscription = device->subscription;
    if (!subscription)
        return;
    begin_dialog(subscription);
    subscription->ask_mono_ms = 0;
}

/* A device that began anew does not know the dialog: it is offered a new one. */
void positions_answered(struct gb28181 *platform, const struct sip_message *answer)
{
    struct subscription *subscription = NULL;
    for (size_t i = 0; !subscription && i < platform->subscription_count; i++)
        if (strcmp(platform->subscriptions[i].call_id, answer->call_id) == 0)
            subscription = &platform->subscriptions[i];
    if (!subscription || answer->status < 200)
        return;
    if (answer->status < 300) {
        snprintf(subscription->to_tag, sizeof subscription->to_tag, "%s", answer->to_tag);
        subscription->refused = false;
        return;
    }
    bool was_known = *subscription->to_tag;
    if (!was_known && !subscription->refused)
        log_warn("a device does not say where it is", "device=%s status=%d", subscription->device->id, answer->status);
    subscription->refused |= !was_known;
    begin_dialog(subscription);
    if (was_known)
        subscription->ask_mono_ms = 0;
}

/* ---- what they say ---- */

void positions_take(struct gb28181 *platform, struct gb_device *device, const struct manscdp *document)
{
    struct manscdp_position position = manscdp_position(document, 0);
    if (isnan(position.lat))
        return;
    metric_add(&positions, 1);
    device->lat = position.lat;
    device->lon = position.lon;
    if (!platform->placed)
        return;
    for (size_t i = 0; i < device->view_count; i++)
        if (moves(&device->views[i], document->device))
            platform->placed(platform->placed_context, device->views[i].camera, position.lat, position.lon);
}

void positions_register(void)
{
    metric_register(&positions);
}
