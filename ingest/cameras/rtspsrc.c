#include "ingest/cameras/rtspsrc.h"

#include <assert.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "ingest/cameras/gstreamer.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

enum { WAITING_MAX_BYTES = 4 << 20, CONNECT_TIMEOUT_US = 5000000, CLOSE_WAIT_US = 3000000 };

static struct metric units_dropped = METRIC_COUNTER("drumtower_camera_units_dropped_total", "Access units dropped "
                                                                                            "because the loop did not "
                                                                                            "keep up.");

/* What a streaming thread hands over; `buffer` NULL: the source has ended, `code` and `reason` say why. */
struct handover {
    struct rtspsrc_source *source;
    GstBuffer *buffer;
    int code;
    char *reason;
    struct source_unit unit;
};

struct rtspsrc_reader {
    struct loop *loop;
    struct loop_wake wake;
    GMutex lock;
    GCond let_go;
    GQueue waiting;     /* of struct handover */
    unsigned pipelines; /* not yet let go by GStreamer */
};

/* Lives until the pipeline is gone and nothing of it waits any more. */
struct rtspsrc_source {
    atomic_int references;
    struct rtspsrc_reader *reader;
    struct source_sink sink;
    GstElement *pipeline;
    enum frame_codec codec; /* of the stream that is linked; 0: none yet */
    atomic_bool stopped;
    bool ended;           /* under the reader's lock, like the two below */
    size_t waiting_bytes; /* of its handovers */
    bool need_key;        /* one was dropped */
};

static void source_unref(struct rtspsrc_source *source)
{
    if (atomic_fetch_sub(&source->references, 1) == 1)
        g_free(source);
}

static void handover_free(struct handover *handover)
{
    if (handover->buffer)
        gst_buffer_unref(handover->buffer);
    g_free(handover->reason);
    source_unref(handover->source);
    g_free(handover);
}

/* ---- GStreamer's threads ---- */

static void hand_over(struct rtspsrc_source *source, struct handover handover)
{
    struct handover *copy = g_new(struct handover, 1);
    *copy = handover;
    copy->source = source;
    atomic_fetch_add(&source->references, 1);
    g_queue_push_tail(&source->reader->waiting, copy);
}

static void end_with(struct rtspsrc_source *source, int code, const char *reason)
{
    struct rtspsrc_reader *reader = source->reader;
    g_mutex_lock(&reader->lock);
    if (!source->ended && !source->stopped) {
        source->ended = true;
        hand_over(source, (struct handover){ .code = code, .reason = g_strdup(reason) });
    }
    g_mutex_unlock(&reader->lock);
    loop_wake_notify(&reader->wake);
}

static void end_once(struct rtspsrc_source *source, const char *reason)
{
    end_with(source, -EIO, reason);
}

static void end_with_error(struct rtspsrc_source *source, const GError *error)
{
    if (g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED))
        end_with(source, -EACCES, SOURCE_REFUSED);
    else
        end_once(source, error->message);
}

static void read_size(GstSample *sample, struct source_unit *unit)
{
    const GstStructure *caps = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
    int width = 0, height = 0;
    gst_structure_get_int(caps, "width", &width);
    gst_structure_get_int(caps, "height", &height);
    unit->width = (uint16_t)CLAMP(width, 0, UINT16_MAX);
    unit->height = (uint16_t)CLAMP(height, 0, UINT16_MAX);
}

static GstFlowReturn unit_arrived(GstAppSink *appsink, gpointer context)
{
    struct rtspsrc_source *source = context;
    struct rtspsrc_reader *reader = source->reader;
    GstSample *sample = gst_app_sink_pull_sample(appsink);
    if (!sample)
        return GST_FLOW_EOS;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    size_t size = gst_buffer_get_size(buffer);
    struct source_unit unit = {
        .key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT),
        .codec = source->codec,
        .capture_ms = clock_now_ms(),
        .clock_ahead_ms = SOURCE_CLOCK_UNKNOWN,
    };
    read_size(sample, &unit);
    g_mutex_lock(&reader->lock);
    bool full = source->waiting_bytes + size > WAITING_MAX_BYTES;
    source->need_key = full || (source->need_key && !unit.key);
    if (source->need_key) {
        metric_add(&units_dropped, 1);
    } else if (!source->stopped && !source->ended) {
        source->waiting_bytes += size;
        hand_over(source, (struct handover){ .buffer = gst_buffer_ref(buffer), .unit = unit });
    }
    g_mutex_unlock(&reader->lock);
    gst_sample_unref(sample);
    loop_wake_notify(&reader->wake);
    return GST_FLOW_OK;
}

static void stream_ended(GstAppSink *appsink, gpointer context)
{
    (void)appsink;
    end_once(context, "the camera ended the stream");
}

