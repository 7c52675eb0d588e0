#include "tools/citysim/cameras.h"

#include <gst/gst.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "videowall/media/rtsp_server.h"
#include "videowall/wall/label.h"

enum { WIDTH = 640, HEIGHT = 360 };

struct camera {
    char id[65];
};

struct citysim_cameras {
    struct rtsp_server *server;
    struct camera *list;
};

/* What a camera sees: a ball that moves over a plain ground. Few bits and little work, and no two of 24 look alike. */
static const struct {
    uint32_t ground_argb, ball_argb;
} colours[] = {
    { 0xff1f4e79, 0xffffd166 }, { 0xff7a1f3d, 0xff9be7ff }, { 0xff1e6b45, 0xffff9f80 }, { 0xff5b3a86, 0xffb8f2a0 },
    { 0xff8a5a14, 0xff7fd1ff }, { 0xff0f6b75, 0xffffc2e2 }, { 0xff59661a, 0xffd0c4ff }, { 0xff4a4f57, 0xffff8fa3 },
};
static const char *const motions[] = { "wavy", "sweep", "hsweep" };

enum { COLOURS = sizeof colours / sizeof *colours, MOTIONS = sizeof motions / sizeof *motions };

static bool id_is_plain(const char *id)
{
    return *id && strlen(id) <= 64 &&
           id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

/* ---- what is written into the picture, in GStreamer's threads ---- */

struct writing {
    const char *id;
    struct label name, clock;
};

static const struct label_style name_style = {
    .width = 320, .height = 48, .size_px = 30, .bold = true, .text_argb = 0xffffffff, .ground_argb = 0xa0000000
};
static const struct label_style clock_style = {
    .width = 180, .height = 48, .size_px = 30, .align = LABEL_CENTER, .text_argb = 0xffffffff, .ground_argb = 0xa0000000
};

static void write_into(struct writing *writing, uint8_t *bytes)
{
    struct canvas picture = canvas_of_bytes(bytes, WIDTH, HEIGHT);
    time_t now = time(NULL);
    struct tm local;
    char text[16];
    strftime(text, sizeof text, "%H:%M:%S", localtime_r(&now, &local));
    label_set(&writing->name, &name_style, writing->id);
    label_set(&writing->clock, &clock_style, text);
    label_blend(&writing->name, &picture, 0, 0);
    label_blend(&writing->clock, &picture, WIDTH - clock_style.width, HEIGHT - clock_style.height);
}

static GstPadProbeReturn picture_passes(GstPad *pad, GstPadProbeInfo *info, gpointer context)
{
    (void)pad;
    GstBuffer *buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
        return GST_PAD_PROBE_OK; /* a picture without its name */
    if (map.size == (gsize)canvas_bytes(WIDTH, HEIGHT))
        write_into(context, map.data);
    gst_buffer_unmap(buffer, &map);
    return GST_PAD_PROBE_OK;
}

static void writing_free(gpointer context)
{
    struct writing *writing = context;
    label_finish(&writing->name);
    label_finish(&writing->clock);
    g_free(writing);
}

static void media_opened(void *context, GstElement *media)
{
    const struct camera *camera = context;
    struct writing *writing = g_new0(struct writing, 1);
    writing->id = camera->id;
    GstElement *element = gst_bin_get_by_name_recurse_up(GST_BIN(media), "written");
    GstPad *pad = gst_element_get_static_pad(element, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, picture_passes, writing, writing_free);
    gst_object_unref(pad);
    gst_object_unref(element);
}

/* ---- start and end ---- */

static void add_camera(struct rtsp_server *server, struct camera *camera, size_t place)
{
    char path[80], launch[1000];
    snprintf(path, sizeof path, "/%s", camera->id);
    snprintf(launch, sizeof launch,
             "( videotestsrc is-live=true do-timestamp=true pattern=ball motion=%s background-color=%u "
             "foreground-color=%u ! video/x-raw,format=I420,width=%d,height=%d,framerate=15/1 ! identity name=written "
             "! x264enc speed-preset=ultrafast tune=zerolatency bitrate=300 key-int-max=30 threads=1 "
             "! video/x-h264,profile=constrained-baseline ! rtph264pay name=pay0 pt=96 config-interval=-1 )",
             motions[place % MOTIONS], colours[place % COLOURS].ground_argb, colours[place % COLOURS].ball_argb, WIDTH,
             HEIGHT);
    rtsp_server_add(server, path, launch, &(struct rtsp_mount){ .opened = media_opened, .context = camera });
}

int citysim_cameras_start(int64_t port, const char *const *ids, size_t count, struct citysim_cameras **out,
                          struct fault *fault)
{
    for (size_t i = 0; i < count; i++)
        if (!id_is_plain(ids[i]))
            return fault_set(fault, -EINVAL,
                             "simulated camera '%s': expected up to 64 letters, digits, '.', '_' and '-'", ids[i]);
    struct citysim_cameras *cameras = calloc(1, sizeof *cameras);
    if (cameras)
        cameras->list = calloc(count + 1, sizeof *cameras->list);
    if (!cameras || !cameras->list) {
        free(cameras);
        return fault_set(fault, -ENOMEM, "simulated cameras: out of memory");
    }
    int result = rtsp_server_start("127.0.0.1", port, &cameras->server, fault);
    if (result < 0) {
        citysim_cameras_stop(cameras);
        return result;
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(cameras->list[i].id, sizeof cameras->list[i].id, "%s", ids[i]);
        add_camera(cameras->server, &cameras->list[i], i);
    }
    *out = cameras;
    return 0;
}

int64_t citysim_cameras_port(const struct citysim_cameras *cameras)
{
    return rtsp_server_port(cameras->server);
}

void citysim_cameras_stop(struct citysim_cameras *cameras)
{
    if (!cameras)
        return;
    rtsp_server_stop(cameras->server);
    free(cameras->list);
    free(cameras);
}
