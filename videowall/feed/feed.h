/* Feeds: what this process holds of the cameras. One lease per stream and process, however many tiles and pages look at it.
 *
 * Runs in the loop's thread; its callbacks too. The bus must not be opened elsewhere in the process for BUS_CAMERAS or BUS_FRAMES.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"
#include "proto/base/loop.h"
#include "proto/record/camera.h"
#include "proto/record/frame.h"

struct book;
struct book_camera;
struct camera_places;
struct feeds;
struct feed;

/* The book must outlive it. `holder`: a name for this process in the leases ("videowall"); a random part is added. */
int feeds_open(struct loop *loop, const struct book *book, int64_t bus_port, const char *holder, struct feeds **feeds,
               struct fault *fault);
void feeds_close(struct feeds *feeds); /* takes NULL; releases the leases; the bus ends with the process */

/* Somebody who looks at a camera. In the caller's memory, zeroed before first use, removed before it goes. */
struct feed_viewer {
    /* Frames in order, decodable: the first one is a key frame, and so is the first after a gap. Either may be NULL. A callback may
     * take its own viewer away, no other. */
    void (*frame)(void *context, const struct frame *frame);
    void (*status)(void *context, const struct camera_status *status);
    void *context;
    int64_t
        wide_px; /* in how many pixels it is shown: of a camera with two streams the main one where that is more than its sub_wide_px */
    struct feed *feed;
    struct feed_viewer *next;
};

/* Leases the camera's stream until the last viewer has gone. `status` is called at once, then `frame` with what is cached of the group of pictures
 * under way. 1: the book has no such camera. */
int feed_add_viewer(struct feeds *feeds, const char *camera, struct feed_viewer *viewer);
void feed_remove_viewer(struct feed_viewer *viewer); /* safe on a zeroed struct */
/* What `status` was called with last. */
const struct camera_status *feed_viewer_status(const struct feed_viewer *viewer);

/* Asks ingest what is no lease (camera.h). `answered` hears of it once, unless the feeds are closed before; status: as bus_ask() tells it. <0: not asked. */
int feeds_ask(struct feeds *feeds, const struct camera_lease *wish, int64_t timeout_ms,
              void (*answered)(void *context, int status, struct bytes answer), void *context);

/* Pictures that this process makes itself, watched as a camera's are. `id`: none that a book may have, such as one with a '/'; it outlives the feeds.
 * `watched` is called in the loop's thread: true: somebody looks; false: nobody has for a while. */
struct feed *feeds_add_own(struct feeds *feeds, const char *id, void (*watched)(void *context, bool watched),
                           void *context);
/* A picture of it: run and seq as in frame.h. In the loop's thread. */
void feed_tell(struct feed *feed, const struct frame *frame);
/* No more of them; `watched` is not called again. Whoever looks sees it lost. */
void feed_end_own(struct feed *feed);

/* How a camera of the book does, of two streams the one that is watched, as far as this process knows (idle where nobody pulls it). Texts live until the loop's next round. */
struct camera_status feed_status(const struct feeds *feeds, const struct book_camera *camera);
/* Where the cameras are now, as far as this process has heard. */
const struct camera_places *feeds_places(const struct feeds *feeds);