static GstBusSyncReply message_arrived(GstBus *bus, GstMessage *message, gpointer context)
{
    (void)bus;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        end_once(context, "the camera ended the stream");
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError *error = NULL;
        gst_message_parse_error(message, &error, NULL);
        end_with_error(context, error);
        g_error_free(error);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static gboolean select_stream(GstElement *rtspsrc, guint number, GstCaps *caps, gpointer context)
{
    (void)rtspsrc, (void)number, (void)context;
    const char *media = gst_structure_get_string(gst_caps_get_structure(caps, 0), "media");
    return media && strcmp(media, "video") == 0;
}

/* What stands between rtspsrc and appsink. */
static const struct chain {
    enum frame_codec codec;
    const char *encoding, *depay, *parse, *caps;
} chains[] = {
    { FRAME_H264, "H264", "rtph264depay", "h264parse", "video/x-h264,stream-format=byte-stream,alignment=au" },
    { FRAME_H265, "H265", "rtph265depay", "h265parse", "video/x-h265,stream-format=byte-stream,alignment=au" },
};

static const struct chain *chain_of(GstPad *pad)
{
    GstCaps *caps = gst_pad_get_current_caps(pad);
    const char *encoding = caps ? gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name") : NULL;
    const struct chain *chain = NULL;
    for (size_t i = 0; encoding && i < G_N_ELEMENTS(chains); i++)
        if (g_ascii_strcasecmp(encoding, chains[i].encoding) == 0)
            chain = &chains[i];
    if (caps)
        gst_caps_unref(caps);
    return chain;
}

static GstElement *make(GstElement *pipeline, const char *factory, struct fault *fault)
{
    GstElement *element = gst_element_factory_make(factory, NULL);
    if (element)
        gst_bin_add(GST_BIN(pipeline), element);
    else
        fault_set(fault, -ENOENT, "GStreamer has no element '%s'; install the packages of tools/packages.txt", factory);
    return element;
}

static void make_appsink(struct rtspsrc_source *source, GstElement *appsink, const struct chain *chain)
{
    GstAppSinkCallbacks callbacks = { .eos = stream_ended, .new_sample = unit_arrived };
    GstCaps *caps = gst_caps_from_string(chain->caps);
    g_object_set(appsink, "caps", caps, "sync", FALSE, NULL);
    gst_caps_unref(caps);
    gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, source, NULL);
}

static void link_chain(struct rtspsrc_source *source, GstPad *pad, const struct chain *chain)
{
    struct fault fault = { "" };
    GstElement *depay = make(source->pipeline, chain->depay, &fault), *parse = NULL, *appsink = NULL;
    if (depay)
        parse = make(source->pipeline, chain->parse, &fault);
    if (parse)
        appsink = make(source->pipeline, "appsink", &fault);
    if (!appsink) {
        end_once(source, fault.text);
        return;
    }
    source->codec = chain->codec;
    g_object_set(parse, "config-interval", -1, NULL);
    make_appsink(source, appsink, chain);
    GstPad *sink = gst_element_get_static_pad(depay, "sink");
    if (!gst_element_link_many(depay, parse, appsink, NULL) || gst_pad_link(pad, sink) != GST_PAD_LINK_OK)
        end_once(source, "GStreamer cannot link the camera's video");
    gst_object_unref(sink);
    gst_element_sync_state_with_parent(appsink);
    gst_element_sync_state_with_parent(parse);
    gst_element_sync_state_with_parent(depay);
}

static void pad_added(GstElement *rtspsrc, GstPad *pad, gpointer context)
{
    (void)rtspsrc;
    struct rtspsrc_source *source = context;
    const struct chain *chain = chain_of(pad);
    if (!chain)
        end_once(source, "the camera's video is neither H.264 nor H.265");
    else if (!source->codec)
        link_chain(source, pad, chain);
}

/* ---- the loop's thread ---- */

static void deliver(const struct handover *handover)
{
    const struct rtspsrc_source *source = handover->source;
    if (source->stopped)
        return;
    if (!handover->buffer) {
        source->sink.ended(source->sink.context, handover->code, handover->reason);
        return;
    }
    GstMapInfo map;
    if (!gst_buffer_map(handover->buffer, &map, GST_MAP_READ))
        return; /* its number is missing then: no unit is known here, and the next one shows whether the camera is well */
    struct source_unit unit = handover->unit;
    unit.bytes = (struct bytes){ map.data, map.size };
    source->sink.unit(source->sink.context, &unit);
    gst_buffer_unmap(handover->buffer, &map);
}

static int deliver_all(void *context)
{
    struct rtspsrc_reader *reader = context;
    for (;;) {
        g_mutex_lock(&reader->lock);
        struct handover *handover = g_queue_pop_head(&reader->waiting);
        if (handover && handover->buffer)
            handover->source->waiting_bytes -= gst_buffer_get_size(handover->buffer);
        g_mutex_unlock(&reader->lock);
        if (!handover)
            return 0;
        deliver(handover);
        handover_free(handover);
    }
}

