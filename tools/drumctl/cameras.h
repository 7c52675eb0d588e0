/* drumctl cameras: its two halves. */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"

struct cameras_call {
    int64_t seconds;            /* discover: so long answers are awaited */
    const char *interface, *to; /* NULL: the system's choice; the group */
    const char *book;           /* ask: NULL: the operand is an address */
};

/* The exit code, or <0. */
int cameras_discover(const struct cameras_call *call, struct fault *fault);
/* `what`: an address onvif://…, or a camera of the book. */
int cameras_ask(const struct cameras_call *call, const char *what, struct fault *fault);
