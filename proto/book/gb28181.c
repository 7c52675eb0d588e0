#include "proto/book/gb28181.h"

#include <errno.h>
#include <string.h>

static const char scheme[] = "gb28181://", stream_key[] = "?stream=";

/* The digits at the front; false: not as many as an id has. */
static bool take_id(const char **at, char id[GB_ID_DIGITS + 1])
{
    if (strspn(*at, "0123456789") != GB_ID_DIGITS)
        return false;
    memcpy(id, *at, GB_ID_DIGITS);
    id[GB_ID_DIGITS] = '\0';
    *at += GB_ID_DIGITS;
    return true;
}

bool gb_is_id(const char *text)
{
    char id[GB_ID_DIGITS + 1];
    return take_id(&text, id) && !*text;
}

bool gb_is_address(const char *url)
{
    return strncmp(url, scheme, sizeof scheme - 1) == 0;
}

int gb_address_read(const char *url, struct gb_address *address)
{
    *address = (struct gb_address){ 0 };
    const char *at = url + sizeof scheme - 1;
    if (!gb_is_address(url) || !take_id(&at, address->device) || *at++ != '/' || !take_id(&at, address->channel))
        return -EINVAL;
    if (strncmp(at, stream_key, sizeof stream_key - 1) == 0) {
        at += sizeof stream_key - 1;
        address->stream = *at++ - '0';
    }
    return *at || address->stream < 0 || address->stream >= GB_STREAMS_MAX ? -EINVAL : 0;
}
