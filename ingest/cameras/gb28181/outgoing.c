#include "ingest/cameras/gb28181/outgoing.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void drop(struct outgoing *outgoing, struct outgoing_request **at)
{
    struct outgoing_request *request = *at;
    *at = request->next;
    buffer_finish(&request->bytes);
    free(request);
    outgoing->count--;
}

static void drop_about(struct outgoing *outgoing, const char *about)
{
    for (struct outgoing_request **at = &outgoing->requests; *at;)
        if (strcmp((*at)->about, about) == 0)
            drop(outgoing, at);
        else
            at = &(*at)->next;
}

bool outgoing_replace(struct outgoing *outgoing, const char *about, const struct sip_request *request,
                      int64_t now_mono_ms)
{
    assert(strlen(about) < OUTGOING_ABOUT_SIZE);
    if (*about)
        drop_about(outgoing, about);
    if (outgoing->count == OUTGOING_MAX)
        return false;
    struct outgoing_request *kept = calloc(1, sizeof *kept);
    assert(kept);
    *kept = (struct outgoing_request){ .sequence = request->sequence,
                                       .invite = strcmp(request->method, "INVITE") == 0,
                                       .to = *request->target,
                                       .next_mono_ms = now_mono_ms + OUTGOING_FIRST_MS,
                                       .tries = 1,
                                       .next = outgoing->requests };
    snprintf(kept->call_id, sizeof kept->call_id, "%s", request->call_id);
    snprintf(kept->about, sizeof kept->about, "%s", about);
    sip_put_request(request, &kept->bytes);
    outgoing->requests = kept;
    outgoing->count++;
    outgoing->send(outgoing->context, &kept->to, buffer_view(&kept->bytes));
    return true;
}

bool outgoing_add(struct outgoing *outgoing, const struct sip_request *request, int64_t now_mono_ms)
{
    return outgoing_replace(outgoing, "", request, now_mono_ms);
}

static struct outgoing_request **find(struct outgoing *outgoing, const struct sip_message *answer)
{
    struct outgoing_request **at = &outgoing->requests;
    while (*at && ((*at)->sequence != answer->sequence || strcmp((*at)->call_id, answer->call_id) != 0 ||
                   (*at)->invite != (strcmp(answer->method, "INVITE") == 0)))
        at = &(*at)->next;
    return at;
}

void outgoing_answered(struct outgoing *outgoing, const struct sip_message *answer)
{
    struct outgoing_request **at = find(outgoing, answer);
    if (*at && answer->status >= 200)
        drop(outgoing, at);
    else if (*at)
        (*at)->provisional = true;
}

void outgoing_drop(struct outgoing *outgoing, const char *call_id)
{
    for (struct outgoing_request **at = &outgoing->requests; *at;)
        if (strcmp((*at)->call_id, call_id) == 0)
            drop(outgoing, at);
        else
            at = &(*at)->next;
}

size_t outgoing_tick(struct outgoing *outgoing, int64_t now_mono_ms)
{
    size_t forgotten = 0;
    for (struct outgoing_request **at = &outgoing->requests; *at;) {
        struct outgoing_request *request = *at;
        if (now_mono_ms < request->next_mono_ms) {
            at = &request->next;
        } else if (request->tries == OUTGOING_TRIES) {
            drop(outgoing, at);
            forgotten++;
        } else {
            if (!request->provisional)
                outgoing->send(outgoing->context, &request->to, buffer_view(&request->bytes));
            request->next_mono_ms = now_mono_ms + ((int64_t)OUTGOING_FIRST_MS << request->tries++);
            at = &request->next;
        }
    }
    return forgotten;
}

void outgoing_finish(struct outgoing *outgoing)
{
    while (outgoing->requests)
        drop(outgoing, &outgoing->requests);
}
