#include "videowall/wall/output.h"

#include <gst/app/gstappsrc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "videowall/media/media.h"
#include "videowall/media/rtsp_server.h"
#include "videowall/wall/broadcast.h"
#include "videowall/wall/png_folder.h"

enum { PNG_EVERY_MS = 1000 };

#define SOURCE \
    "appsrc name=source format=time is-live=true max-buffers=2 leaky-type=downstream " \
    "caps=" OUTPUT_CAPS
/* bitrate and key-int-max follow. */
#define ENCODER "x264enc speed-preset=ultrafast tune=zerolatency threads=1"
#define PROFILE "video/x-h264,profile=constrained-baseline"

struct output_kind {
    const char *name;
    const char *expected; /* after the name */
    bool (*is_argument)(const char *argument);
    /* What lasts as long as the output; NULL: nothing. */
    int (*open)(struct output *output, const char *argument, const struct output_options *options, struct fault *fault);
    /* The pipeline, which may break and be started again; NULL: there is none of ours. */
    int (*start)(struct output *output, struct fault *fault);
    bool (*wants)(struct output *output, int64_t mono_ms);
    void (*close)(struct output *output);
};

struct output {
    const struct output_kind *kind;
    GMutex lock; /* of source: it comes and goes with who watches, RTSP's in the server's threads */
    GstElement *source;
    GstElement *pipeline; /* png, web while it is watched, window, kms */
    atomic_bool broken;
    bool watched;          /* web */
    bool waits;            /* broken, to be started again at again_mono_ms */
    unsigned mended;       /* in a row, none of which has lasted */
    int64_t again_mono_ms; /* or when it was started again */
    struct png_folder *folder;
    int64_t next_mono_ms; /* png */
    struct rtsp_server *server;
    struct broadcast *broadcast;
};

static struct metric outputs_broken = METRIC_COUNTER("drumtower_wall_outputs_broken_total", "Outputs of the wall that "
                                                                                            "ended with an error.");

static struct metric web_watched_now = METRIC_GAUGE("drumtower_wall_web_watched", "1 while the wall is encoded because "
                                                                                  "some page shows it.");

/* ---- a pipeline of our own ---- */

static void ended(void *context, const char *error)
{
    struct output *output = context;
    if (!error || atomic_exchange(&output->broken, true))
        return;
    metric_add(&outputs_broken, 1);
    log_error("wall output ended", "output=%s reason=\"%s\"", output->kind->name, error);
}

static int launch(struct output *output, const char *description, struct fault *fault)
{
    int result = media_launch("wall output", description, ended, output, &output->pipeline, fault);
    g_mutex_lock(&output->lock);
    if (result == 0)
        output->source = gst_bin_get_by_name(GST_BIN(output->pipeline), "source");
    g_mutex_unlock(&output->lock);
    return result;
}

static void close_pipeline(struct output *output)
{
    g_mutex_lock(&output->lock);
    g_clear_object(&output->source);
    g_mutex_unlock(&output->lock);
    media_end(&output->pipeline);
}

static void play(struct output *output)
{
    output->broken = false;
    gst_element_set_state(output->pipeline, GST_STATE_PLAYING);
}

/* ---- png ---- */

static bool is_folder(const char *argument)
{
    return *argument != '\0';
}

static int open_png(struct output *output, const char *argument, const struct output_options *options,
                    struct fault *fault)
{
    return png_folder_open(argument, options->png_keep, &output->folder, fault);
}

static int start_png(struct output *output, struct fault *fault)
{
    int result = launch(output,
                        SOURCE " ! videoconvert n-threads=1 ! pngenc compression-level=1 ! appsink name=sink "
                               "sync=false",
                        fault);
    if (result < 0)
        return result;
    GstElement *sink = gst_bin_get_by_name(GST_BIN(output->pipeline), "sink");
    png_folder_attach(output->folder, sink);
    gst_object_unref(sink);
    play(output);
    return 0;
}

static bool png_wants(struct output *output, int64_t mono_ms)
{
    if (mono_ms < output->next_mono_ms)
        return false;
    output->next_mono_ms = mono_ms + PNG_EVERY_MS;
    return true;
}

static void close_png(struct output *output)
{
    close_pipeline(output);
    png_folder_close(output->folder);
}

/* ---- rtsp ---- */

static bool is_port(const char *argument)
{
    char *end;
    long port = strtol(argument, &end, 10);
    return end != argument && *end == '\0' && port >= 0 && port <= 65535;
}

static void media_opened(void *context, GstElement *media)
{
    struct output *output = context;
    g_mutex_lock(&output->lock);
    g_clear_object(&output->source);
    output->source = gst_bin_get_by_name_recurse_up(GST_BIN(media), "source");
    g_mutex_unlock(&output->lock);
}

