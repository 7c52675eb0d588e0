#include "tools/citysim/camsim/programme.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/citysim/camsim/packets.h"
#include "tools/citysim/dice.h"
#include "videowall/wall/label.h"

#define SIZE_ROW(name, text, ...) { __VA_ARGS__ },
static const struct {
    int width, height, pictures_per_s, kbit_per_s;
} sizes[] = { PROGRAMME_SIZES(SIZE_ROW) };
#define TEXT_ROW(name, text) text,
const char *const programme_scene_names[] = { PROGRAMME_SCENES(TEXT_ROW) };
const char *const programme_codec_names[] = { PROGRAMME_CODECS(TEXT_ROW) };

/* No two places look alike. */
static const struct {
    uint32_t ground_rgb, kite_rgb;
} colours[PROGRAMME_PLACES] = {
    { 0x1f4e79, 0xffd166 }, { 0x7a1f3d, 0x9be7ff }, { 0x1e6b45, 0xff9f80 }, { 0x5b3a86, 0xb8f2a0 },
    { 0x8a5a14, 0x7fd1ff }, { 0x0f6b75, 0xffc2e2 }, { 0x59661a, 0xd0c4ff }, { 0x6a2f57, 0xff8fa3 },
};

/* ---- what is drawn into a picture, in GStreamer's threads ---- */

struct drawing {
    enum programme_scene scene;
    int width, height, pictures_per_s;
    int64_t seen, written; /* pictures so far */
    struct label clock;
};

static struct rect even(int x, int y, int width, int height)
{
    return (struct rect){ x & ~1, y & ~1, width & ~1, height & ~1 };
}

/* Houses with windows: what gives a real street its edges. */
static void draw_houses(const struct drawing *drawing, const struct canvas *picture)
{
    struct dice dice = { .state = 77 + (uint64_t)drawing->scene };
    int unit = drawing->width / 32;
    for (int x = 0; x + 3 * unit <= drawing->width; x += 4 * unit) {
        int top = drawing->height / 3 + (int)dice_below(&dice, (uint64_t)drawing->height / 4);
        uint32_t grey = 0x38 + (uint32_t)dice_below(&dice, 0x60);
        struct rect house = even(x, top, 3 * unit, drawing->height - top);
        struct canvas front = canvas_part(picture, house);
        canvas_fill(&front, grey << 16 | grey << 8 | (grey + 16));
        for (int y = top + unit / 2; y + unit < drawing->height; y += unit * 3 / 2)
            for (int column = 0; column < 3; column++) {
                struct rect pane = even(x + column * unit + unit / 4, y, unit / 2, unit / 2);
                struct canvas window = canvas_part(picture, pane);
                canvas_fill(&window, dice_below(&dice, 3) ? 0xe8d9a0 : 0x101820);
            }
    }
}

static void draw_bits(const struct canvas *picture, int64_t number)
{
    for (int bit = 0; bit < PROGRAMME_BITS; bit++) {
        struct rect place = { bit * PROGRAMME_BIT_PX, picture->height - PROGRAMME_BIT_PX, PROGRAMME_BIT_PX,
                              PROGRAMME_BIT_PX };
        struct canvas square = canvas_part(picture, place);
        canvas_fill(&square, number >> (PROGRAMME_BITS - 1 - bit) & 1 ? 0xffffff : 0x000000);
    }
}

/* Something that passes over the sky and returns. */
static void draw_kite(const struct drawing *drawing, const struct canvas *picture)
{
    int size = picture->height / 6, room = picture->width - size;
    int loop = drawing->pictures_per_s * PROGRAMME_SECONDS, half = loop / 2;
    int step = (int)((drawing->seen * (1 + drawing->scene % 3)) % loop);
    int x = room * (step < half ? step : loop - step) / half;
    struct canvas kite = canvas_part(picture, even(x, picture->height / 12, size, size));
    canvas_fill(&kite, colours[drawing->scene < PROGRAMME_PLACES ? drawing->scene : 0].kite_rgb);
}

