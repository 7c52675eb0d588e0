/* The hub: which streams of cameras are pulled, for whom, and how they do. Knows no bus, no book, no GStreamer and no clock of its own.
 *
 * A stream is pulled from its first lease to the end of its last one. What its source delivers is numbered, cached (the last group of
 * pictures; while somebody looks, or it is armed, the last seconds as well) and published as frames, unless it is armed only; a new lease has the
 * cached group published once more. The rules of time:
 *   no access unit for CAMERA_SILENCE_MS          → frozen; told within that time, whenever hub_tick() comes
 *   none for HUB_GIVE_UP_MS, or while opening     → lost, the source is stopped
 *   lost                                          → tried again after hub_retry_delay_ms(), what is kept stays until it is older than ring_ms
 *   lost, for it refuses our name or password     → tried again after HUB_REFUSED_MS at the soonest, whoever looks: accounts are locked
 *   a move's seconds are over                     → the camera is told to stop
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/cameras/source.h"
#include "proto/record/camera.h"

struct book_camera;
struct hub;

enum {
    HUB_GIVE_UP_MS = 5000,
    HUB_TICK_MS = 250,
    HUB_STATUS_MS = 1000,
    HUB_HOLDERS_MAX = 32,      /* of one camera */
    HUB_MOVES_MAX = 64,        /* cameras that turn at a time */
    HUB_GROUP_BYTES = 3 << 20, /* a group of pictures of more is not sent again: the bus carries 4 MiB in a message */
    HUB_RETRY_SHOWN_MS = 1000, /* somebody looks at it */
    HUB_RETRY_LONGEST_MS = 60000, /* nobody does */
    HUB_REFUSED_MS = 60000        /* to the readers, which have the camera alone for longer (refusals.h) */
};

struct hub_options {
    const struct source_ops *source;
    void *reader; /* of source->start() */
    void (*publish)(void *context, const char *topic, struct bytes message);
    void (*changed)(void *context, const struct camera_status *status); /* see cameras_on_change() */
    void *context;
    size_t pulled_max;
    int64_t ring_ms;          /* so much is kept of what was before, of streams that are shown or armed */
    size_t ring_bytes;        /* of one stream at most */
    int64_t (*mono_ms)(void); /* clock_mono_ms() but in tests */
    int64_t (*now_ms)(void);
};

struct hub *hub_create(const struct hub_options *options);
void hub_destroy(struct hub *hub); /* takes NULL; stops all sources */

/* Does what a lease asks. `camera`: the one that it names, NULL where there is none; it must outlive the hub. *grant is filled; its texts live
 * until the next call to the hub. */
void hub_lease(struct hub *hub, const struct camera_lease *lease, const struct book_camera *camera,
               struct camera_grant *grant);

/* Ends leases, notices silence, tries again, tells the status: call every HUB_TICK_MS. */
void hub_tick(struct hub *hub);

size_t hub_pulled(const struct hub *hub); /* streams */
/* What is kept of a camera, as packed frames (frame.h); size 0: nothing. Of two streams it is the one that is live, else the one that was; where
 * both are alike the better one. *main says which. Lives until the next call to the hub. */
struct bytes hub_kept(const struct hub *hub, const char *camera, bool *main);

/* Never below HUB_RETRY_SHOWN_MS; doubles up to HUB_RETRY_LONGEST_MS where the camera is not shown; `random` spreads cameras that fell
 * together over a quarter of the delay. */
int64_t hub_retry_delay_ms(unsigned attempts, bool shown, uint32_t random);
