/* What devices answer (ONVIF Core, Media 1, Media 2 and PTZ specifications), read. Pure; texts live as long as the tree that they were read from. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/cameras/onvif/soap.h"

/* GetSystemDateAndTimeResponse. -EINVAL: there is no such time. */
int answer_clock(const struct xml_element *content, int64_t *at_ms, struct fault *fault);

/* GetServicesResponse, or the GetCapabilitiesResponse of old devices, which knows no Media 2: where the services are; "": there is none. */
struct answer_services {
    const char *media, *media2, *ptz;
};
struct answer_services answer_services(const struct xml_element *content);

/* GetProfilesResponse, of Media 1 or 2. */
enum { ANSWER_PROFILES_MAX = 256 };
struct answer_profile {
    const char *token, *name;
    const char *source;   /* which lens: the token of its video source; "" */
    const char *encoding; /* "H264"; "": no video */
    int64_t width, height;
    bool moves; /* it has a configuration of PTZ */
};
struct answer_profiles {
    struct answer_profile list[ANSWER_PROFILES_MAX];
    size_t count;
    size_t left_out; /* without a token that we could ask by, or beyond the limit */
};
void answer_profiles(const struct xml_element *content, struct answer_profiles *profiles);

/* GetStreamUriResponse, GetSnapshotUriResponse; "": none. */
const char *answer_uri(const struct xml_element *content);
