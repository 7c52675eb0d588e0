#include "ingest/cameras/gb28181/call.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

static struct metric other_ssrc = METRIC_COUNTER("drumtower_gb28181_other_ssrc_total", "Streams that devices number "
                                                                                       "otherwise than asked.");

/* ---- requests ---- */

static struct sip_request request_of(const struct call *call, const char *method)
{
    return (struct sip_request){ .method = method,
                                 .own_id = call->room->own_id,
                                 .realm = call->room->realm,
                                 .own = &call->own,
                                 .target = &call->target,
                                 .to = call->address.channel,
                                 .from_tag = call->from_tag,
                                 .to_tag = call->to_tag,
                                 .call_id = call->call_id,
                                 .branch = call->branch,
                                 .sequence = call->sequence,
                                 .more = "" };
}

static void add(struct call *call, const struct sip_request *request)
{
    if (!outgoing_add(call->room->outgoing, request, clock_mono_ms()))
        log_warn("too many requests wait for answers", "device=%s method=%s", call->device->id, request->method);
}

/* It is not answered; who misses it sends its 200 again. */
static void acknowledge(struct call *call, bool accepted)
{
    struct sip_request request = request_of(call, "ACK");
    struct outgoing *outgoing = call->room->outgoing;
    struct buffer bytes = { 0 };
    char branch[CALL_RANDOM_SIZE];
    random_text(branch, sizeof branch - 1);
    if (accepted) /* a transaction of its own (RFC 3261, 13.2.2.4) */
        request.branch = branch;
    sip_put_request(&request, &bytes);
    outgoing->send(outgoing->context, &call->target, buffer_view(&bytes));
    buffer_finish(&bytes);
}

static void say_goodbye(struct call *call)
{
    struct sip_request request = request_of(call, "BYE");
    char branch[CALL_RANDOM_SIZE];
    random_text(branch, sizeof branch - 1);
    request.branch = branch;
    request.sequence = call->sequence + 1;
    add(call, &request);
}

static void cancel(struct call *call)
{
    struct sip_request request = request_of(call, "CANCEL");
    outgoing_drop(call->room->outgoing, call->call_id);
    add(call, &request);
}

static void invite(struct call *call)
{
    struct call_room *room = call->room;
    struct buffer offer = { 0 };
    char subject[128];
    call->target = call->device->place;
    call->own = room->own_place(room->context, &call->target);
    struct play_offer wanted = { &call->address, room->own_id, call->ssrc, call->own, room->media.tcp };
    wanted.at.port = call->receiver.port;
    play_put_offer(&wanted, &offer);
    snprintf(subject, sizeof subject, "Subject: %s:%s,%s:0\r\n", call->address.channel, call->ssrc, room->own_id);
    struct sip_request request = request_of(call, "INVITE");
    request.more = subject;
    request.type = "APPLICATION/SDP";
    request.body = buffer_view(&offer);
    add(call, &request);
    buffer_finish(&offer);
    call->state = CALL_INVITED;
}

int call_begin(struct call *call, struct call_room *room, struct gb_device *device, const struct gb_address *address,
               const struct source_sink *sink, struct fault *fault)
{
    *call = (struct call){ .room = room, .device = device, .address = *address, .sink = *sink, .sequence = 1 };
    random_text(call->call_id, sizeof call->call_id - 1);
    random_text(call->from_tag, sizeof call->from_tag - 1);
    random_text(call->branch, sizeof call->branch - 1);
    play_ssrc(call->ssrc, room->own_id, ++room->last_serial);
    if (!device->online)
        return 0;
    int result = receiver_open(&call->receiver, &room->media, fault);
    if (result == 0)
        invite(call);
    return result;
}

/* ---- the end ---- */

static void close_call(struct call *call)
{
    receiver_close(&call->receiver);
    call->closing_mono_ms = clock_mono_ms();
    call->state = CALL_CLOSING;
}

/* What the other side must still be told. */
static void part(struct call *call)
{
    enum call_state before = call->state;
    close_call(call);
    if (before == CALL_INVITED)
        cancel(call);
    else if (before == CALL_UP)
        say_goodbye(call);
}

void call_end(struct call *call, bool device_knows, int code, const char *reason)
{
    if (call->state == CALL_CLOSING)
        return;
    if (device_knows)
        close_call(call);
    else
        part(call);
    if (!call->stopped)
        call->sink.ended(call->sink.context, code, reason);
}

void call_stop(struct call *call)
{
    call->stopped = true;
    if (call->state != CALL_CLOSING)
        part(call);
}

void call_finish(struct call *call)
{
    outgoing_drop(call->room->outgoing, call->call_id);
    receiver_finish(&call->receiver);
}

/* ---- pictures ---- */

static void unit_came(void *context, const struct source_unit *unit)
{
    struct call *call = context;
    struct source_unit now = *unit;
    now.capture_ms = clock_now_ms();
    now.clock_ahead_ms = SOURCE_CLOCK_UNKNOWN;
    if (!call->stopped)
        call->sink.unit(call->sink.context, &now);
}

static void media_ended(void *context, int code, const char *reason)
{
    call_end(context, false, code, reason);
}

/* ---- answers ---- */

static void accepted(struct call *call, const struct sip_message *answer)
{
    struct play_answer play;
    struct fault fault = { "" };
    bool first = call->state == CALL_INVITED, late = call->state == CALL_CLOSING && !*call->to_tag;
    snprintf(call->to_tag, sizeof call->to_tag, "%s", answer->to_tag);
    acknowledge(call, true);
    if (late)
        say_goodbye(call);
    if (!first)
        return;
    call->state = CALL_UP;
    int result = play_read_answer(answer->body, &play, &fault);
    if (result == 0 && play.tcp != call->room->media.tcp)
        result = fault_set(&fault, -EPROTONOSUPPORT, "the device sends by %s only", play.tcp ? "TCP" : "UDP");
    if (result < 0) {
        call_end(call, false, result, fault.text);
        return;
    }
    metric_add(&other_ssrc, strcmp(play.ssrc, call->ssrc) != 0);
    receiver_start(&call->receiver, call->target.host, play.host, unit_came, media_ended, call);
}

void call_answered(struct call *call, const struct sip_message *answer)
{
    char reason[96];
    if (strcmp(answer->method, "INVITE") != 0 || answer->status < 200)
        return;
    if (answer->status < 300) {
        accepted(call, answer);
        return;
    }
    snprintf(call->to_tag, sizeof call->to_tag, "%s", answer->to_tag);
    acknowledge(call, false);
    snprintf(reason, sizeof reason, "the device refuses: %d%s", answer->status,
             answer->status == 403 || answer->status == 404 ? ", it has no such channel" : "");
    call_end(call, true, -EREMOTEIO, reason);
}

bool call_tick(struct call *call, int64_t now_mono_ms)
{
    if (call->state == CALL_WAITING) {
        char reason[96];
        snprintf(reason, sizeof reason, "the device %s is not registered", call->device->id);
        call_end(call, true, -ENOTCONN, reason);
    }
    if (call->state != CALL_CLOSING) {
        receiver_tick(&call->receiver, now_mono_ms);
        return true;
    }
    /* who does not stop it keeps it */
    return !call->stopped || now_mono_ms - call->closing_mono_ms < CALL_CLOSING_MS;
}
