#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/metrics.h"
#include "videowall/feed/feed_inside.h"

enum { CACHE_BYTES = 3 << 20 };

static struct metric gaps = METRIC_COUNTER("drumtower_feed_gaps_total", "Times that frames of a camera were missing.");

void feed_register(void)
{
    metric_register(&gaps);
}

struct feed *feed_add(struct feeds *feeds, const char *id)
{
    struct feed *feed = calloc(1, sizeof *feed);
    assert(feed);
    *feed = (struct feed){ .feeds = feeds,
                           .id = id,
                           .cache.limit = CACHE_BYTES,
                           .status = { .camera = id, .state = CAMERA_IDLE, .reason = "" },
                           .next = feeds->first };
    feeds->first = feed;
    return feed;
}

/* ---- how it does ---- */

static void tell_status(const struct feed *feed)
{
    struct feed_viewer *next;
    for (struct feed_viewer *viewer = feed->viewers; viewer; viewer = next) {
        next = viewer->next; /* a viewer may take itself away */
        if (viewer->status)
            viewer->status(viewer->context, &feed->status);
    }
}

void feed_set_status(struct feed *feed, const struct camera_status *status)
{
    const struct camera_status *now = &feed->status;
    bool news = now->state != status->state || now->since_ms != status->since_ms || now->width != status->width ||
                now->height != status->height || strcmp(now->reason, status->reason) != 0;
    snprintf(feed->reason, sizeof feed->reason, "%s", status->reason);
    feed->status = *status;
    feed->status.camera = feed->id;
    feed->status.reason = feed->reason;
    if (news)
        tell_status(feed);
}

/* What this process concludes by itself, where ingest does not say it. */
void feed_enter(struct feed *feed, enum camera_state state, const char *reason)
{
    struct camera_status status = feed->status;
    if (status.state != state) {
        status.before = status.state;
        status.state = state;
        status.since_ms = clock_now_ms();
    }
    status.reason = reason;
    feed_set_status(feed, &status);
}

/* ---- its pictures ---- */

void feed_take_frame(struct feed *feed, const struct frame *frame)
{
    bool was_whole = feed->order.started && !feed->order.need_key;
    bool takes = frame_order_takes(&feed->order, frame);
    if (was_whole && feed->order.need_key)
        metric_add(&gaps, 1);
    if (!takes)
        return;
    feed->status.picture_at_ms = frame->capture_ms;
    frame_cache_add(&feed->cache, frame);
    struct feed_viewer *next;
    for (struct feed_viewer *viewer = feed->viewers; viewer; viewer = next) {
        next = viewer->next;
        if (viewer->frame)
            viewer->frame(viewer->context, frame);
    }
}

void feed_forget_pictures(struct feed *feed)
{
    frame_cache_clear(&feed->cache);
    feed->order = (struct frame_order){ 0 };
}

/* ---- pictures of our own ---- */

struct feed *feeds_add_own(struct feeds *feeds, const char *id, void (*watched)(void *context, bool watched),
                           void *context)
{
    struct feed *feed = feed_add(feeds, id);
    feed->watched = watched;
    feed->context = context;
    return feed;
}

void feed_tell(struct feed *feed, const struct frame *frame)
{
    if (!feed->leased)
        return;
    feed->word_mono_ms = clock_mono_ms();
    feed_enter(feed, CAMERA_LIVE, "");
    feed_take_frame(feed, frame);
}

static void nobody_hears(void *context, bool watched)
{
    (void)context, (void)watched;
}

void feed_end_own(struct feed *feed)
{
    feed->watched = nobody_hears;
}

/* ---- viewers ---- */

static struct feed *find_own(const struct feeds *feeds, const char *id)
{
    struct feed *feed = feeds->first;
    while (feed && (feed->camera || strcmp(feed->id, id) != 0))
        feed = feed->next;
    return feed;
}

int feed_add_viewer(struct feeds *feeds, const char *id, struct feed_viewer *viewer)
{
    const struct book_camera *camera = book_camera(feeds->book, id);
    struct feed *feed = camera ? feeds_make(feeds, camera, *camera->sub_url && viewer->wide_px > camera->sub_wide_px)
                               : find_own(feeds, id);
    if (!feed)
        return 1;
    if (!feed->viewers && !feed->leased) {
        feed->word_mono_ms = clock_mono_ms();
        lease_ask(feed);
    }
    viewer->feed = feed;
    viewer->next = feed->viewers;
    feed->viewers = viewer;
    if (viewer->status)
        viewer->status(viewer->context, &feed->status);
    struct bytes cached = buffer_view(&feed->cache.packed);
    struct frame frame;
    while (viewer->frame && frame_take(&cached, &frame, NULL) == 0)
        viewer->frame(viewer->context, &frame);
    return 0;
}

void feed_remove_viewer(struct feed_viewer *viewer)
{
    struct feed *feed = viewer->feed;
    if (!feed)
        return;
    for (struct feed_viewer **at = &feed->viewers; *at; at = &(*at)->next)
        if (*at == viewer) {
            *at = viewer->next;
            break;
        }
    viewer->feed = NULL;
    feed->left_mono_ms = clock_mono_ms();
}

const struct camera_status *feed_viewer_status(const struct feed_viewer *viewer)
{
    return &viewer->feed->status;
}
