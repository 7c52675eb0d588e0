#include "proto/book/camera_url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int refuse(struct fault *fault, const char *what)
{
    return fault_set(fault, -EINVAL, "%s", what);
}

bool camera_url_decode(const char *from, size_t length, char *out, size_t room)
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

static int read_identity(const char *from, size_t length, struct camera_url *url, struct fault *fault)
{
    const char *colon = memchr(from, ':', length);
    size_t user = colon ? (size_t)(colon - from) : length;
    if (!camera_url_decode(from, user, url->user, sizeof url->user) ||
        (colon && !camera_url_decode(colon + 1, length - user - 1, url->password, sizeof url->password)))
        return refuse(fault, "user or password cannot be sent");
    return 0;
}

/* Text of a port into url->port. */
static int read_port(const char *from, const char *end, struct camera_url *url, struct fault *fault)
{
    char digits[6] = "";
    size_t count = (size_t)(end - from);
    if (count == 0 || count >= sizeof digits || strspn(from, "0123456789") < count)
        return refuse(fault, "port is no number");
    memcpy(digits, from, count);
    digits[count] = '\0';
    long number = strtol(digits, NULL, 10);
    if (number < 1 || number > 65535)
        return refuse(fault, "port is not 1 to 65535");
    strcpy(url->port, digits);
    return 0;
}

static int read_host(const char *from, size_t length, struct camera_url *url, struct fault *fault)
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
    return port ? read_port(port, end, url, fault) : 0;
}

static int read_all(const char *text, const char *scheme, struct camera_url *url, struct fault *fault)
{
    size_t scheme_length = strlen(scheme);
    if (strncasecmp(text, scheme, scheme_length) != 0 || strncmp(text + scheme_length, "://", 3) != 0)
        return refuse(fault, "another scheme");
    const char *authority = text + scheme_length + 3;
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
    int size = snprintf(url->address, sizeof url->address, "%s://%s", scheme, host);
    return size < 0 || (size_t)size >= sizeof url->address ? refuse(fault, "too long") : 0;
}

int camera_url_read(const char *text, const char *scheme, const char *port, struct camera_url *url, struct fault *fault)
{
    struct fault why = { "" };
    *url = (struct camera_url){ .host = "" };
    strcpy(url->port, port);
    int result = read_all(text, scheme, url, &why);
    return result < 0 ? fault_set(fault, result, "camera address: %s; expected %s://[USER:PASSWORD@]HOST[:PORT]/PATH",
                                  why.text, scheme)
                      : 0;
}

const char *camera_url_path(const struct camera_url *url)
{
    const char *host = strstr(url->address, "://") + 3;
    return host + strcspn(host, "/?");
}

/* ---- writing ---- */

void camera_url_put_host(struct buffer *out, const char *host, const char *port)
{
    buffer_format(out, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

void camera_url_put_encoded(struct buffer *out, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (isalnum(*at) || strchr("-._~", *at))
            buffer_append(out, at, 1);
        else
            buffer_format(out, "%%%02X", *at);
}