static int build(struct rtspsrc_source *source, const char *url, struct fault *fault)
{
    GstElement *pipeline = source->pipeline, *rtspsrc = make(pipeline, "rtspsrc", fault);
    if (!rtspsrc)
        return -ENOENT;
    g_object_set(rtspsrc, "location", url, "latency", 0, "tcp-timeout", (guint64)CONNECT_TIMEOUT_US, NULL);
    gst_util_set_object_arg(G_OBJECT(rtspsrc), "protocols", "tcp+udp-mcast+udp");
    /* rtsps: cameras sign their own certificates, as with onvifs (proto/book/onvif.h) */
    g_object_set(rtspsrc, "tls-validation-flags", 0, NULL);
    g_signal_connect(rtspsrc, "select-stream", G_CALLBACK(select_stream), NULL);
    g_signal_connect(rtspsrc, "pad-added", G_CALLBACK(pad_added), source);
    GstBus *bus = gst_element_get_bus(pipeline);
    gst_bus_set_sync_handler(bus, message_arrived, source, NULL);
    gst_object_unref(bus);
    return 0;
}

static void let_go(GstElement *pipeline, gpointer context)
{
    struct rtspsrc_source *source = context;
    struct rtspsrc_reader *reader = source->reader;
    gst_element_set_state(pipeline, GST_STATE_NULL);
    source_unref(source);
    g_mutex_lock(&reader->lock);
    reader->pipelines--;
    g_cond_signal(&reader->let_go);
    g_mutex_unlock(&reader->lock);
}

/* Taking a pipeline down can wait for the camera's answer, so a thread of GStreamer's pool does it. */
static void rtspsrc_stop(void *context)
{
    struct rtspsrc_source *source = context;
    GstElement *pipeline = source->pipeline;
    source->stopped = true;
    gst_element_call_async(pipeline, let_go, source, NULL);
    gst_object_unref(pipeline);
}

static int rtspsrc_start(void *context, const char *url, const struct source_sink *sink, void **out,
                         struct fault *fault)
{
    struct rtspsrc_reader *reader = context;
    if (!gst_uri_is_valid(url) || strncmp(url, "rtsp", 4) != 0)
        return fault_set(fault, -EINVAL, "camera address '%s': expected rtsp://HOST[:PORT]/PATH", url);
    struct rtspsrc_source *source = g_new0(struct rtspsrc_source, 1);
    source->references = 1;
    source->reader = reader;
    source->sink = *sink;
    source->pipeline = gst_object_ref_sink(gst_pipeline_new(NULL));
    int result = build(source, url, fault);
    if (result < 0) {
        gst_object_unref(source->pipeline);
        source_unref(source);
        return result;
    }
    g_mutex_lock(&reader->lock);
    reader->pipelines++;
    g_mutex_unlock(&reader->lock);
    gst_element_set_state(source->pipeline, GST_STATE_PLAYING); /* a failure comes as a message */
    *out = source;
    return 0;
}

const struct source_ops rtspsrc_ops = { .start = rtspsrc_start, .stop = rtspsrc_stop };

int rtspsrc_open(struct loop *loop, struct rtspsrc_reader **out, struct fault *fault)
{
    int result = gstreamer_start(fault);
    if (result < 0)
        return result;
    struct rtspsrc_reader *reader = g_new0(struct rtspsrc_reader, 1);
    reader->loop = loop;
    g_mutex_init(&reader->lock);
    g_cond_init(&reader->let_go);
    g_queue_init(&reader->waiting);
    metric_register(&units_dropped);
    result = loop_wake_init(loop, &reader->wake, deliver_all, reader);
    if (result < 0) {
        fault_set(fault, result, "cameras: no eventfd: %s", strerror(-result));
        rtspsrc_close(reader);
        return result;
    }
    *out = reader;
    return 0;
}

void rtspsrc_close(struct rtspsrc_reader *reader)
{
    if (!reader)
        return;
    int64_t deadline_us = g_get_monotonic_time() + CLOSE_WAIT_US;
    g_mutex_lock(&reader->lock);
    while (reader->pipelines > 0 && g_cond_wait_until(&reader->let_go, &reader->lock, deadline_us))
        ;
    bool held = reader->pipelines > 0;
    g_mutex_unlock(&reader->lock);
    if (held) { /* its threads still use the reader: the end of the process takes it */
        log_warn("cameras are slow to close", "pipelines=%u", reader->pipelines);
        return;
    }
    loop_wake_finish(reader->loop, &reader->wake);
    struct handover *handover;
    while ((handover = g_queue_pop_head(&reader->waiting)))
        handover_free(handover);
    g_mutex_clear(&reader->lock);
    g_cond_clear(&reader->let_go);
    g_free(reader);
}
