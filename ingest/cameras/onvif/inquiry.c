#include "ingest/cameras/onvif/inquiry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

#define SCHEMA "xmlns=\"http://www.onvif.org/ver10/schema\""

struct inquiry {
    struct onvif_address address;
    bool wants_snapshot;
    inquiry_done *done;
    void *context;
    struct inquiry_facts facts;
    struct exchange exchange;
    struct answer_profiles *profiles; /* in `kept`, like their texts */
    struct arena kept;
    const struct answer_profile *profile; /* the chosen one */
    char media[CHOICE_URL_SIZE];
};

static void end(struct inquiry *inquiry, int code, const struct fault *fault)
{
    inquiry->facts.ahead_ms = inquiry->exchange.ahead_ms;
    inquiry->facts.digest = inquiry->exchange.digest;
    inquiry->done(inquiry->context, code, fault, &inquiry->facts, inquiry->profiles);
    inquiry_free(inquiry);
}

/* ---- questions ---- */

static void ask_services(struct inquiry *inquiry)
{
    char url[CHOICE_URL_SIZE];
    choice_device_url(&inquiry->address, url);
    buffer_text(&inquiry->exchange.inside, "<Category>All</Category>");
    exchange_ask(&inquiry->exchange, EXCHANGE_GET_SERVICES, url);
}

static void put_profile(struct inquiry *inquiry)
{
    buffer_text(&inquiry->exchange.inside, "<ProfileToken>");
    soap_put_text(&inquiry->exchange.inside, inquiry->profile->token);
    buffer_text(&inquiry->exchange.inside, "</ProfileToken>");
}

static void ask_stream(struct inquiry *inquiry)
{
    struct buffer *inside = &inquiry->exchange.inside;
    buffer_text(inside, "<StreamSetup><Stream " SCHEMA ">RTP-Unicast</Stream>");
    buffer_text(inside, "<Transport " SCHEMA "><Protocol>RTSP</Protocol></Transport></StreamSetup>");
    put_profile(inquiry);
    exchange_ask(&inquiry->exchange, EXCHANGE_GET_STREAM, inquiry->media);
}

static void ask_snapshot(struct inquiry *inquiry)
{
    put_profile(inquiry);
    exchange_ask(&inquiry->exchange, EXCHANGE_GET_SNAPSHOT, inquiry->media);
}

/* ---- answers ---- */

/* A device that does not tell its time to whoever asks is believed to have ours. */
static int take_clock(struct inquiry *inquiry, int code, const struct xml_element *content, struct fault *fault)
{
    int64_t at_ms;
    inquiry->exchange.ahead_ms = 0;
    if (code < 0 && code != -EACCES && code != -ENOTSUP && code != -EREMOTEIO)
        return code;
    if (code == 0 && answer_clock(content, &at_ms, NULL) == 0)
        inquiry->exchange.ahead_ms = at_ms - clock_now_ms();
    fault->text[0] = '\0';
    ask_services(inquiry);
    return 0;
}

static int take_services(struct inquiry *inquiry, const struct xml_element *content, struct fault *fault)
{
    struct answer_services services = answer_services(content);
    if (!*services.media)
        return fault_set(fault, -ENOTSUP, "the device has no media service (Media 1), so no streams");
    int result = choice_service_url(&inquiry->address, services.media, inquiry->media, fault);
    if (result < 0)
        return result;
    if (!*services.ptz || choice_service_url(&inquiry->address, services.ptz, inquiry->facts.ptz, NULL) < 0)
        inquiry->facts.ptz[0] = '\0';
    exchange_ask(&inquiry->exchange, EXCHANGE_GET_PROFILES, inquiry->media);
    return 0;
}

static const char *kept_text(struct inquiry *inquiry, const char *text)
{
    return arena_text(&inquiry->kept, text, strlen(text));
}

/* The answer's tree goes with the next question. */
static void keep_profiles(struct inquiry *inquiry, const struct xml_element *content)
{
    struct answer_profiles *profiles = inquiry->profiles = arena_alloc(&inquiry->kept, sizeof *profiles);
    answer_profiles(content, profiles);
    for (size_t i = 0; i < profiles->count; i++) {
        struct answer_profile *one = &profiles->list[i];
        one->token = kept_text(inquiry, one->token);
        one->name = kept_text(inquiry, one->name);
        one->source = kept_text(inquiry, one->source);
        one->encoding = kept_text(inquiry, one->encoding);
    }
}

static int take_profiles(struct inquiry *inquiry, const struct xml_element *content, struct fault *fault)
{
    keep_profiles(inquiry, content);
    int result = choice_profile(inquiry->profiles, &inquiry->address, &inquiry->profile, fault);
    if (result < 0)
        return result;
    const struct answer_profile *mover = *inquiry->facts.ptz ? choice_mover(inquiry->profiles, inquiry->profile) : NULL;
    snprintf(inquiry->facts.mover, sizeof inquiry->facts.mover, "%s", mover ? mover->token : "");
    ask_stream(inquiry);
    return 0;
}

/* 1: that was the last one. */
static int take_stream(struct inquiry *inquiry, const struct xml_element *content, struct fault *fault)
{
    int result = choice_stream_url(&inquiry->address, answer_uri(content), inquiry->facts.stream, fault);
    if (result < 0 || !inquiry->wants_snapshot)
        return result < 0 ? result : 1;
    ask_snapshot(inquiry);
    return 0;
}

/* A device without snapshots has its streams all the same. */
static int take_snapshot(struct inquiry *inquiry, int code, const struct xml_element *content)
{
    struct inquiry_facts *facts = &inquiry->facts;
    if (code < 0 || choice_service_url(&inquiry->address, answer_uri(content), facts->snapshot, NULL) < 0)
        facts->snapshot[0] = '\0';
    return 1;
}

static int take(struct inquiry *inquiry, int code, const struct xml_element *content, struct fault *fault)
{
    enum exchange_operation operation = inquiry->exchange.operation;
    if (operation == EXCHANGE_GET_CLOCK)
        return take_clock(inquiry, code, content, fault);
    if (operation == EXCHANGE_GET_SNAPSHOT)
        return take_snapshot(inquiry, code, content);
    if (code < 0)
        return code;
    return operation == EXCHANGE_GET_SERVICES   ? take_services(inquiry, content, fault)
           : operation == EXCHANGE_GET_PROFILES ? take_profiles(inquiry, content, fault)
                                                : take_stream(inquiry, content, fault);
}

static void answered(void *context, int code, const struct xml_element *content, const struct fault *fault)
{
    struct inquiry *inquiry = context;
    struct fault why = *fault;
    int result = take(inquiry, code, content, &why);
    if (result != 0)
        end(inquiry, result < 0 ? result : 0, &why);
}

struct inquiry *inquiry_begin(struct http *http, const struct onvif_address *address, bool wants_snapshot,
                              inquiry_done *done, void *context)
{
    char url[CHOICE_URL_SIZE];
    struct inquiry *inquiry = calloc(1, sizeof *inquiry);
    assert(inquiry);
    *inquiry = (struct inquiry){
        .address = *address,
        .wants_snapshot = wants_snapshot,
        .done = done,
        .context = context,
        .exchange = { .http = http, .address = &inquiry->address, .done = answered, .context = inquiry }
    };
    choice_device_url(address, url);
    exchange_ask(&inquiry->exchange, EXCHANGE_GET_CLOCK, url);
    return inquiry;
}

void inquiry_free(struct inquiry *inquiry)
{
    if (!inquiry)
        return;
    exchange_finish(&inquiry->exchange);
    arena_finish(&inquiry->kept);
    free(inquiry);
}