/* One that ends may do so after the next one has begun, for whoever came just when the last viewer left. */
static void media_closed(void *context, GstElement *media)
{
    struct output *output = context;
    g_mutex_lock(&output->lock);
    if (output->source && gst_object_has_as_ancestor(GST_OBJECT(output->source), GST_OBJECT(media)))
        g_clear_object(&output->source);
    g_mutex_unlock(&output->lock);
}

static int open_rtsp(struct output *output, const char *argument, const struct output_options *options,
                     struct fault *fault)
{
    (void)options;
    int result = rtsp_server_start("127.0.0.1", strtol(argument, NULL, 10), &output->server, fault);
    if (result < 0)
        return fault_prefix(fault, result, "wall output rtsp");
    struct rtsp_mount mount = { .opened = media_opened, .closed = media_closed, .context = output };
    rtsp_server_add(output->server, "/wall",
                    "( " SOURCE " ! " ENCODER " bitrate=4000 key-int-max=50 ! " PROFILE " ! rtph264pay name=pay0 pt=96 "
                    "config-interval=-1 )",
                    &mount);
    log_info("wall output", "url=rtsp://127.0.0.1:%d/wall", (int)rtsp_server_port(output->server));
    return 0;
}

static bool is_watched(struct output *output, int64_t mono_ms)
{
    (void)mono_ms;
    g_mutex_lock(&output->lock);
    bool watched = output->source != NULL;
    g_mutex_unlock(&output->lock);
    return watched;
}

static void close_rtsp(struct output *output)
{
    rtsp_server_stop(output->server);
}

/* ---- web ---- */

static bool is_nothing(const char *argument)
{
    return *argument == '\0';
}

/* A key frame each second: a page that comes late is sent what is known since the last one, and that must fit into its queue. */
static int start_encoder(struct output *output, struct fault *fault)
{
    if (!output->watched)
        return 0;
    int result = launch(output,
                        SOURCE " ! " ENCODER " bitrate=3000 key-int-max=25 ! " PROFILE ",stream-format=byte-"
                               "stream,alignment=au ! "
                               "appsink name=sink "
                               "sync=false",
                        fault);
    if (result < 0)
        return result;
    GstElement *sink = gst_bin_get_by_name(GST_BIN(output->pipeline), "sink");
    broadcast_attach(output->broadcast, sink);
    gst_object_unref(sink);
    play(output);
    return 0;
}

static void web_watched(void *context, bool watched)
{
    struct output *output = context;
    struct fault fault = { "" };
    metric_set(&web_watched_now, watched);
    output->watched = watched;
    close_pipeline(output);
    output->broken = output->waits = false;
    if (start_encoder(output, &fault) < 0)
        ended(output, fault.text);
}

static int open_web(struct output *output, const char *argument, const struct output_options *options,
                    struct fault *fault)
{
    (void)argument;
    metric_register(&web_watched_now);
    return broadcast_open(options->loop, options->feeds, web_watched, output, &output->broadcast, fault);
}

static void close_web(struct output *output)
{
    close_pipeline(output);
    broadcast_close(output->broadcast);
}

/* ---- window ---- */

/* Named and not left to autovideosink: where no display answers, that tries DirectFB, which ends the process (1.22). */
static const struct {
    const char *environment;
    const char *element;
} windows[] = {
    { "WAYLAND_DISPLAY", "waylandsink" },
    { "DISPLAY", "xvimagesink" },
    { "DISPLAY", "ximagesink" },
};

/* A sink that may find nothing to show the pictures on. */
static bool try_sink(struct output *output, const char *element)
{
    char description[400];
    snprintf(description, sizeof description, SOURCE " ! videoconvert n-threads=1 ! %s sync=false", element);
    output->broken = true; /* silent while it is tried */
    if (launch(output, description, NULL) == 0 &&
        gst_element_set_state(output->pipeline, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE) {
        play(output);
        return true;
    }
    close_pipeline(output);
    return false;
}

static int start_window(struct output *output, struct fault *fault)
{
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (getenv(windows[i].environment) && try_sink(output, windows[i].element))
            return 0;
    return fault_set(fault, -ENODEV,
                     "wall output window: no display answers; start it in a desktop session (DISPLAY or "
                     "WAYLAND_DISPLAY), or use png:FOLDER or rtsp:PORT");
}

static bool screen_wants(struct output *output, int64_t mono_ms)
{
    (void)output, (void)mono_ms;
    return true;
}

/* ---- kms ---- */

/* The screen itself, without a desktop: the first one that is connected, in the mode of our pictures. */
static int start_kms(struct output *output, struct fault *fault)
{
    if (try_sink(output, "kmssink force-modesetting=true"))
        return 0;
    return fault_set(fault, -ENODEV,
                     "wall output kms: no screen answers; it takes a connected one of 1920x1080 at /dev/dri, the right "
                     "to "
                     "use it (group video), and no desktop that has it; or use window, png:FOLDER or rtsp:PORT");
}

/* ---- all ---- */

static const struct output_kind kinds[] = {
    { "png", ":FOLDER", is_folder, open_png, start_png, png_wants, close_png },
    { "rtsp", ":PORT", is_port, open_rtsp, NULL, is_watched, close_rtsp },
    { "web", "", is_nothing, open_web, start_encoder, is_watched, close_web },
    { "window", "", is_nothing, NULL, start_window, screen_wants, close_pipeline },
    { "kms", "", is_nothing, NULL, start_kms, screen_wants, close_pipeline },
};

static const struct output_kind *find_kind(const char *text, const char **argument)
{
    size_t length = strcspn(text, ":");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, text, length) == 0) {
            *argument = text[length] ? text + length + 1 : text + length;
            return &kinds[i];
        }
    return NULL;
}

