/* Alarms of devices, on their way to whoever keeps them. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/gb28181/platform.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/zone.h"

enum { TICKETS_MAX = 1024 };

static struct metric alarms_heard = METRIC_COUNTER("drumtower_gb28181_alarms_total", "Alarms of devices.");

/* An alarm that waits until it is kept. */
struct gb_ticket {
    struct gb28181 *platform; /* NULL: closed meanwhile */
    struct sip_place from;
    char device[GB_ID_DIGITS + 1], about[GB_ID_DIGITS + 1];
    int64_t serial;
    struct buffer kept, refused; /* the two answers */
    struct gb_ticket *next;
};

void alarms_register(void)
{
    metric_register(&alarms_heard);
}

void alarms_forget(struct gb28181 *platform)
{
    for (struct gb_ticket *ticket = platform->tickets; ticket; ticket = ticket->next)
        ticket->platform = NULL;
}

static const struct book_gb_alarm *alarm_rule(const struct book *book, const struct manscdp_alarm *said)
{
    for (size_t i = 0; i < book->gb28181.alarm_count; i++) {
        const struct book_gb_alarm *rule = &book->gb28181.alarms[i];
        bool method = rule->method == GB_ALARM_ANY || (int64_t)rule->method == said->method;
        if (method && (rule->type == 0 || rule->type == said->type))
            return rule;
    }
    return NULL;
}

/* The camera whose channel it is, else the first one of the device. */
static const struct book_camera *camera_of(const struct gb_device *device, const char *channel)
{
    const struct book_camera *first = NULL;
    for (size_t i = 0; i < device->view_count; i++) {
        const struct gb_view *view = &device->views[i];
        if (view->is_sub)
            continue;
        if (strcmp(view->address.channel, channel) == 0)
            return view->camera;
        first = first ? first : view->camera;
    }
    return first;
}

static struct gb_ticket *issue_ticket(struct gb28181 *platform, const struct sip_message *request,
                                      const struct sip_place *from, const struct gb_device *device,
                                      const struct manscdp *document)
{
    struct gb_ticket *ticket = calloc(1, sizeof *ticket);
    assert(ticket);
    *ticket = (struct gb_ticket){ .platform = platform, .from = *from, .serial = document->serial };
    memcpy(ticket->device, device->id, sizeof ticket->device);
    snprintf(ticket->about, sizeof ticket->about, "%s", gb_is_id(document->device) ? document->device : device->id);
    sip_answer(request, 200, from, platform->to_tag, "", &ticket->kept);
    sip_answer(request, 503, from, platform->to_tag, "Retry-After: 2\r\n", &ticket->refused);
    ticket->next = platform->tickets;
    platform->tickets = ticket;
    platform->ticket_count++;
    return ticket;
}

static void take_out(struct gb28181 *platform, const struct gb_ticket *ticket)
{
    struct gb_ticket **at = &platform->tickets;
    while (*at != ticket)
        at = &(*at)->next;
    *at = ticket->next;
    platform->ticket_count--;
}

void gb28181_answer(struct gb_ticket *ticket, bool kept)
{
    struct gb28181 *platform = ticket->platform;
    if (platform) {
        struct gb_device *device = registrar_find(&platform->registrar, ticket->device);
        take_out(platform, ticket);
        platform_send(platform, &ticket->from, buffer_view(kept ? &ticket->kept : &ticket->refused));
        if (kept && device->online) {
            buffer_clear(&platform->out);
            manscdp_put_alarm_response(ticket->about, ticket->serial, &platform->out);
            if (platform_tell(platform, device, buffer_view(&platform->out)) < 0)
                log_warn("an alarm's answer is not sent", "device=%s", device->id);
        }
    }
    buffer_finish(&ticket->kept);
    buffer_finish(&ticket->refused);
    free(ticket);
}

void alarms_take(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                 const struct gb_device *device, const struct manscdp *document)
{
    const struct book *book = platform->options.book;
    int offset_minutes = book->zone ? zone_offset_minutes(book->zone, clock_now_ms()) : 0;
    struct gb_alarm alarm = { .device = device->id,
                              .serial = document->serial,
                              .said = manscdp_alarm(document, offset_minutes),
                              .camera = camera_of(device, document->device) };
    alarm.rule = alarm_rule(book, &alarm.said);
    metric_add(&alarms_heard, 1);
    log_info("alarm", "device=%s about=%.32s method=%" PRId64 " type=%" PRId64 " priority=%" PRId64 " rule=%s",
             device->id, document->device, alarm.said.method, alarm.said.type, alarm.said.priority,
             alarm.rule ? alarm.rule->rule : "none");
    if (!alarm.rule || !alarm.camera) {
        platform_answer(platform, request, from, 200);
        return;
    }
    if (!platform->alarm || platform->ticket_count == TICKETS_MAX) {
        platform_answer_with(platform, request, from, 503, "Retry-After: 2\r\n");
        return;
    }
    if (isnan(alarm.said.position.lat)) {
        alarm.said.position.lat = device->lat;
        alarm.said.position.lon = device->lon;
    }
    alarm.ticket = issue_ticket(platform, request, from, device, document);
    platform->alarm(platform->alarm_context, &alarm);
}
