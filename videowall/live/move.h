/* POST /api/cameras/{id}/move {"press", "serial", "pan", "tilt", "zoom"}: turns and zooms a camera (PTZ) while a control is held.
 *
 * press: made by the page for one hold of one control; serial: 1 for its first order, higher for each later one (turns.h). Speeds from
 * -CAMERA_SPEED_MAX to CAMERA_SPEED_MAX; all 0: stop. The camera stops by itself CAMERA_MOVE_SECONDS after the last order, so who holds a
 * control renews its order each second, and a page that is gone leaves no camera turning. Each order that is not a renewal or a stop is
 * written to the audit of the accounts before it is obeyed.
 * → 200 {"from": the name of whom the camera was taken from, or ""}, also for an order that came too late and is left out;
 * 404 unknown, 409 unable (it cannot be turned, or not now) or limit (as many turn as may),
 * 409 taken with "by": the name of who pressed later and has it now, 422, 503.
 */
#pragma once

#include "proto/base/fault.h"
#include "videowall/live/turns.h"

struct book;
struct door;
struct feeds;

struct move_options {
    struct door *door;
    struct feeds *feeds;
    const struct book *book;
    unsigned roles; /* ROLE_BIT()s that may move cameras */
};

/* In the caller's memory, which outlives the door. */
struct moves {
    struct move_options options;
    struct turns turns;
};
int moves_open(struct moves *moves, struct fault *fault);
