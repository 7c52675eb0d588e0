/* The field door: pages and case API for grid workers' handsets and liaisons. Keeps no state of its own; several may run. */
#pragma once

#include "proto/base/daemon.h"
#include "proto/book/book.h"
#include "proto/door/case_api.h"

struct field_options {
    struct daemon_options daemon;
    const char *bus_users; /* see bus_allow_users() */
};

struct field {
    struct door *door;
    struct accounts *accounts;
    struct case_api *cases;
};

/* `book` and `loop` outlive it. On an error what was opened is closed by field_close(). */
int field_open(struct field *field, struct loop *loop, const struct book *book, const struct field_options *options,
               struct fault *fault);
void field_close(struct field *field); /* safe on a zeroed struct */
