/* An address as cameras have them: SCHEME://[USER[:PASSWORD]@]HOST[:PORT][/PATH]. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct camera_url {
    char host[256]; /* an IPv6 address without its brackets */
    char port[6];
    char user[128], password[128]; /* percent-decoded; "": none */
    char address[1024];            /* as it was written, without user and password */
};

/* `scheme`: "rtsp"; `port`: where the address names none. -EINVAL: no such address; the fault does not show the password. */
int camera_url_read(const char *text, const char *scheme, const char *port, struct camera_url *url,
                    struct fault *fault);
/* What follows host and port in the address: "/PATH", "?QUERY" or "". */
const char *camera_url_path(const struct camera_url *url);

/* Appends HOST:PORT, an IPv6 address in brackets. */
void camera_url_put_host(struct buffer *out, const char *host, const char *port);
/* Appends the text with all percent-encoded that is not a letter, a digit or one of "-._~". */
void camera_url_put_encoded(struct buffer *out, const char *text);
/* Percent-decodes; false: longer than `room`, or a character that no header may carry. */
bool camera_url_decode(const char *from, size_t length, char *out, size_t room);
