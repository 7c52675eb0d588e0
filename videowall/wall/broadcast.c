#include "videowall/wall/broadcast.h"

#include <gst/app/gstappsink.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/loop.h"
#include "videowall/feed/feed.h"
#include "videowall/wall/layout.h"

enum { WAITING_MAX = 50 /* 2 s: the loop stands still */ };

/* An access unit on its way to the loop. */
struct unit {
    GstBuffer *buffer;
    int64_t capture_ms;
    uint64_t seq;
};

struct broadcast {
    struct loop *loop;
    struct feed *feed;
    struct loop_wake wake;
    uint32_t run;
    GMutex lock; /* of what follows */
    GQueue units;
    uint64_t seq;
};

static void free_unit(gpointer data)
{
    struct unit *unit = data;
    gst_buffer_unref(unit->buffer);
    g_free(unit);
}

/* In GStreamer's thread. What finds no room leaves a gap in the numbers, and readers wait for the next key frame. */
static GstFlowReturn unit_came(GstAppSink *sink, gpointer context)
{
    struct broadcast *broadcast = context;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    g_mutex_lock(&broadcast->lock);
    broadcast->seq++;
    if (g_queue_get_length(&broadcast->units) < WAITING_MAX) {
        struct unit *unit = g_new(struct unit, 1);
        *unit = (struct unit){ gst_buffer_ref(gst_sample_get_buffer(sample)), clock_now_ms(), broadcast->seq };
        g_queue_push_tail(&broadcast->units, unit);
    }
    g_mutex_unlock(&broadcast->lock);
    gst_sample_unref(sample);
    loop_wake_notify(&broadcast->wake);
    return GST_FLOW_OK;
}

static void tell(const struct broadcast *broadcast, const struct unit *unit)
{
    GstMapInfo map;
    if (!gst_buffer_map(unit->buffer, &map, GST_MAP_READ))
        return;
    struct frame frame = { .key = !GST_BUFFER_FLAG_IS_SET(unit->buffer, GST_BUFFER_FLAG_DELTA_UNIT),
                           .codec = FRAME_H264,
                           .width = WALL_WIDTH,
                           .height = WALL_HEIGHT,
                           .run = broadcast->run,
                           .seq = unit->seq,
                           .capture_ms = unit->capture_ms,
                           .unit = { map.data, map.size } };
    feed_tell(broadcast->feed, &frame);
    gst_buffer_unmap(unit->buffer, &map);
}

static struct unit *take(struct broadcast *broadcast)
{
    g_mutex_lock(&broadcast->lock);
    struct unit *unit = g_queue_pop_head(&broadcast->units);
    g_mutex_unlock(&broadcast->lock);
    return unit;
}

static int units_came(void *context)
{
    struct broadcast *broadcast = context;
    struct unit *unit;
    while ((unit = take(broadcast))) {
        tell(broadcast, unit);
        free_unit(unit);
    }
    return 0;
}

void broadcast_attach(struct broadcast *broadcast, GstElement *sink)
{
    GstAppSinkCallbacks callbacks = { .new_sample = unit_came };
    g_queue_clear_full(&broadcast->units, free_unit);
    broadcast->seq = 0;
    broadcast->run++;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, broadcast, NULL);
}

int broadcast_open(struct loop *loop, struct feeds *feeds, void (*watched)(void *context, bool watched), void *context,
                   struct broadcast **out, struct fault *fault)
{
    struct broadcast *broadcast = g_new0(struct broadcast, 1);
    broadcast->loop = loop;
    g_mutex_init(&broadcast->lock);
    g_queue_init(&broadcast->units);
    int result = loop_wake_init(loop, &broadcast->wake, units_came, broadcast);
    if (result < 0) {
        fault_set(fault, result, "wall output web: no eventfd: %s", strerror(-result));
        broadcast_close(broadcast);
        return result;
    }
    broadcast->feed = feeds_add_own(feeds, BROADCAST_FEED, watched, context);
    *out = broadcast;
    return 0;
}

void broadcast_close(struct broadcast *broadcast)
{
    if (!broadcast)
        return;
    if (broadcast->feed)
        feed_end_own(broadcast->feed);
    loop_wake_finish(broadcast->loop, &broadcast->wake);
    g_queue_clear_full(&broadcast->units, free_unit);
    g_mutex_clear(&broadcast->lock);
    g_free(broadcast);
}
