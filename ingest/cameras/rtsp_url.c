#include "ingest/cameras/rtsp_url.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int refuse(struct fault *fault, const char *what)
{
    return fault_set(fault, -EINVAL, "camera address: %s; expected rtsp://[USER:PASSWORD@]HOST[:PORT]/PATH", what);
}

/* Percent-decodes; false: too long, or a character that no header may carry. */
static bool decode(const char *from, size_t length, char *out, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char byte = from[i];
        if (byte == '%' && i + 2 < length && isxdigit((unsigned char)from[i + 1]) &&
            isxdigit((unsigned char)from[i + 2])) {
            char digits[3] = { from[i + 1], from[i + 2], '\0' };
            byte = (char)strtol(digits, NULL, 16);
            i += 2;
        }
        if (used + 1 >= room || (unsigned char)byte < 0x20 || byte == '"' || byte == 0x7f)
            return false;
        out[used++] = byte;
    }
    out[used] = '\0';
    return true;
}

static int read_identity(const char *from, size_t length, struct rtsp_url *url, struct fault *fault)
{
    const char *colon = memchr(from, ':', length);
    size_t user = colon ? (size_t)(colon - from) : length;
    if (!decode(from, user, url->user, sizeof url->user) ||
        (colon && !decode(colon + 1, length - user - 1, url->password, sizeof url->password)))
        return refuse(fault, "user or password cannot be sent");
    return 0;
}

static int read_host(const char *from, size_t length, struct rtsp_url *url, struct fault *fault)
{
    const char *end = from + length, *host = from, *port = NULL;
    size_t host_length;
    if (length && *from == '[') {
        const char *close = memchr(from, ']', length);
        if (!close)
            return refuse(fault, "no ']'");
        host++;
        host_length = (size_t)(close - host);
        port = close + 1 < end && close[1] == ':' ? close + 2 : NULL;
    } else {
        const char *colon = memchr(from, ':', length);
        host_length = colon ? (size_t)(colon - from) : length;
        port = colon ? colon + 1 : NULL;
    }
    if (host_length == 0 || host_length >= sizeof url->host)
        return refuse(fault, "no host");
    memcpy(url->host, host, host_length);
    url->host[host_length] = '\0';
    strcpy(url->port, "554");
    if (!port)
        return 0;
    char digits[6] = "";
    size_t count = (size_t)(end - port);
    if (count == 0 || count >= sizeof digits || strspn(port, "0123456789") < count)
        return refuse(fault, "port is no number");
    memcpy(digits, port, count);
    digits[count] = '\0';
    long number = strtol(digits, NULL, 10);
    if (number < 1 || number > 65535)
        return refuse(fault, "port is not 1 to 65535");
    strcpy(url->port, digits);
    return 0;
}

int rtsp_url_read(const char *text, struct rtsp_url *url, struct fault *fault)
{
    *url = (struct rtsp_url){ .host = "" };
    if (strncasecmp(text, "rtsp://", 7) != 0)
        return refuse(fault, "it does not begin with rtsp://");
    const char *authority = text + 7;
    size_t length = strcspn(authority, "/?");
    const char *path = authority + length, *at = memrchr(authority, '@', length);
    const char *host = at ? at + 1 : authority;
    for (const char *byte = host; *byte; byte++)
        if ((unsigned char)*byte <= 0x20 || *byte == 0x7f || *byte == '"')
            return refuse(fault, "a character that must be percent-encoded");
    int result = at ? read_identity(authority, (size_t)(at - authority), url, fault) : 0;
    if (result == 0)
        result = read_host(host, (size_t)(path - host), url, fault);
    if (result < 0)
        return result;
    int size = snprintf(url->address, sizeof url->address, "rtsp://%s", host);
    return size < 0 || (size_t)size >= sizeof url->address ? refuse(fault, "too long") : 0;
}