int output_check(const char *text, struct fault *fault)
{
    const char *argument;
    const struct output_kind *kind = find_kind(text, &argument);
    if (!kind)
        return fault_set(fault, -EINVAL, "wall output '%s': expected png:FOLDER, rtsp:PORT, web, window, kms or none",
                         text);
    if (!kind->is_argument(argument))
        return fault_set(fault, -EINVAL, "wall output '%s': expected %s%s", text, kind->name, kind->expected);
    return 0;
}

int output_open(const char *text, const struct output_options *options, struct output **out, struct fault *fault)
{
    int result = output_check(text, fault);
    if (result < 0)
        return result;
    const char *argument = NULL;
    struct output *output = g_new0(struct output, 1);
    output->kind = find_kind(text, &argument);
    g_mutex_init(&output->lock);
    metric_register(&outputs_broken);
    result = output->kind->open ? output->kind->open(output, argument, options, fault) : 0;
    if (result == 0 && output->kind->start)
        result = output->kind->start(output, fault);
    if (result < 0) {
        output_close(output);
        return result;
    }
    *out = output;
    return 0;
}

bool output_wants(struct output *output, int64_t mono_ms)
{
    return !output->broken && output->kind->wants(output, mono_ms);
}

/* The beat in the time of the source's pipeline, whose clock is the system's monotonic one. GST_CLOCK_TIME_NONE: it does not play yet; its base time is none
 * before, and the beat would be as old as the machine. */
static GstClockTime running_time(GstElement *source, int64_t due_us)
{
    GstClockTime due = (GstClockTime)due_us * GST_USECOND;
    GST_OBJECT_LOCK(source);
    bool plays = GST_STATE(source) == GST_STATE_PLAYING;
    GstClockTime base = source->base_time;
    GST_OBJECT_UNLOCK(source);
    return plays && due >= base ? due - base : GST_CLOCK_TIME_NONE;
}

void output_push(struct output *output, GstBuffer *picture, int64_t due_us)
{
    g_mutex_lock(&output->lock);
    GstClockTime time = GST_CLOCK_TIME_NONE;
    if (output->source && !output->broken)
        time = running_time(output->source, due_us);
    if (GST_CLOCK_TIME_IS_VALID(time)) { /* a buffer object of its own: each output has its own time */
        GstBuffer *own = gst_buffer_new();
        gst_buffer_copy_into(own, picture, GST_BUFFER_COPY_MEMORY | GST_BUFFER_COPY_META, 0, -1);
        GST_BUFFER_PTS(own) = time;
        gst_app_src_push_buffer(GST_APP_SRC(output->source), own);
    }
    g_mutex_unlock(&output->lock);
}

/* ---- one that has broken ---- */

static void wait_to_mend(struct output *output, int64_t mono_ms)
{
    int64_t delay_ms = (int64_t)OUTPUT_MEND_MS << (output->mended < 6 ? output->mended : 6);
    output->again_mono_ms = mono_ms + (delay_ms < OUTPUT_MEND_LONGEST_MS ? delay_ms : OUTPUT_MEND_LONGEST_MS);
    output->waits = true;
    output->mended++;
}

static void start_again(struct output *output, int64_t mono_ms)
{
    struct fault fault = { "" };
    output->waits = false;
    output->again_mono_ms = mono_ms;
    if (output->kind->start(output, &fault) == 0) {
        log_info("wall output begins anew", "output=%s", output->kind->name);
        return;
    }
    log_warn("wall output stays away", "output=%s reason=\"%s\"", output->kind->name, fault.text);
    output->broken = true;
}

void output_mend(struct output *output, int64_t mono_ms)
{
    if (!output->broken) {
        if (mono_ms - output->again_mono_ms >= OUTPUT_MEND_LONGEST_MS)
            output->mended = 0;
    } else if (!output->waits) {
        close_pipeline(output); /* its window and its threads */
        wait_to_mend(output, mono_ms);
    } else if (mono_ms >= output->again_mono_ms) {
        start_again(output, mono_ms);
    }
}

void output_close(struct output *output)
{
    if (!output)
        return;
    output->kind->close(output);
    g_clear_object(&output->source);
    g_mutex_clear(&output->lock);
    g_free(output);
}
