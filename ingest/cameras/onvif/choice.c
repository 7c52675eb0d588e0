#include "ingest/cameras/onvif/choice.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/book/book.h"
#include "proto/record/text.h"

/* ---- profiles ---- */

static bool is_readable(const struct answer_profile *profile)
{
    return strcasecmp(profile->encoding, "H264") == 0 || strcasecmp(profile->encoding, "H265") == 0;
}

static int64_t area(const struct answer_profile *profile)
{
    return profile->width * profile->height;
}

/* Is `one` better as the small stream? What is narrow enough is better the larger, what is not the smaller. */
static bool is_better_small(const struct answer_profile *one, const struct answer_profile *other)
{
    bool fits = one->width <= CAMERA_SUB_WIDE_PX, other_fits = other->width <= CAMERA_SUB_WIDE_PX;
    return fits != other_fits ? fits : fits ? area(one) > area(other) : area(one) < area(other);
}

static int find_named(const struct answer_profiles *profiles, const char *token, const struct answer_profile **found,
                      struct fault *fault)
{
    for (size_t i = 0; i < profiles->count; i++)
        if (strcmp(profiles->list[i].token, token) == 0) {
            *found = &profiles->list[i];
            return 0;
        }
    return fault_set(fault, -ENOENT, "the device has %zu profiles, but none with the token '%s'", profiles->count,
                     token);
}

int choice_profile(const struct answer_profiles *profiles, const struct onvif_address *address,
                   const struct answer_profile **profile, struct fault *fault)
{
    const struct answer_profile *best = NULL;
    if (*address->profile)
        return find_named(profiles, address->profile, profile, fault);
    for (size_t i = 0; i < profiles->count; i++) {
        const struct answer_profile *one = &profiles->list[i];
        if (!is_readable(one) || (best && strcmp(one->source, best->source) != 0))
            continue;
        if (!best || (address->sub ? is_better_small(one, best) : area(one) > area(best)))
            best = one;
    }
    *profile = best;
    return best
               ? 0
               : fault_set(fault, -ENOTSUP, "the device has %zu profiles, but none of H.264 or H.265", profiles->count);
}

const struct answer_profile *choice_mover(const struct answer_profiles *profiles, const struct answer_profile *shown)
{
    if (shown->moves)
        return shown;
    for (size_t i = 0; i < profiles->count; i++)
        if (profiles->list[i].moves && strcmp(profiles->list[i].source, shown->source) == 0)
            return &profiles->list[i];
    return NULL;
}

/* ---- addresses ---- */

static int write_out(struct buffer *text, char out[CHOICE_URL_SIZE], struct fault *fault)
{
    int size = snprintf(out, CHOICE_URL_SIZE, "%s", buffer_string(text));
    buffer_finish(text);
    return size < CHOICE_URL_SIZE ? 0 : fault_set(fault, -EINVAL, "the device says an address that is too long");
}

static int refuse(const char *said, const char *expected, struct fault *fault)
{
    char words[100];
    text_plain(said, words, sizeof words);
    return fault_set(fault, -EINVAL, "the device says the address '%s', expected %s://…", words, expected);
}

void choice_device_url(const struct onvif_address *address, char out[CHOICE_URL_SIZE])
{
    struct buffer text = { 0 };
    buffer_text(&text, address->secure ? "https://" : "http://");
    camera_url_put_host(&text, address->url.host, address->url.port);
    buffer_text(&text, address->path);
    write_out(&text, out, NULL); /* its parts are shorter */
}

int choice_service_url(const struct onvif_address *address, const char *said, char out[CHOICE_URL_SIZE],
                       struct fault *fault)
{
    struct camera_url url;
    struct buffer text = { 0 };
    bool secure = camera_url_read(said, "https", "443", &url, NULL) == 0;
    if (!secure && camera_url_read(said, "http", "80", &url, NULL) < 0)
        return refuse(said, "http", fault);
    bool as_said = strcasecmp(url.host, address->url.host) == 0 && (secure || !address->secure);
    buffer_text(&text, (as_said ? secure : address->secure) ? "https://" : "http://");
    camera_url_put_host(&text, address->url.host, as_said ? url.port : address->url.port);
    buffer_text(&text, camera_url_path(&url));
    return write_out(&text, out, fault);
}

int choice_stream_url(const struct onvif_address *address, const char *said, char out[CHOICE_URL_SIZE],
                      struct fault *fault)
{
    struct camera_url url;
    struct buffer text = { 0 };
    if (camera_url_read(said, "rtsp", "554", &url, NULL) < 0)
        return refuse(said, "rtsp", fault);
    buffer_text(&text, "rtsp://");
    if (*address->url.user) {
        camera_url_put_encoded(&text, address->url.user);
        buffer_text(&text, ":");
        camera_url_put_encoded(&text, address->url.password);
        buffer_text(&text, "@");
    }
    camera_url_put_host(&text, address->host_given ? url.host : address->url.host, url.port);
    buffer_text(&text, camera_url_path(&url));
    return write_out(&text, out, fault);
}
