#include "videowall/live/jpeg.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <stdio.h>
#include <string.h>

#include "videowall/media/media.h"

struct jpeg_job {
    struct jpeg_maker *maker;
    GstElement *pipeline;
    GstBuffer *jpeg; /* NULL: not decoded (yet) */
    bool ended;      /* under the maker's lock, like jpeg */
    void (*done)(void *context, struct bytes jpeg);
    void *context;
    struct jpeg_job *next;
};

struct jpeg_maker {
    struct loop *loop;
    struct loop_wake wake;
    GMutex lock;
    struct jpeg_job *jobs; /* of the loop's thread */
};

/* ---- GStreamer's threads ---- */

static void end_job(struct jpeg_job *job, GstBuffer *jpeg)
{
    struct jpeg_maker *maker = job->maker;
    g_mutex_lock(&maker->lock);
    if (jpeg && !job->jpeg)
        job->jpeg = gst_buffer_ref(jpeg);
    job->ended = true;
    g_mutex_unlock(&maker->lock);
    loop_wake_notify(&maker->wake);
}

static GstFlowReturn jpeg_came(GstAppSink *sink, gpointer context)
{
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    end_job(context, gst_sample_get_buffer(sample));
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

static void stream_ended(void *context, const char *error)
{
    (void)error;
    end_job(context, NULL);
}

/* ---- the loop's thread ---- */

static void free_job(struct jpeg_job *job)
{
    media_end(&job->pipeline);
    if (job->jpeg)
        gst_buffer_unref(job->jpeg);
    g_free(job);
}

static void finish_job(struct jpeg_job *job)
{
    GstMapInfo map;
    if (job->jpeg && gst_buffer_map(job->jpeg, &map, GST_MAP_READ)) {
        job->done(job->context, (struct bytes){ map.data, map.size });
        gst_buffer_unmap(job->jpeg, &map);
    } else {
        job->done(job->context, (struct bytes){ NULL, 0 });
    }
    free_job(job);
}

static struct jpeg_job *take_ended(struct jpeg_maker *maker)
{
    struct jpeg_job *found = NULL;
    g_mutex_lock(&maker->lock);
    for (struct jpeg_job **at = &maker->jobs; *at && !found; at = found ? at : &(*at)->next)
        if ((*at)->ended) {
            found = *at;
            *at = found->next;
        }
    g_mutex_unlock(&maker->lock);
    return found;
}

static int jobs_ended(void *context)
{
    struct jpeg_maker *maker = context;
    struct jpeg_job *job;
    while ((job = take_ended(maker)))
        finish_job(job);
    return 0;
}

static void feed_pipeline(struct jpeg_job *job, struct bytes unit)
{
    GstElement *source = gst_bin_get_by_name(GST_BIN(job->pipeline), "source");
    GstElement *sink = gst_bin_get_by_name(GST_BIN(job->pipeline), "sink");
    GstAppSinkCallbacks callbacks = { .new_sample = jpeg_came };
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, job, NULL);
    gst_element_set_state(job->pipeline, GST_STATE_PLAYING);
    gst_app_src_push_buffer(GST_APP_SRC(source), gst_buffer_new_memdup(unit.data, unit.size));
    gst_app_src_end_of_stream(GST_APP_SRC(source));
    gst_object_unref(source);
    gst_object_unref(sink);
}

int jpeg_make(struct jpeg_maker *maker, enum frame_codec codec, struct bytes unit,
              void (*done)(void *context, struct bytes jpeg), void *context, struct fault *fault)
{
    char launch[400];
    snprintf(launch, sizeof launch, "%s ! videoconvert n-threads=1 ! jpegenc quality=80 ! appsink name=sink sync=false",
             media_decoder(codec));
    struct jpeg_job *job = g_new0(struct jpeg_job, 1);
    *job = (struct jpeg_job){ .maker = maker, .done = done, .context = context };
    int result = media_launch("snapshot", launch, stream_ended, job, &job->pipeline, fault);
    if (result < 0) {
        free_job(job);
        return result;
    }
    job->next = maker->jobs;
    maker->jobs = job;
    feed_pipeline(job, unit);
    return 0;
}

int jpeg_maker_open(struct loop *loop, struct jpeg_maker **out, struct fault *fault)
{
    int result = media_init(fault);
    if (result < 0)
        return result;
    struct jpeg_maker *maker = g_new0(struct jpeg_maker, 1);
    maker->loop = loop;
    g_mutex_init(&maker->lock);
    result = loop_wake_init(loop, &maker->wake, jobs_ended, maker);
    if (result < 0) {
        fault_set(fault, result, "snapshots: no eventfd: %s", strerror(-result));
        jpeg_maker_close(maker);
        return result;
    }
    *out = maker;
    return 0;
}

void jpeg_maker_close(struct jpeg_maker *maker)
{
    if (!maker)
        return;
    while (maker->jobs) {
        struct jpeg_job *job = maker->jobs;
        maker->jobs = job->next;
        free_job(job);
    }
    loop_wake_finish(maker->loop, &maker->wake);
    g_mutex_clear(&maker->lock);
    g_free(maker);
}