static void see(struct drawing *drawing, const struct canvas *picture)
{
    if (drawing->scene == PROGRAMME_BLACK || drawing->scene == PROGRAMME_COVERED)
        return;
    draw_houses(drawing, picture);
    if (drawing->scene != PROGRAMME_STILL)
        draw_kite(drawing, picture);
    drawing->seen++;
}

static void write_clock(struct drawing *drawing, const struct canvas *picture)
{
    int64_t number = drawing->scene == PROGRAMME_STILL ? 0 : drawing->written;
    int64_t tenths = number * 10 / drawing->pictures_per_s;
    char text[16];
    snprintf(text, sizeof text, "%02d.%d", (int)(tenths / 10), (int)(tenths % 10));
    struct label_style style = { .width = 120,
                                 .height = 48,
                                 .size_px = 36,
                                 .bold = true,
                                 .align = LABEL_CENTER,
                                 .text_argb = 0xffffffff,
                                 .ground_argb = 0xff000000 };
    label_set(&drawing->clock, &style, text);
    label_blend(&drawing->clock, picture, picture->width - style.width, picture->height - style.height);
    draw_bits(picture, number);
    drawing->written++;
}

static void draw(struct drawing *drawing, GstPadProbeInfo *info,
                 void (*what)(struct drawing *drawing, const struct canvas *picture))
{
    GstBuffer *buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
        return; /* a picture without what would be drawn */
    if (map.size == (gsize)canvas_bytes(drawing->width, drawing->height)) {
        struct canvas picture = canvas_of_bytes(map.data, drawing->width, drawing->height);
        what(drawing, &picture);
    }
    gst_buffer_unmap(buffer, &map);
}

static GstPadProbeReturn lens_passes(GstPad *pad, GstPadProbeInfo *info, gpointer context)
{
    (void)pad;
    draw(context, info, see);
    return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn picture_passes(GstPad *pad, GstPadProbeInfo *info, gpointer context)
{
    (void)pad;
    draw(context, info, write_clock);
    return GST_PAD_PROBE_OK;
}

/* ---- the pipeline ---- */

static uint32_t ground_rgb(enum programme_scene scene)
{
    if (scene == PROGRAMME_BLACK)
        return 0x000000;
    return scene == PROGRAMME_COVERED ? 0x4a4540 : colours[scene < PROGRAMME_PLACES ? scene : 0].ground_rgb;
}

static GstElement *make_pipeline(enum programme_scene scene, enum programme_size size, enum programme_codec codec,
                                 struct fault *fault)
{
    int width = sizes[size].width, height = sizes[size].height, rate = sizes[size].pictures_per_s;
    char blur[100] = "", encoder[300], launch[1500];
    if (scene == PROGRAMME_BLURRED) /* as if ten pixels were one */
        snprintf(blur, sizeof blur, "! videoscale ! video/x-raw,width=%d,height=%d ! videoscale ", width / 20,
                 height / 20);
    if (codec == PROGRAMME_H264)
        snprintf(encoder, sizeof encoder,
                 "x264enc speed-preset=ultrafast tune=zerolatency bitrate=%d key-int-max=%d threads=1 "
                 "option-string=scenecut=0 ! video/x-h264,profile=constrained-baseline ! h264parse config-interval=-1 "
                 "! video/x-h264",
                 sizes[size].kbit_per_s, rate * PROGRAMME_KEY_SECONDS);
    else
        snprintf(encoder, sizeof encoder,
                 "x265enc speed-preset=ultrafast tune=zerolatency bitrate=%d key-int-max=%d "
                 "option-string=scenecut=0:open-gop=0:pools=1:frame-threads=1:log-level=0 ! h265parse "
                 "config-interval=-1 ! video/x-h265",
                 sizes[size].kbit_per_s * 3 / 4, rate * PROGRAMME_KEY_SECONDS);
    snprintf(launch, sizeof launch,
             "videotestsrc num-buffers=%d pattern=solid-color foreground-color=%u ! "
             "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1 "
             "! identity name=lens %s! video/x-raw,width=%d,height=%d ! identity name=written ! %s,"
             "stream-format=byte-stream,alignment=au ! appsink name=out sync=false",
             rate * PROGRAMME_SECONDS, 0xff000000 | ground_rgb(scene), width, height, rate, blur, width, height,
             encoder);
    GError *error = NULL;
    GstElement *pipeline = gst_parse_launch(launch, &error);
    if (error) {
        fault_set(fault, -ENOENT, "simulated cameras: %s; install the packages of tools/packages.txt", error->message);
        g_clear_error(&error);
        if (pipeline)
            gst_object_unref(gst_object_ref_sink(pipeline));
        return NULL;
    }
    return pipeline;
}

static void add_probe(GstElement *pipeline, const char *name, GstPadProbeCallback probe, struct drawing *drawing)
{
    GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline), name);
    GstPad *pad = gst_element_get_static_pad(element, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, probe, drawing, NULL);
    gst_object_unref(pad);
    gst_object_unref(element);
}

