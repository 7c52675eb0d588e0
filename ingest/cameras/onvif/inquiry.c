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
    bool is_media2;                       /* what is asked now */
    struct fault before;                  /* why the question under way takes the place of another one */
    char media[CHOICE_URL_SIZE], media2[CHOICE_URL_SIZE]; /* "": the device has none */
};

static void end(struct inquiry *inquiry, int code, struct fault *fault, const struct fault *before)
{
    struct fault last = *fault;
    if (code < 0 && *before->text)
        fault_set(fault, code, "%.250s (before: %.230s)", last.text, before->text);
    inquiry->facts.ahead_ms = inquiry->exchange.ahead_ms;
    inquiry->facts.digest = inquiry->exchange.digest;
    inquiry->done(inquiry->context, code, fault, &inquiry->facts, inquiry->profiles);
    inquiry_free(inquiry);
}

/* ---- questions ---- */

static void ask_device(struct inquiry *inquiry, enum exchange_operation operation, const char *inside)
{
    char url[CHOICE_URL_SIZE];
    choice_device_url(&inquiry->address, url);
    buffer_text(&inquiry->exchange.inside, inside);
    exchange_ask(&inquiry->exchange, operation, url);
}

/* Of Media 2 where there is one: only that tells of H.265. */
static void ask_media(struct inquiry *inquiry, enum exchange_operation of_media_1, enum exchange_operation of_media_2)
{
    exchange_ask(&inquiry->exchange, inquiry->is_media2 ? of_media_2 : of_media_1,
                 inquiry->is_media2 ? inquiry->media2 : inquiry->media);
}

static void ask_profiles(struct inquiry *inquiry, bool is_media2)
{
    inquiry->is_media2 = is_media2;
    if (is_media2)
        buffer_text(&inquiry->exchange.inside, "<Type>All</Type>");
    ask_media(inquiry, EXCHANGE_GET_PROFILES, EXCHANGE_GET_PROFILES_2);
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
    buffer_text(inside, inquiry->is_media2 ? "<Protocol>RTSP</Protocol>"
                                           : "<StreamSetup><Stream " SCHEMA ">RTP-Unicast</Stream><Transport " SCHEMA
                                             "><Protocol>RTSP</Protocol></Transport></StreamSetup>");
    put_profile(inquiry);
    ask_media(inquiry, EXCHANGE_GET_STREAM, EXCHANGE_GET_STREAM_2);
}

static void ask_snapshot(struct inquiry *inquiry)
{
    put_profile(inquiry);
    ask_media(inquiry, EXCHANGE_GET_SNAPSHOT, EXCHANGE_GET_SNAPSHOT_2);
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
    ask_device(inquiry, EXCHANGE_GET_SERVICES, "<IncludeCapability>false</IncludeCapability>");
    return 0;
}

/* False: there is none that can be asked. */
static bool take_service(const struct inquiry *inquiry, const char *said, char out[CHOICE_URL_SIZE],
                         struct fault *fault)
{
    bool good = *said && choice_service_url(&inquiry->address, said, out, fault) == 0;
    if (!good)
        *out = '\0';
    return good;
}

static int take_services(struct inquiry *inquiry, const struct xml_element *content, struct fault *fault)
{
    struct answer_services services = answer_services(content);
    fault_set(fault, 0, "the device has no media service (Media 1 or 2), so no streams");
    bool has_media = take_service(inquiry, services.media, inquiry->media, fault);
    bool has_media2 = take_service(inquiry, services.media2, inquiry->media2, fault);
    if (!has_media && !has_media2)
        return *services.media || *services.media2 ? -EINVAL : -ENOTSUP;
    take_service(inquiry, services.ptz, inquiry->facts.ptz, NULL);
    fault->text[0] = '\0';
    ask_profiles(inquiry, has_media2);
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

static int choose_profile(struct inquiry *inquiry, const struct xml_element *content, struct fault *fault)
{
    keep_profiles(inquiry, content);
    return choice_profile(inquiry->profiles, &inquiry->address, &inquiry->profile, fault);
}

static int take_profiles(struct inquiry *inquiry, const struct xml_element *content, struct fault *fault)
{
    int result = choose_profile(inquiry, content, fault);
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
    switch (inquiry->exchange.operation) {
    case EXCHANGE_GET_CLOCK:
        return take_clock(inquiry, code, content, fault);
    case EXCHANGE_GET_SERVICES:
    case EXCHANGE_GET_CAPABILITIES:
        return code < 0 ? code : take_services(inquiry, content, fault);
    case EXCHANGE_GET_PROFILES:
    case EXCHANGE_GET_PROFILES_2:
        return code < 0 ? code : take_profiles(inquiry, content, fault);
    case EXCHANGE_GET_SNAPSHOT:
    case EXCHANGE_GET_SNAPSHOT_2:
        return take_snapshot(inquiry, code, content);
    default:
        return code < 0 ? code : take_stream(inquiry, content, fault);
    }
}

/* Devices of before 2011 do not know GetServices, others answer it with names that nobody knows; some have a Media 2 that does not work, or works by
 * half. A service that worked a moment ago, and is silent now, is asked again another time: by Media 1 a stream of H.265 would not be found, and a
 * smaller one be remembered in its place. False: there is no other way. */
static bool ask_otherwise(struct inquiry *inquiry, int code, const struct fault *why)
{
    enum exchange_operation operation = inquiry->exchange.operation;
    bool of_services = operation == EXCHANGE_GET_SERVICES, of_media2 = inquiry->is_media2 && *inquiry->media;
    bool worked = operation != EXCHANGE_GET_PROFILES_2;
    if (code == -EACCES || (code == -EHOSTUNREACH && worked) || !(of_services || of_media2))
        return false;
    inquiry->before = *why;
    if (of_services)
        ask_device(inquiry, EXCHANGE_GET_CAPABILITIES, "<Category>All</Category>");
    else
        ask_profiles(inquiry, false);
    return true;
}

static void answered(void *context, int code, const struct xml_element *content, const struct fault *fault)
{
    struct inquiry *inquiry = context;
    struct fault why = *fault, before = inquiry->before;
    inquiry->before.text[0] = '\0';
    int result = take(inquiry, code, content, &why);
    if (result != 0 && !(result < 0 && ask_otherwise(inquiry, result, &why)))
        end(inquiry, result < 0 ? result : 0, &why, &before);
}

struct inquiry *inquiry_begin(struct http *http, const struct onvif_address *address, bool wants_snapshot,
                              inquiry_done *done, void *context)
{
    struct inquiry *inquiry = calloc(1, sizeof *inquiry);
    assert(inquiry);
    *inquiry = (struct inquiry){
        .address = *address,
        .wants_snapshot = wants_snapshot,
        .done = done,
        .context = context,
        .exchange = { .http = http, .address = &inquiry->address, .done = answered, .context = inquiry }
    };
    ask_device(inquiry, EXCHANGE_GET_CLOCK, "");
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
