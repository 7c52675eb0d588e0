#include "proto/book/onvif.h"

#include <string.h>
#include <strings.h>

static const char plain[] = "onvif", secure[] = "onvifs", usual_path[] = "/onvif/device_service";

static bool has_scheme(const char *url, const char *scheme)
{
    size_t length = strlen(scheme);
    return strncasecmp(url, scheme, length) == 0 && strncmp(url + length, "://", 3) == 0;
}

bool onvif_is_address(const char *url)
{
    return has_scheme(url, plain) || has_scheme(url, secure);
}

static int read_parameter(const char *from, size_t length, struct onvif_address *address, struct fault *fault)
{
    static const char profile[] = "profile=";
    size_t name = sizeof profile - 1;
    if (length > name && strncmp(from, profile, name) == 0) {
        bool fits = camera_url_decode(from + name, length - name, address->profile, sizeof address->profile) &&
                    *address->profile;
        return fits ? 0 : fault_set(fault, -EINVAL, "camera address: no profile has such a name");
    }
    if (length == 10 && strncmp(from, "stream=sub", length) == 0)
        address->sub = true;
    else if (length == 10 && strncmp(from, "host=given", length) == 0)
        address->host_given = true;
    else if (length != 11 || strncmp(from, "stream=main", length) != 0)
        return fault_set(fault, -EINVAL,
                         "camera address: '%.*s'; expected stream=main, stream=sub, profile=TOKEN or host=given",
                         length < 60 ? (int)length : 60, from);
    return 0;
}

static int read_parameters(const char *at, struct onvif_address *address, struct fault *fault)
{
    int result = 0;
    while (!result && *at) {
        size_t length = strcspn(at, "&");
        result = read_parameter(at, length, address, fault);
        at += length + (at[length] == '&');
    }
    if (!result && address->sub && *address->profile)
        return fault_set(fault, -EINVAL, "camera address: a profile is a stream; stream=sub beside it means nothing");
    return result;
}

int onvif_address_read(const char *text, struct onvif_address *address, struct fault *fault)
{
    *address = (struct onvif_address){ .secure = has_scheme(text, secure) };
    int result =
        camera_url_read(text, address->secure ? secure : plain, address->secure ? "443" : "80", &address->url, fault);
    if (result < 0)
        return result;
    const char *path = camera_url_path(&address->url);
    size_t length = strcspn(path, "?");
    if (length >= sizeof address->path)
        return fault_set(fault, -EINVAL, "camera address: a path of %zu bytes, at most %zu", length,
                         sizeof address->path - 1);
    if (length > 1)
        memcpy(address->path, path, length);
    else
        strcpy(address->path, usual_path);
    return path[length] ? read_parameters(path + length + 1, address, fault) : 0;
}
