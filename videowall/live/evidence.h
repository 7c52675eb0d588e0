/* POST /api/evidence {"id": made on the device, "camera", "case"}: ingest keeps what the camera shows now, and a clip around now, for the case
 * → 201 {"seq": of the event that has the picture, durable, "clip_s": so much later the clip is there}; 404 unknown case or camera, 409 as much is
 * being kept as may be, 502 the camera gives no picture, 503. The same id again keeps nothing twice. */
#pragma once

#include "proto/base/fault.h"

struct book;
struct door;
struct feeds;
struct store;

struct evidence_options {
    struct door *door;
    struct feeds *feeds;
    const struct book *book;
    struct store *cases;
    unsigned roles;
};

/* In the caller's memory, which outlives the door. */
struct evidence {
    struct evidence_options options;
};
int evidence_open(struct evidence *evidence, struct fault *fault);
