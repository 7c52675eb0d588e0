#include "videowall/live/stills.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/book.h"
#include "videowall/feed/feed.h"
#include "videowall/media/media.h"

enum { WAITING_MAX_BYTES = 4 << 20 };

static struct metric decoding = METRIC_GAUGE("drumtower_live_stills", "Cameras that are decoded here for pages that "
                                                                      "cannot do it themselves.");

struct still {
    struct stills *stills;
    struct feed_viewer feed;
    struct still_viewer *viewers;
    GstElement *pipeline, *source; /* NULL before the first key frame, and after a break */
    enum frame_codec codec;
    atomic_bool broken;
    int64_t passed_ms; /* capture time of the last picture that was encoded; of GStreamer's thread */
    GstBuffer *newest; /* under the lock; NULL: it was handed on */
    struct still *next;
    char camera[65];
};

struct stills {
    struct loop *loop;
    struct feeds *feeds;
    struct loop_wake wake;
    GMutex lock;
    struct still *first;
};

/* ---- GStreamer's threads ---- */

static int64_t capture_of(const GstBuffer *buffer)
{
    return (int64_t)(GST_BUFFER_PTS(buffer) / GST_MSECOND);
}

/* Between decoder and encoder. */
static GstPadProbeReturn decoded(GstPad *pad, GstPadProbeInfo *info, gpointer context)
{
    (void)pad;
    struct still *still = context;
    int64_t capture_ms = capture_of(GST_PAD_PROBE_INFO_BUFFER(info));
    if (capture_ms >= still->passed_ms && capture_ms - still->passed_ms < STILL_EVERY_MS)
        return GST_PAD_PROBE_DROP;
    still->passed_ms = capture_ms;
    return GST_PAD_PROBE_OK;
}

static GstFlowReturn jpeg_came(GstAppSink *sink, gpointer context)
{
    struct still *still = context;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    g_mutex_lock(&still->stills->lock);
    gst_buffer_replace(&still->newest, gst_sample_get_buffer(sample));
    g_mutex_unlock(&still->stills->lock);
    gst_sample_unref(sample);
    loop_wake_notify(&still->stills->wake);
    return GST_FLOW_OK;
}

static void ended(void *context, const char *error)
{
    struct still *still = context;
    still->broken |= error != NULL;
}

/* ---- the loop's thread ---- */

static void take_down(struct still *still)
{
    media_end(&still->pipeline);
    g_clear_object(&still->source);
    still->broken = false;
    still->passed_ms = 0;
}

static int build(struct still *still, enum frame_codec codec, struct fault *fault)
{
    char launch[400];
    snprintf(launch, sizeof launch,
             "%s name=decoder max-errors=-1 ! videoconvert n-threads=1 ! jpegenc quality=75 ! appsink name=sink "
             "sync=false max-buffers=1 drop=true",
             media_decoder(codec));
    int result = media_launch("stills", launch, ended, still, &still->pipeline, fault);
    if (result < 0)
        return result;
    still->codec = codec;
    still->source = gst_bin_get_by_name(GST_BIN(still->pipeline), "source");
    GstElement *sink = gst_bin_get_by_name(GST_BIN(still->pipeline), "sink");
    GstElement *decoder = gst_bin_get_by_name(GST_BIN(still->pipeline), "decoder");
    GstPad *pad = gst_element_get_static_pad(decoder, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, decoded, still, NULL);
    GstAppSinkCallbacks callbacks = { .new_sample = jpeg_came };
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, still, NULL);
    gst_object_unref(pad);
    gst_object_unref(decoder);
    gst_object_unref(sink);
    gst_element_set_state(still->pipeline, GST_STATE_PLAYING);
    return 0;
}

