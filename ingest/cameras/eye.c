#include "ingest/cameras/eye.h"

#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

#include "ingest/cameras/gstreamer.h"
#include "proto/base/log.h"

/* One decoder for each codec: elements without threads of their own, fed and emptied by the eye's thread through two pads. */
struct lens {
    enum frame_codec codec;
    GstElement *bin;
    GstPad *in, *out; /* ours: peers of the first and the last element */
    struct glance *glance;
};

/* A picture that is looked at. */
struct glance {
    void *tag;
    GstBuffer *unit;
    enum frame_codec codec;
    bool decoded;
    struct look look;
    GstBuffer *jpeg;
};

struct eye {
    struct loop *loop;
    struct loop_wake wake;
    void (*seen)(void *context, void *tag, const struct look *look, struct bytes jpeg);
    void *context;
    GThread *thread;
    GAsyncQueue *asked, *answered; /* of struct glance */
    struct lens lenses[2];
};

static struct glance the_end; /* in `asked`: the thread ends */

#define LENS_CAPS \
    "video/x-raw,format=I420,width=" G_STRINGIFY(EYE_WIDTH) ",height=" G_STRINGIFY(EYE_HEIGHT) ",pixel-aspect-ratio=" \
                                                                                               "1/1"
#define EYE_WIDTH 320
#define EYE_HEIGHT 180
_Static_assert(EYE_WIDTH == LOOK_WIDTH && EYE_HEIGHT == LOOK_HEIGHT, "the small picture is what look.h looks at");

static const struct {
    enum frame_codec codec;
    const char *decoder, *caps;
} kinds[] = {
    { FRAME_H264, "avdec_h264", "video/x-h264,stream-format=byte-stream,alignment=au" },
    { FRAME_H265, "avdec_h265", "video/x-h265,stream-format=byte-stream,alignment=au" },
};

/* ---- the eye's thread ---- */

/* The small picture, before it becomes a JPEG. */
static GstPadProbeReturn picture_passes(GstPad *pad, GstPadProbeInfo *info, gpointer context)
{
    struct lens *lens = context;
    GstCaps *caps = gst_pad_get_current_caps(pad);
    GstVideoInfo video;
    GstVideoFrame frame;
    if (lens->glance && caps && gst_video_info_from_caps(&video, caps) &&
        gst_video_frame_map(&frame, &video, GST_PAD_PROBE_INFO_BUFFER(info), GST_MAP_READ)) {
        look_at(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0), GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0), &lens->glance->look);
        lens->glance->decoded = true;
        gst_video_frame_unmap(&frame);
    }
    if (caps)
        gst_caps_unref(caps);
    return GST_PAD_PROBE_OK;
}

static GstFlowReturn jpeg_came(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    (void)parent;
    struct lens *lens = gst_pad_get_element_private(pad);
    if (lens->glance)
        gst_buffer_replace(&lens->glance->jpeg, buffer);
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
}

/* A stream of one picture; its end makes the decoder give it out. */
static void look_through(struct lens *lens, struct glance *glance)
{
    lens->glance = glance;
    if (gst_pad_push(lens->in, gst_buffer_ref(glance->unit)) == GST_FLOW_OK)
        gst_pad_push_event(lens->in, gst_event_new_segment_done(GST_FORMAT_TIME, -1));
    lens->glance = NULL;
}

static gpointer work(gpointer context)
{
    struct eye *eye = context;
    struct glance *glance;
    while ((glance = g_async_queue_pop(eye->asked)) != &the_end) {
        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
            if (eye->lenses[i].codec == glance->codec)
                look_through(&eye->lenses[i], glance);
        g_async_queue_push(eye->answered, glance);
        loop_wake_notify(&eye->wake);
    }
    return NULL;
}

/* ---- the loop's thread ---- */

static void free_glance(struct glance *glance)
{
    gst_clear_buffer(&glance->unit);
    gst_clear_buffer(&glance->jpeg);
    g_free(glance);
}

static int tell_all(void *context)
{
    struct eye *eye = context;
    struct glance *glance;
    while ((glance = g_async_queue_try_pop(eye->answered))) {
        GstMapInfo map;
        bool whole = glance->decoded && glance->jpeg && gst_buffer_map(glance->jpeg, &map, GST_MAP_READ);
        eye->seen(eye->context, glance->tag, whole ? &glance->look : NULL,
                  whole ? (struct bytes){ map.data, map.size } : (struct bytes){ NULL, 0 });
        if (whole)
            gst_buffer_unmap(glance->jpeg, &map);
        free_glance(glance);
    }
    return 0;
}

