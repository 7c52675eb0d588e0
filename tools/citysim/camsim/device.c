#include "tools/citysim/camsim/device.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

enum { WATCH_MS = 180 * 1000, ANSWER_MS = 1000, ANSWER_LONGEST_MS = 8000, UNANSWERED_MAX = 3, RENEW_MS = 1800 * 1000 };

void device_channel_id(char out[GB_ID_DIGITS + 1], int number, int channel)
{
    snprintf(out, GB_ID_DIGITS + 1, "3402000000131%05d%02d", number % 100000, channel % 100);
}

void device_begin(struct sim_device *device, struct device_host *host, int number)
{
    device->host = host;
    device->number = number;
    snprintf(device->id, sizeof device->id, "3402000000111%07d", number % 10000000);
}

static int64_t patience_ms(const struct sim_device *device)
{
    int64_t delay_ms = (int64_t)ANSWER_MS << (device->tries < 4 ? device->tries : 4);
    return delay_ms < ANSWER_LONGEST_MS ? delay_ms : ANSWER_LONGEST_MS;
}

static void enter(struct sim_device *device, enum device_state state)
{
    device->host->registered += state == DEVICE_IN && device->state != DEVICE_IN;
    device->host->registered -= state != DEVICE_IN && device->state == DEVICE_IN;
    device->state = state;
}

void device_register(struct sim_device *device, int64_t now_mono_ms)
{
    enter(device, DEVICE_OUT);
    device->watch.ends_mono_ms = 0;
    device->tries = device->unanswered = 0;
    device->due_mono_ms = now_mono_ms;
}

static void say_keepalive(struct sim_device *device)
{
    struct buffer document = { 0 };
    device_put_keepalive(device, &document);
    device_say_document(device, buffer_view(&document));
    buffer_finish(&document);
    device->unanswered++;
}

static void say_alarm(struct sim_device *device)
{
    struct buffer document = { 0 };
    device_put_alarm(device, &document);
    device_say_document(device, buffer_view(&document));
    buffer_finish(&document);
}

void device_raise_alarm(struct sim_device *device, int64_t type)
{
    device->alarm = type;
    device->alarm_serial = ++device->serial;
    if (device->state == DEVICE_IN)
        say_alarm(device);
}

static void go_on(struct sim_device *device, int64_t now_mono_ms)
{
    if (device->unanswered >= UNANSWERED_MAX || now_mono_ms >= device->renew_mono_ms) {
        device_register(device, now_mono_ms);
        return;
    }
    if (!device->camera->behaviour.silent)
        say_keepalive(device);
    if (device->alarm)
        say_alarm(device);
    device->due_mono_ms = now_mono_ms + device->host->keepalive_ms;
}

static void tell_watch(struct sim_device *device, int64_t now_mono_ms)
{
    struct device_watch *watch = &device->watch;
    if (now_mono_ms >= watch->ends_mono_ms || now_mono_ms < watch->due_mono_ms || device->state != DEVICE_IN)
        return;
    device_say_position(device);
    watch->due_mono_ms = now_mono_ms + watch->interval_ms;
}

void device_tick(struct sim_device *device, int64_t now_mono_ms)
{
    if (device->camera->behaviour.dead)
        return;
    tell_watch(device, now_mono_ms);
    if (now_mono_ms < device->due_mono_ms)
        return;
    if (device->state == DEVICE_IN) {
        go_on(device, now_mono_ms);
        return;
    }
    enter(device, DEVICE_ASKED);
    device_say_register(device, NULL);
    device->due_mono_ms = now_mono_ms + patience_ms(device);
    device->tries++;
}

/* ---- answers ---- */

static void challenged(struct sim_device *device, struct bytes bytes, int64_t now_mono_ms)
{
    char nonce[128];
    const char *at = memmem(bytes.data, bytes.size, "nonce=\"", 7);
    if (device->state == DEVICE_IN || !at || sscanf(at, "nonce=\"%127[^\"]", nonce) != 1)
        return;
    enter(device, DEVICE_ANSWERED);
    device_say_register(device, nonce);
    device->due_mono_ms = now_mono_ms + patience_ms(device);
}

static void registered(struct sim_device *device, int64_t now_mono_ms)
{
    struct device_host *host = device->host;
    if (device->state == DEVICE_IN)
        return;
    enter(device, DEVICE_IN);
    host->sim->counts.registrations++;
    device->tries = device->unanswered = 0;
    device->renew_mono_ms = now_mono_ms + RENEW_MS;
    device->due_mono_ms = now_mono_ms + (int64_t)dice_below(&host->sim->dice, (uint64_t)host->keepalive_ms);
}

static void hear_answer(struct sim_device *device, struct bytes bytes, const struct sip_message *answer,
                        int64_t now_mono_ms)
{
    struct device_host *host = device->host;
    bool registers = strcmp(answer->method, "REGISTER") == 0;
    if (registers && answer->status == 401) {
        challenged(device, bytes, now_mono_ms);
    } else if (registers && answer->status == 200) {
        registered(device, now_mono_ms);
    } else if (registers && answer->status >= 300) {
        host->sim->counts.refused++;
        enter(device, DEVICE_OUT);
        device->due_mono_ms = now_mono_ms + host->retry_ms;
    } else if (strcmp(answer->method, "MESSAGE") == 0 && answer->status == 403) {
        device_register(device, now_mono_ms);
    } else if (strcmp(answer->method, "MESSAGE") == 0 && answer->status == 200) {
        host->sim->counts.keep_alives += device->unanswered > 0;
        device->unanswered = 0;
    }
}

/* ---- requests ---- */