static void frame_came(void *context, const struct frame *frame)
{
    struct still *still = context;
    struct fault fault = { "" };
    if (still->broken || still->codec != frame->codec)
        take_down(still);
    if (!still->pipeline && frame->key && build(still, frame->codec, &fault) < 0)
        log_error("live", "%s", fault.text);
    if (!still->pipeline)
        return;
    if (gst_app_src_get_current_level_bytes(GST_APP_SRC(still->source)) > WAITING_MAX_BYTES) {
        take_down(still); /* it does not keep up: from the next key frame on */
        return;
    }
    GstBuffer *buffer = gst_buffer_new_memdup(frame->unit.data, frame->unit.size);
    GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = (GstClockTime)frame->capture_ms * GST_MSECOND;
    if (!frame->key)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (gst_app_src_push_buffer(GST_APP_SRC(still->source), buffer) != GST_FLOW_OK)
        still->broken = true;
}

static void hand_on(struct still *still, GstBuffer *jpeg)
{
    GstMapInfo map;
    if (!gst_buffer_map(jpeg, &map, GST_MAP_READ))
        return;
    for (struct still_viewer *viewer = still->viewers; viewer; viewer = viewer->next)
        viewer->picture(viewer->context, capture_of(jpeg), (struct bytes){ map.data, map.size });
    gst_buffer_unmap(jpeg, &map);
}

static int pictures_came(void *context)
{
    struct stills *stills = context;
    for (struct still *still = stills->first; still; still = still->next) {
        g_mutex_lock(&stills->lock);
        GstBuffer *jpeg = g_steal_pointer(&still->newest);
        g_mutex_unlock(&stills->lock);
        if (!jpeg)
            continue;
        hand_on(still, jpeg);
        gst_buffer_unref(jpeg);
    }
    return 0;
}

/* ---- viewers ---- */

static struct still *find(struct stills *stills, const char *camera)
{
    struct still *still = stills->first;
    while (still && strcmp(still->camera, camera) != 0)
        still = still->next;
    return still;
}

static void end(struct still *still)
{
    struct stills *stills = still->stills;
    feed_remove_viewer(&still->feed);
    take_down(still);
    for (struct still **at = &stills->first; *at; at = &(*at)->next)
        if (*at == still) {
            *at = still->next;
            break;
        }
    gst_clear_buffer(&still->newest);
    g_free(still);
    metric_add(&decoding, -1);
}

int still_add_viewer(struct stills *stills, const char *camera, struct still_viewer *viewer)
{
    struct still *still = find(stills, camera);
    if (!still) {
        still = g_new0(struct still, 1);
        *still = (struct still){ .stills = stills, .next = stills->first };
        snprintf(still->camera, sizeof still->camera, "%s", camera);
        still->feed = (struct feed_viewer){ .frame = frame_came, .context = still };
        stills->first = still;
        metric_add(&decoding, 1);
        if (feed_add_viewer(stills->feeds, camera, &still->feed)) {
            end(still);
            return 1;
        }
    }
    viewer->still = still;
    viewer->next = still->viewers;
    still->viewers = viewer;
    return 0;
}

void still_remove_viewer(struct still_viewer *viewer)
{
    struct still *still = viewer->still;
    if (!still)
        return;
    for (struct still_viewer **at = &still->viewers; *at; at = &(*at)->next)
        if (*at == viewer) {
            *at = viewer->next;
            break;
        }
    viewer->still = NULL;
    if (!still->viewers)
        end(still);
}

/* ---- start and end ---- */

int stills_open(struct loop *loop, struct feeds *feeds, struct stills **out, struct fault *fault)
{
    int result = media_init(fault);
    if (result < 0)
        return result;
    struct stills *stills = g_new0(struct stills, 1);
    stills->loop = loop;
    stills->feeds = feeds;
    g_mutex_init(&stills->lock);
    metric_register(&decoding);
    result = loop_wake_init(loop, &stills->wake, pictures_came, stills);
    if (result < 0) {
        fault_set(fault, result, "stills: no eventfd: %s", strerror(-result));
        stills_close(stills);
        return result;
    }
    *out = stills;
    return 0;
}

void stills_close(struct stills *stills)
{
    if (!stills)
        return;
    while (stills->first)
        end(stills->first);
    loop_wake_finish(stills->loop, &stills->wake);
    g_mutex_clear(&stills->lock);
    g_free(stills);
}
