/* What a daemon tells the case API when it opens it. All of it outlives the API. */
#pragma once

#include "proto/book/book.h"
#include "proto/door/door.h"

struct case_api_options {
    struct loop *loop;
    struct door *door;
    const struct book *book;
    const char *data_folder;
    int64_t bus_port_base;
    unsigned roles; /* ROLE_BIT()s of this door: field: worker, liaison; centre: operator, leader, admin, device */
    int64_t command_timeout_ms; /* until "perhaps done" (503); 0: 8 s */
    int64_t
        stream_patience_ms; /* how long a stream's reader may take nothing before it is filled up and cut off; 0: 10 s */
};
