#include "ingest/cameras/onvif/answers.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/onvif.h"

/* A number of at most five digits; -1: it is none, or too large for what is asked here. */
static int64_t small_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits && digits <= 5 && !text[digits] ? strtol(text, NULL, 10) : -1;
}

static bool is_within(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

int answer_clock(const struct xml_element *content, int64_t *at_ms, struct fault *fault)
{
    const struct xml_element *utc = soap_find(content, "SystemDateAndTime/UTCDateTime");
    int64_t year = small_number(soap_text(utc, "Date/Year")), month = small_number(soap_text(utc, "Date/Month")),
            day = small_number(soap_text(utc, "Date/Day")), hour = small_number(soap_text(utc, "Time/Hour")),
            minute = small_number(soap_text(utc, "Time/Minute")), second = small_number(soap_text(utc, "Time/Second"));
    if (!is_within(year, 1970, 9999) || !is_within(month, 1, 12) || !is_within(day, 1, 31) || !is_within(hour, 0, 23) ||
        !is_within(minute, 0, 59) || !is_within(second, 0, 60))
        return fault_set(fault, -EINVAL, "the device's time is none");
    struct civil_date date = { (int)year, (int)month, (int)day };
    *at_ms = civil_to_days(date) * MS_PER_DAY + hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND;
    return 0;
}

static void take_service(const struct xml_element *service, struct answer_services *services)
{
    const char *space = soap_text(service, "Namespace"), *address = soap_text(service, "XAddr");
    if (strcmp(space, "http://www.onvif.org/ver10/media/wsdl") == 0)
        services->media = address;
    else if (strcmp(space, "http://www.onvif.org/ver20/media/wsdl") == 0)
        services->media2 = address;
    else if (strcmp(space, "http://www.onvif.org/ver20/ptz/wsdl") == 0)
        services->ptz = address;
}

struct answer_services answer_services(const struct xml_element *content)
{
    struct answer_services services = { soap_text(content, "Capabilities/Media/XAddr"), "",
                                        soap_text(content, "Capabilities/PTZ/XAddr") };
    for (const struct xml_element *one = xml_child(content, "Service"); one; one = xml_next(one->next, "Service"))
        take_service(one, &services);
    return services;
}

/* Media 2 names them otherwise. */
static const struct profile_words {
    const char *encoder, *source, *mover;
} words_of_media_1 = { "VideoEncoderConfiguration", "VideoSourceConfiguration/SourceToken", "PTZConfiguration" },
  words_of_media_2 = { "Configurations/VideoEncoder", "Configurations/VideoSource/SourceToken", "Configurations/PTZ" };

static bool take_profile(const struct xml_element *element, struct answer_profile *profile)
{
    const char *token = xml_attribute(element, "token");
    const struct profile_words *words = soap_find(element, "Configurations") ? &words_of_media_2 : &words_of_media_1;
    const struct xml_element *encoder = soap_find(element, words->encoder);
    if (!token || !*token || strlen(token) >= ONVIF_TOKEN_SIZE)
        return false;
    *profile = (struct answer_profile){
        .token = token,
        .name = soap_text(element, "Name"),
        .source = soap_text(element, words->source),
        .encoding = soap_text(encoder, "Encoding"),
        .width = small_number(soap_text(encoder, "Resolution/Width")),
        .height = small_number(soap_text(encoder, "Resolution/Height")),
        .moves = soap_find(element, words->mover) != NULL,
    };
    return true;
}

void answer_profiles(const struct xml_element *content, struct answer_profiles *profiles)
{
    profiles->count = profiles->left_out = 0;
    const struct xml_element *one = xml_child(content, "Profiles");
    for (; one; one = xml_next(one->next, "Profiles"))
        if (profiles->count < ANSWER_PROFILES_MAX && take_profile(one, &profiles->list[profiles->count]))
            profiles->count++;
        else
            profiles->left_out++;
}

/* Media 2 leaves the element around it out, and so do devices that mix both. */
const char *answer_uri(const struct xml_element *content)
{
    const char *uri = soap_text(content, "MediaUri/Uri");
    return *uri ? uri : soap_text(content, "Uri");
}
