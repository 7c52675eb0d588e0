/* A camera's address: rtsp://[USER[:PASSWORD]@]HOST[:PORT]/PATH. Pure. */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"

struct rtsp_url {
    char host[256]; /* an IPv6 address without its brackets */
    char port[6];
    char user[128], password[128]; /* percent-decoded; "": none */
    char address[1024];            /* what is sent: without user and password */
};

/* -EINVAL: no such address; the fault does not show the password. */
int rtsp_url_read(const char *text, struct rtsp_url *url, struct fault *fault);