void eye_look(struct eye *eye, const struct source_unit *unit, void *tag)
{
    struct glance *glance = g_new0(struct glance, 1);
    glance->tag = tag;
    glance->codec = unit->codec;
    glance->unit = gst_buffer_new_memdup(unit->bytes.data, unit->bytes.size);
    g_async_queue_push(eye->asked, glance);
}

/* ---- start and end ---- */

static int open_lens(struct lens *lens, size_t kind, struct fault *fault)
{
    GError *error = NULL;
    char launch[400];
    snprintf(launch, sizeof launch,
             "%s name=decoder max-threads=1 ! videoconvert ! videoscale ! capsfilter name=small caps=\"%s\" ! jpegenc "
             "name=jpeg quality=70",
             kinds[kind].decoder, LENS_CAPS);
    lens->codec = kinds[kind].codec;
    lens->bin = gst_parse_bin_from_description(launch, FALSE, &error);
    if (!lens->bin) {
        fault_set(fault, -ENOENT, "cameras cannot be looked at: %s; install the packages of tools/packages.txt",
                  error->message);
        g_clear_error(&error);
        return -ENOENT;
    }
    gst_object_ref_sink(lens->bin);
    GstElement *decoder = gst_bin_get_by_name(GST_BIN(lens->bin), "decoder");
    GstElement *small = gst_bin_get_by_name(GST_BIN(lens->bin), "small");
    GstElement *jpeg = gst_bin_get_by_name(GST_BIN(lens->bin), "jpeg");
    GstPad *first = gst_element_get_static_pad(decoder, "sink"), *raw = gst_element_get_static_pad(small, "src");
    GstPad *last = gst_element_get_static_pad(jpeg, "src");
    lens->in = gst_pad_new("in", GST_PAD_SRC);
    lens->out = gst_pad_new("out", GST_PAD_SINK);
    gst_pad_set_element_private(lens->out, lens);
    gst_pad_set_chain_function(lens->out, jpeg_came);
    gst_pad_add_probe(raw, GST_PAD_PROBE_TYPE_BUFFER, picture_passes, lens, NULL);
    gst_pad_link(lens->in, first);
    gst_pad_link(last, lens->out);
    gst_pad_set_active(lens->in, TRUE);
    gst_pad_set_active(lens->out, TRUE);
    gst_element_set_state(lens->bin, GST_STATE_PLAYING);
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    GstCaps *caps = gst_caps_from_string(kinds[kind].caps);
    gst_pad_push_event(lens->in, gst_event_new_stream_start("eye"));
    gst_pad_push_event(lens->in, gst_event_new_caps(caps));
    gst_pad_push_event(lens->in, gst_event_new_segment(&segment));
    gst_caps_unref(caps);
    gst_object_unref(first);
    gst_object_unref(raw);
    gst_object_unref(last);
    gst_object_unref(decoder);
    gst_object_unref(small);
    gst_object_unref(jpeg);
    return 0;
}

static void close_lens(struct lens *lens)
{
    if (lens->in)
        gst_pad_set_active(lens->in, FALSE);
    if (lens->bin)
        gst_element_set_state(lens->bin, GST_STATE_NULL);
    gst_clear_object(&lens->in);
    gst_clear_object(&lens->out);
    gst_clear_object(&lens->bin);
}

int eye_open(struct loop *loop, void (*seen)(void *context, void *tag, const struct look *look, struct bytes jpeg),
             void *context, struct eye **out, struct fault *fault)
{
    int result = gstreamer_start(fault);
    if (result < 0)
        return result;
    struct eye *eye = g_new0(struct eye, 1);
    eye->loop = loop;
    eye->seen = seen;
    eye->context = context;
    eye->asked = g_async_queue_new();
    eye->answered = g_async_queue_new();
    result = loop_wake_init(loop, &eye->wake, tell_all, eye);
    if (result < 0)
        fault_set(fault, result, "cameras: no eventfd: %s", strerror(-result));
    for (size_t i = 0; result == 0 && i < G_N_ELEMENTS(kinds); i++)
        result = open_lens(&eye->lenses[i], i, fault);
    if (result < 0) {
        eye_close(eye);
        return result;
    }
    eye->thread = g_thread_new("eye", work, eye);
    *out = eye;
    return 0;
}

void eye_close(struct eye *eye)
{
    if (!eye)
        return;
    if (eye->thread) {
        g_async_queue_push(eye->asked, &the_end);
        g_thread_join(eye->thread);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        close_lens(&eye->lenses[i]);
    struct glance *glance;
    while ((glance = g_async_queue_try_pop(eye->answered)))
        free_glance(glance);
    g_async_queue_unref(eye->asked);
    g_async_queue_unref(eye->answered);
    loop_wake_finish(eye->loop, &eye->wake);
    g_free(eye);
}
