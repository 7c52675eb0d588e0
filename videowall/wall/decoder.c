#include "videowall/wall/decoder.h"

#include <assert.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <stdatomic.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "videowall/media/media.h"

enum { WAITING_MAX_BYTES = 4 << 20 };

static struct metric frames_skipped = METRIC_COUNTER("drumtower_wall_frames_skipped_total", "Frames left out because "
                                                                                            "their decoder did not "
                                                                                            "keep up.");
static struct metric decoders_broken = METRIC_COUNTER("drumtower_wall_decoders_broken_total", "Decoders that gave up "
                                                                                              "and were built anew.");

struct decoder {
    void (*picture)(void *context, const struct canvas *picture);
    void *context;
    GstElement *pipeline, *source; /* NULL until the first key frame, and between a break and the next one */
    enum frame_codec codec;        /* of the pipeline */
    atomic_bool broken;
    bool need_key;
};

/* No parser before the decoder: frames come as whole access units with their parameter sets, and libavcodec parses them itself. */
#define DECODER_LAUNCH(codec) \
    "appsrc name=source format=time is-live=true caps=video/x-" codec ",stream-format=byte-stream,alignment=au " \
    "! avdec_" codec " max-threads=1 max-errors=-1 ! videoconvert n-threads=1 " \
    "! video/x-raw,format=I420 ! appsink name=sink sync=false enable-last-sample=false max-buffers=1 drop=true"
static const struct {
    const char *launch, *element;
} codecs[] = {
    [FRAME_H264] = { DECODER_LAUNCH("h264"), "avdec_h264" }, [FRAME_H265] = { DECODER_LAUNCH("h265"), "avdec_h265" }
};

static GstFlowReturn picture_came(GstAppSink *sink, gpointer context)
{
    struct decoder *decoder = context;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    GstVideoInfo info;
    GstVideoFrame frame;
    if (gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) &&
        gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        struct canvas picture = {
            .width = GST_VIDEO_FRAME_WIDTH(&frame),
            .height = GST_VIDEO_FRAME_HEIGHT(&frame),
            .y = GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
            .u = GST_VIDEO_FRAME_PLANE_DATA(&frame, 1),
            .v = GST_VIDEO_FRAME_PLANE_DATA(&frame, 2),
            .y_stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0),
            .uv_stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 1),
        };
        decoder->picture(decoder->context, &picture);
        gst_video_frame_unmap(&frame);
    }
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

static void ended(void *context, const char *error)
{
    struct decoder *decoder = context;
    if (error)
        decoder->broken = true;
}

static int build(struct decoder *decoder, enum frame_codec codec, struct fault *fault)
{
    decoder->codec = codec;
    int result = media_launch("wall decoder", codecs[codec].launch, ended, decoder, &decoder->pipeline, fault);
    if (result < 0)
        return result;
    decoder->source = gst_bin_get_by_name(GST_BIN(decoder->pipeline), "source");
    GstElement *sink = gst_bin_get_by_name(GST_BIN(decoder->pipeline), "sink");
    GstAppSinkCallbacks callbacks = { .new_sample = picture_came };
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, decoder, NULL);
    gst_object_unref(sink);
    decoder->broken = false;
    gst_element_set_state(decoder->pipeline, GST_STATE_PLAYING);
    return 0;
}

static void take_down(struct decoder *decoder)
{
    media_end(&decoder->pipeline);
    g_clear_object(&decoder->source);
}

int decoder_open(void (*picture)(void *context, const struct canvas *picture), void *context, struct decoder **out,
                 struct fault *fault)
{
    GstElementFactory *factory = gst_element_factory_find(codecs[FRAME_H264].element);
    if (!factory)
        return fault_set(fault, -ENOENT, "wall: GStreamer has no %s; install the packages of tools/packages.txt",
                         codecs[FRAME_H264].element);
    gst_object_unref(factory);
    struct decoder *decoder = g_new0(struct decoder, 1);
    *decoder = (struct decoder){ .picture = picture, .context = context, .need_key = true };
    metric_register(&frames_skipped);
    metric_register(&decoders_broken);
    *out = decoder;
    return 0;
}

/* A pipeline that can take the frame: built at a key frame, when there is none, and when the camera has changed its codec. */
static void make_ready(struct decoder *decoder, const struct frame *frame)
{
    struct fault fault = { "" };
    if (decoder->broken)
        metric_add(&decoders_broken, 1);
    if (decoder->broken || (decoder->pipeline && frame->codec != decoder->codec))
        take_down(decoder);
    decoder->broken = false;
    if (!decoder->pipeline && frame->key && build(decoder, frame->codec, &fault) < 0)
        log_error("wall", "%s", fault.text);
}

/* True: the frame may go in. */
static bool ready_for(struct decoder *decoder, const struct frame *frame)
{
    make_ready(decoder, frame);
    if (!decoder->pipeline || gst_app_src_get_current_level_bytes(GST_APP_SRC(decoder->source)) > WAITING_MAX_BYTES)
        decoder->need_key = true;
    else if (frame->key)
        decoder->need_key = false;
    return !decoder->need_key;
}

void decoder_push(struct decoder *decoder, const struct frame *frame)
{
    if (!ready_for(decoder, frame)) {
        metric_add(&frames_skipped, 1);
        return;
    }
    GstBuffer *buffer = gst_buffer_new_memdup(frame->unit.data, frame->unit.size);
    if (!frame->key)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (gst_app_src_push_buffer(GST_APP_SRC(decoder->source), buffer) != GST_FLOW_OK)
        decoder->broken = true;
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    take_down(decoder);
    g_free(decoder);
}
