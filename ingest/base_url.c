#include "ingest/base_url.h"

#include <string.h>

#include "proto/base/arena_join.h"

enum { HOST_BYTES = 262 }; /* a DNS name with a port */

const char *base_url(struct request *request, const char *scheme)
{
    static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-:[]";
    const char *host = request_header(request, "Host");
    size_t length = host ? strnlen(host, HOST_BYTES) : 0;
    if (length == 0 || length == HOST_BYTES || strspn(host, allowed) != length)
        return "";
    return arena_join(request_arena(request), scheme, "://", host, NULL);
}