static void take_unit(struct programme *programme, GstSample *sample)
{
    GstMapInfo map;
    if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        programme->units = g_realloc_n(programme->units, programme->unit_count + 2, sizeof *programme->units);
        programme->units[programme->unit_count++] = programme->packet_count;
        packets_add(programme, (struct bytes){ map.data, map.size });
        programme->units[programme->unit_count] = programme->packet_count;
        programme->stream_at =
            g_realloc_n(programme->stream_at, programme->unit_count + 1, sizeof *programme->stream_at);
        programme->stream_at[programme->unit_count - 1] = programme->stream.size;
        buffer_append(&programme->stream, map.data, map.size);
        programme->stream_at[programme->unit_count] = programme->stream.size;
        gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    }
    gst_sample_unref(sample);
}

int programme_make(enum programme_scene scene, enum programme_size size, enum programme_codec codec,
                   struct programme *programme, struct fault *fault)
{
    struct drawing drawing = { .scene = scene,
                               .width = sizes[size].width,
                               .height = sizes[size].height,
                               .pictures_per_s = sizes[size].pictures_per_s };
    *programme = (struct programme){
        .codec = codec, .width = drawing.width, .height = drawing.height, .pictures_per_s = drawing.pictures_per_s
    };
    GstElement *pipeline = make_pipeline(scene, size, codec, fault);
    if (!pipeline)
        return -ENOENT;
    add_probe(pipeline, "lens", lens_passes, &drawing);
    add_probe(pipeline, "written", picture_passes, &drawing);
    GstElement *out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstSample *sample;
    while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(out))))
        take_unit(programme, sample);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(out);
    gst_object_unref(pipeline);
    label_finish(&drawing.clock);
    if (programme->unit_count == (size_t)drawing.pictures_per_s * PROGRAMME_SECONDS)
        return 0;
    int result = fault_set(fault, -EIO, "simulated cameras: %zu pictures of '%s' were encoded", programme->unit_count,
                           programme_scene_names[scene]);
    programme_finish(programme);
    return result;
}

void programme_finish(struct programme *programme)
{
    g_free(programme->units);
    free(programme->packets);
    buffer_finish(&programme->bytes);
    buffer_finish(&programme->sprop);
    buffer_finish(&programme->stream);
    g_free(programme->stream_at);
    *programme = (struct programme){ 0 };
}

/* ---- time ---- */

int64_t programme_unit_at(const struct programme *programme, int64_t now_us)
{
    return now_us / 1000000 * programme->pictures_per_s + now_us % 1000000 * programme->pictures_per_s / 1000000;
}

int64_t programme_unit_due_us(const struct programme *programme, int64_t unit)
{
    int64_t rate = programme->pictures_per_s;
    return unit / rate * 1000000 + (unit % rate * 1000000 + rate - 1) / rate;
}

bool programme_unit_is_key(const struct programme *programme, int64_t unit)
{
    return unit % (programme->pictures_per_s * PROGRAMME_KEY_SECONDS) == 0;
}
