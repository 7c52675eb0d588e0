#include "ingest/cameras/clip.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <stdio.h>
#include <string.h>

#include "ingest/cameras/gstreamer.h"
#include "proto/base/log.h"
#include "proto/record/frame.h"

enum { PATIENCE_S = 10 }; /* for the next piece of a file */

struct clip_job {
    struct clip_maker *maker;
    enum clip_kind kind;
    struct buffer packed, file;
    void (*done)(void *context, struct bytes file);
    void *context;
    GThread *thread;
    struct clip_job *next;
};

struct clip_maker {
    struct loop *loop;
    struct loop_wake wake;
    GAsyncQueue *made;
    struct clip_job *under_way;
};

/* ---- which units ---- */

/* From the key frame where the file begins on; size 0: there is none. */
static struct bytes begin_of(enum clip_kind kind, struct bytes packed)
{
    struct bytes begin = { NULL, 0 };
    struct frame frame;
    for (struct bytes rest = packed, here = rest; frame_take(&rest, &frame, NULL) == 0; here = rest)
        if (frame.key && (!begin.size || kind == CLIP_PICTURE))
            begin = here;
    return begin;
}

static bool goes_on(const struct frame *first, const struct frame *frame)
{
    return frame->codec == first->codec && frame->width == first->width && frame->height == first->height;
}

static GstBuffer *buffer_of(const struct frame *first, const struct frame *frame, int64_t *last_ms)
{
    int64_t at_ms = frame->capture_ms - first->capture_ms;
    if (at_ms <= *last_ms)
        at_ms = *last_ms + 1; /* the clock was set back */
    *last_ms = at_ms;
    GstBuffer *buffer = gst_buffer_new_memdup(frame->unit.data, frame->unit.size);
    GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = (GstClockTime)at_ms * GST_MSECOND;
    if (!frame->key)
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    return buffer;
}

static void push_units(GstElement *source, struct bytes units)
{
    struct frame first, frame;
    int64_t last_ms = -1;
    struct bytes rest = units;
    for (bool is_first = true; frame_take(&rest, &frame, NULL) == 0; is_first = false) {
        if (is_first)
            first = frame;
        if (!goes_on(&first, &frame) ||
            gst_app_src_push_buffer(GST_APP_SRC(source), buffer_of(&first, &frame, &last_ms)) != GST_FLOW_OK)
            break;
    }
    gst_app_src_end_of_stream(GST_APP_SRC(source));
}

/* ---- the job's thread ---- */

static GstElement *launch(enum clip_kind kind, enum frame_codec codec)
{
    const char *name = codec == FRAME_H265 ? "h265" : "h264", *in_file = codec == FRAME_H265 ? "hvc1" : "avc";
    char to_file[200], line[500];
    GError *error = NULL;
    if (kind == CLIP_FILM)
        snprintf(to_file, sizeof to_file, "video/x-%s,stream-format=%s,alignment=au ! mp4mux faststart=true", name,
                 in_file);
    else
        snprintf(to_file, sizeof to_file, "avdec_%s max-threads=1 ! videoconvert n-threads=1 ! jpegenc quality=90",
                 name);
    snprintf(line, sizeof line,
             "appsrc name=source format=time max-bytes=0 caps=video/x-%s,stream-format=byte-stream,alignment=au "
             "! %sparse ! %s ! appsink name=sink sync=false",
             name, name, to_file);
    GstElement *pipeline = gst_parse_launch(line, &error);
    if (!error)
        return pipeline;
    log_error("clip", "reason=\"%s; install the packages of tools/packages.txt\"", error->message);
    g_error_free(error);
    g_clear_object(&pipeline);
    return NULL;
}

/* Of pictures the last one, of a film all pieces. False: it did not come to its end. */
static bool pull_file(GstElement *sink, enum clip_kind kind, struct buffer *file)
{
    GstSample *sample;
    while ((sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), PATIENCE_S * GST_SECOND))) {
        GstMapInfo map;
        if (kind == CLIP_PICTURE)
            buffer_clear(file);
        if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
            buffer_append(file, map.data, map.size);
            gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
        }
        gst_sample_unref(sample);
    }
    return gst_app_sink_is_eos(GST_APP_SINK(sink));
}

static void make_file(struct clip_job *job)
{
    struct frame first;
    struct bytes units = begin_of(job->kind, buffer_view(&job->packed)), rest = units;
    if (!units.size || frame_take(&rest, &first, NULL) != 0)
        return;
    GstElement *pipeline = launch(job->kind, first.codec);
    if (!pipeline)
        return;
    GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    push_units(source, units);
    if (!pull_file(sink, job->kind, &job->file))
        buffer_clear(&job->file);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(source);
    gst_object_unref(sink);
    gst_object_unref(pipeline);
}

static gpointer work(gpointer context)
{
    struct clip_job *job = context;
    make_file(job);
    g_async_queue_push(job->maker->made, job);
    loop_wake_notify(&job->maker->wake);
    return NULL;
}

/* ---- the loop's thread ---- */

static void end(struct clip_job *job)
{
    for (struct clip_job **at = &job->maker->under_way; *at; at = &(*at)->next)
        if (*at == job) {
            *at = job->next;
            break;
        }
    g_thread_join(job->thread);
    buffer_finish(&job->packed);
    buffer_finish(&job->file);
    g_free(job);
}

static int tell_made(void *context)
{
    struct clip_maker *maker = context;
    struct clip_job *job;
    while ((job = g_async_queue_try_pop(maker->made))) {
        job->done(job->context, buffer_view(&job->file));
        end(job);
    }
    return 0;
}

void clip_make(struct clip_maker *maker, enum clip_kind kind, struct bytes packed,
               void (*done)(void *context, struct bytes file), void *context)
{
    struct clip_job *job = g_new0(struct clip_job, 1);
    *job =
        (struct clip_job){ .maker = maker, .kind = kind, .done = done, .context = context, .next = maker->under_way };
    buffer_append(&job->packed, packed.data, packed.size);
    maker->under_way = job;
    job->thread = g_thread_new("clip", work, job);
}

int clip_maker_open(struct loop *loop, struct clip_maker **out, struct fault *fault)
{
    int result = gstreamer_start(fault);
    if (result < 0)
        return result;
    struct clip_maker *maker = g_new0(struct clip_maker, 1);
    maker->loop = loop;
    maker->made = g_async_queue_new();
    result = loop_wake_init(loop, &maker->wake, tell_made, maker);
    if (result < 0) {
        fault_set(fault, result, "clips: no eventfd: %s", strerror(-result));
        clip_maker_close(maker);
        return result;
    }
    *out = maker;
    return 0;
}

void clip_maker_close(struct clip_maker *maker)
{
    if (!maker)
        return;
    while (maker->under_way)
        end(maker->under_way);
    g_async_queue_unref(maker->made);
    loop_wake_finish(maker->loop, &maker->wake);
    g_free(maker);
}