static void send_catalog(struct sim_device *device, int64_t serial)
{
    struct buffer document = { 0 };
    for (int channel = 1; channel <= device->host->channels; channel++) {
        buffer_clear(&document);
        device_put_catalog(device, serial, channel, device->camera->behaviour.twice ? 2 : 1, &document);
        device_say_document(device, buffer_view(&document));
    }
    buffer_finish(&document);
}

static void hear_document(struct sim_device *device, const struct sip_message *request)
{
    struct manscdp document;
    struct device_host *host = device->host;
    arena_reset(&host->arena);
    device_answer(device, request, 200, "dev");
    if (manscdp_read(request->body, &host->arena, &document, NULL) < 0)
        return;
    const char *ptz = xml_child_text(document.root, "PTZCmd");
    if (*ptz) {
        host->sim->counts.moves++;
        snprintf(host->sim->counts.last_move, sizeof host->sim->counts.last_move, "%s", ptz);
    } else if (document.command == MANSCDP_CATALOG) {
        send_catalog(device, document.serial);
    } else if (document.command == MANSCDP_ALARM) {
        device->alarm = 0; /* it is kept */
        host->sim->counts.alarms_kept++;
    }
}

static void hear_subscribe(struct sim_device *device, const struct sip_message *request, int64_t now_mono_ms)
{
    struct device_watch *watch = &device->watch;
    struct manscdp document;
    arena_reset(&device->host->arena);
    bool is_renewed = *request->to_tag;
    if (is_renewed && (!watch->ends_mono_ms || strcmp(watch->call_id, request->call_id) != 0)) {
        device_answer(device, request, 481, "dev");
        return;
    }
    if (device->camera->behaviour.fixed || manscdp_read(request->body, &device->host->arena, &document, NULL) < 0 ||
        document.command != MANSCDP_MOBILE_POSITION) {
        device_answer(device, request, 489, "dev");
        return;
    }
    *watch = (struct device_watch){ .ends_mono_ms = now_mono_ms + WATCH_MS,
                                    .interval_ms = 1000 * strtol(xml_child_text(document.root, "Interval"), NULL, 10),
                                    .serial = document.serial,
                                    .sequence = watch->sequence };
    snprintf(watch->call_id, sizeof watch->call_id, "%s", request->call_id);
    snprintf(watch->peer, sizeof watch->peer, "%s", request->from);
    snprintf(watch->peer_tag, sizeof watch->peer_tag, "%s", request->from_tag);
    device_answer(device, request, 200, "dev");
}

static struct device_call *find_call(const struct sim_device *device, const char *call_id)
{
    struct device_call *call = device->host->calls;
    while (call && (call->over || strcmp(call->call_id, call_id) != 0))
        call = call->next;
    return call;
}

static bool has_channel(const struct sim_device *device, const char *id)
{
    char own[GB_ID_DIGITS + 1];
    for (int channel = 1; channel <= device->host->channels; channel++) {
        device_channel_id(own, device->number, channel);
        if (strcmp(own, id) == 0)
            return true;
    }
    return false;
}

static void hear_invite(struct sim_device *device, const struct sip_message *request)
{
    struct device_host *host = device->host;
    struct device_call *call = find_call(device, request->call_id);
    if (call) {
        device_accept(call, request, "127.0.0.1"); /* our answer was lost */
        return;
    }
    if (!has_channel(device, request->to)) {
        device_answer(device, request, 404, "dev");
        return;
    }
    call = calloc(1, sizeof *call);
    assert(call);
    *call = (struct device_call){ .device = device, .camera = device->camera, .next = host->calls };
    snprintf(call->call_id, sizeof call->call_id, "%s", request->call_id);
    snprintf(call->peer, sizeof call->peer, "%s", request->from);
    snprintf(call->channel, sizeof call->channel, "%s", request->to);
    snprintf(call->peer_tag, sizeof call->peer_tag, "%s", request->from_tag);
    snprintf(call->tag, sizeof call->tag, "t%u", ++device->sequence);
    call->sequence = (uint16_t)dice_throw(&host->sim->dice);
    if (device_stream_open(call, request->body) < 0) {
        device_answer(device, request, 488, "dev");
        device_stream_close(call);
        free(call);
        return;
    }
    host->calls = call;
    device_accept(call, request, "127.0.0.1");
}

static void hear_request(struct sim_device *device, const struct sip_message *request)
{
    struct device_call *call = find_call(device, request->call_id);
    if (strcmp(request->method, "INVITE") == 0) {
        hear_invite(device, request);
    } else if (strcmp(request->method, "ACK") == 0) {
        device->host->sim->counts.sessions_now += call && !call->began;
        if (call)
            call->began = true;
    } else if (strcmp(request->method, "BYE") == 0 || strcmp(request->method, "CANCEL") == 0) {
        device_answer(device, request, call ? 200 : 481, "dev");
        if (call)
            call->over = true;
    } else if (strcmp(request->method, "MESSAGE") == 0) {
        hear_document(device, request);
    } else if (strcmp(request->method, "SUBSCRIBE") == 0) {
        hear_subscribe(device, request, clock_mono_ms());
    } else {
        device_answer(device, request, 405, "dev");
    }
}

void device_hear(struct sim_device *device, struct bytes bytes, const struct sip_message *message)
{
    if (device->camera->behaviour.dead || device->camera->behaviour.mute)
        return;
    if (message->status)
        hear_answer(device, bytes, message, clock_mono_ms());
    else
        hear_request(device, message);
}

void device_end_calls(struct sim_device *device)
{
    for (struct device_call *call = device->host->calls; call; call = call->next)
        if (call->device == device && !call->over) {
            device_say_bye(call);
            call->over = true;
        }
}
