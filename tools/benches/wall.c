/* bench-wall: what the native wall costs beside bare decoding of the same cameras, GStreamer's compositor and ffmpeg's xstack. Each is measured
 * in a process of its own (this program again, with --part), so that its memory is its own. The cameras are one clip, played at the pace of
 * its pictures and out of step with each other; here is also what the wall takes for its feeds and its output. */
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "tools/benches/options.h"
#include "tools/benches/verdict.h"
#include "videowall/feed/feed.h"
#include "videowall/media/media.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/output.h"
#include "videowall/wall/wall.h"

extern char **environ;

enum { WARM_MS = 3000, FULL_MS = 20000, FEED_MS = 4, CLIP_SECONDS = 4, UNITS_MAX = 200 };

static struct bench_options options = { .folder = "/var/tmp", .scale = 30 };
static struct {
    const char *name, *clip; /* name NULL: all of them, each in a process of its own */
    int64_t columns, fps;
} part;
static bool no_peers;

static const struct arg args[] = {
    { "folder", ARG_TEXT, &options.folder, "DIR", "where the clips may lie", 0, 0 },
    { "scale", ARG_INT, &options.scale, "PERCENT", "of the full time (20 s each)", 10, 1000 },
    { "no-peers", ARG_FLAG, &no_peers, NULL, "ours and bare decoding only", 0, 0 },
    { "json", ARG_FLAG, &options.json, NULL, "one last line of JSON: figures, ratios, bars, bar_met", 0, 0 },
    { "part", ARG_TEXT, &part.name, "NAME", "measure this alone: wall, decode or compositor, of the next three", 0, 0 },
    { "clip", ARG_TEXT, &part.clip, "FILE", "H.264 byte stream that every camera shows", 0, 0 },
    { "columns", ARG_INT, &part.columns, "N", "the grid, N x N", 1, SCENE_GRID_MAX },
    { "fps", ARG_INT, &part.fps, "N", "pictures a second of each camera", 1, 60 },
};
static const struct arg_program program = {
    "bench-wall",
    "[options]",
    "The native wall with 16, 64 and 144 cameras of 640x360 at 15 pictures a second and with 4 of 1920x1080 at 25, "
    "composed\n"
    "into 1920x1080 at 25: processor, rate, longest gap, memory; beside it bare decoding, compositor and xstack.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

/* ---- one part, in its own process: the cameras ---- */

static struct {
    struct loop *loop;
    GstBuffer *units[UNITS_MAX];
    size_t unit_count;
    size_t tiles;
    struct {
        int64_t next_us;
        uint64_t seq;
        struct feed_viewer *viewer; /* of the wall */
        GstElement *source;         /* of the others */
    } cameras[WALL_TILES_MAX];
    struct loop_timer feed, warm, end;
    atomic_bool counting;
    atomic_int pictures;
    _Atomic int64_t last_us, longest_us;
    struct rusage before;
    int64_t began_us, resident_kb;
} run;

/* A picture came out. */
static void count_picture(void)
{
    int64_t now_us = g_get_monotonic_time(), gap_us = now_us - run.last_us;
    run.last_us = now_us;
    if (!run.counting)
        return;
    atomic_fetch_add(&run.pictures, 1);
    if (gap_us > run.longest_us)
        run.longest_us = gap_us;
}

static void feed_one(size_t camera)
{
    uint64_t seq = run.cameras[camera].seq++;
    GstBuffer *unit = run.units[seq % run.unit_count];
    bool key = !GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
    GstMapInfo map;
    gst_buffer_map(unit, &map, GST_MAP_READ);
    if (run.cameras[camera].viewer) {
        struct frame frame = {
            .key = key, .codec = FRAME_H264, .run = 1, .seq = seq + 1, .unit = { map.data, map.size }
        };
        run.cameras[camera].viewer->frame(run.cameras[camera].viewer->context, &frame);
    } else {
        GstBuffer *copy = gst_buffer_new_memdup(map.data, map.size);
        if (!key)
            GST_BUFFER_FLAG_SET(copy, GST_BUFFER_FLAG_DELTA_UNIT);
        gst_app_src_push_buffer(GST_APP_SRC(run.cameras[camera].source), copy);
    }
    gst_buffer_unmap(unit, &map);
}

static int feed_due(void *context)
{
    (void)context;
    int64_t now_us = g_get_monotonic_time();
    for (size_t i = 0; i < run.tiles; i++)
        for (; run.cameras[i].next_us <= now_us; run.cameras[i].next_us += 1000000 / part.fps)
            feed_one(i);
    loop_timer_arm(run.loop, &run.feed, FEED_MS);
    return 0;
}

static void start_cameras(void)
{
    int64_t now_us = g_get_monotonic_time();
    for (size_t i = 0; i < run.tiles; i++)
        run.cameras[i].next_us = now_us + (int64_t)i * 1000000 / part.fps / (int64_t)run.tiles;
    loop_timer_arm(run.loop, &run.feed, 0);
}

/* ---- what the wall takes for its feeds and its output ---- */

int feed_add_viewer(struct feeds *feeds, const char *camera, struct feed_viewer *viewer)
{
    (void)feeds;
    struct camera_status status = { .camera = camera, .state = CAMERA_LIVE, .reason = "" };
    run.cameras[atoi(camera)].viewer = viewer;
    viewer->status(viewer->context, &status);
    return 0;
}

void feed_remove_viewer(struct feed_viewer *viewer)
{
    for (size_t i = 0; i < run.tiles; i++)
        if (run.cameras[i].viewer == viewer)
            run.cameras[i].viewer = NULL;
}

struct output {
    int none;
};

int output_open(const char *text, const struct output_options *each, struct output **output, struct fault *fault)
{
    static struct output only;
    (void)text, (void)each, (void)fault;
    *output = &only;
    return 0;
}

int output_check(const char *text, struct fault *fault)
{
    (void)text, (void)fault;
    return 0;
}

bool output_wants(struct output *output, int64_t mono_ms)
{
    (void)output, (void)mono_ms;
    return true;
}

void output_push(struct output *output, GstBuffer *picture, int64_t due_us)
{
    (void)output, (void)picture, (void)due_us;
    count_picture();
}

void output_mend(struct output *output, int64_t mono_ms)
{
    (void)output, (void)mono_ms;
}

void output_close(struct output *output)
{
    (void)output;
}

/* ---- the parts ---- */

static int open_wall(struct wall **wall, struct fault *fault)
{
    static char ids[WALL_TILES_MAX][8];
    static struct book_camera cameras[WALL_TILES_MAX];
    static const struct book_camera *all[WALL_TILES_MAX];
    for (size_t i = 0; i < run.tiles; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", i);
        cameras[i] = (struct book_camera){ .id = ids[i], .name = { "路口", "Crossing" } };
        all[i] = &cameras[i];
    }
    static struct book_scene scene = { .id = "bench", .large = 1, .dwell_s = SCENE_DWELL_S_MAX };
    scene.columns = scene.rows = (int)part.columns;
    scene.cameras = all;
    scene.camera_count = run.tiles;
    static struct book book = { .scenes = &scene, .scene_count = 1 };
    struct wall_options wall_options = { .loop = run.loop, .book = &book, .output = "count", .language = "zh" };
    return wall_open(&wall_options, wall, fault);
}

static GstFlowReturn composed(GstAppSink *sink, gpointer context)
{
    (void)context;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (sample)
        gst_sample_unref(sample);
    count_picture();
    return GST_FLOW_OK;
}

static void ended(void *context, const char *error)
{
    (void)context;
    if (error)
        log_error("bench", "reason=\"%s\"", error);
}

#define DECODE \
    "appsrc name=s%zu format=time is-live=true do-timestamp=true " \
    "caps=video/x-h264,stream-format=byte-stream,alignment=au " \
    "! h264parse ! avdec_h264 max-threads=1 "

/* `compositor` in its own pads does worse (it fails at 8 x 8): each camera is scaled before it. */
static int open_pipeline(bool compose, struct fault *fault)
{
    GString *text = g_string_new(NULL);
    int width = WALL_WIDTH / (int)part.columns & ~1, height = WALL_HEIGHT / (int)part.columns & ~1;
    if (compose) {
        g_string_append(text, "compositor name=c background=black ");
        for (size_t i = 0; i < run.tiles; i++)
            g_string_append_printf(text, "sink_%zu::xpos=%d sink_%zu::ypos=%d ", i,
                                   (int)(i % (size_t)part.columns) * width, i,
                                   (int)(i / (size_t)part.columns) * height);
        g_string_append(text, "! " OUTPUT_CAPS " ! appsink name=out sync=false max-buffers=2 drop=true ");
    }
    for (size_t i = 0; i < run.tiles; i++) {
        g_string_append_printf(text, DECODE, i);
        if (compose)
            g_string_append_printf(text,
                                   "! videoscale n-threads=1 ! video/x-raw,width=%d,height=%d ! queue "
                                   "max-size-buffers=3 "
                                   "leaky=downstream ! c.sink_%zu ",
                                   width, height, i);
        else
            g_string_append(text, "! fakesink sync=false async=false ");
    }
    GstElement *pipeline;
    int result = media_launch("bench", text->str, ended, NULL, &pipeline, fault);
    g_string_free(text, TRUE);
    if (result < 0)
        return result;
    for (size_t i = 0; i < run.tiles; i++) {
        char name[24];
        snprintf(name, sizeof name, "s%zu", i);
        run.cameras[i].source = gst_bin_get_by_name(GST_BIN(pipeline), name);
    }
    if (compose) {
        GstAppSinkCallbacks callbacks = { .new_sample = composed };
        gst_app_sink_set_callbacks(GST_APP_SINK(gst_bin_get_by_name(GST_BIN(pipeline), "out")), &callbacks, NULL, NULL);
    }
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    return 0;
}

static int read_clip(struct fault *fault)
{
    char text[1000];
    GstElement *pipeline;
    snprintf(text, sizeof text,
             "filesrc location=%s ! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au "
             "! "
             "appsink name=out sync=false",
             part.clip);
    int result = media_launch("clip", text, ended, NULL, &pipeline, fault);
    if (result < 0)
        return result;
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    bool plays = gst_element_set_state(pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
    GstSample *sample;
    while (plays && run.unit_count < UNITS_MAX && (sample = gst_app_sink_pull_sample(GST_APP_SINK(sink)))) {
        run.units[run.unit_count++] = gst_buffer_copy_deep(gst_sample_get_buffer(sample));
        gst_sample_unref(sample);
    }
    gst_object_unref(sink);
    media_end(&pipeline);
    return run.unit_count ? 0 : fault_set(fault, -EIO, "%s: not there, or no pictures in it", part.clip);
}

static int64_t resident_kb(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static double seconds_of(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static int warmed(void *context)
{
    (void)context;
    getrusage(RUSAGE_SELF, &run.before);
    run.began_us = run.last_us = g_get_monotonic_time();
    run.counting = true;
    return 0;
}

static int part_over(void *context)
{
    (void)context;
    struct rusage after;
    getrusage(RUSAGE_SELF, &after);
    bool composes = strcmp(part.name, "decode") != 0;
    run.counting = false;
    int64_t open_us = composes ? g_get_monotonic_time() - run.last_us : 0; /* a gap that has not ended */
    if (open_us > run.longest_us)
        run.longest_us = open_us;
    double seconds = (double)(g_get_monotonic_time() - run.began_us) / 1e6;
    printf("%.3f %.3f %.3f %.3f\n", 100 * (seconds_of(&after) - seconds_of(&run.before)) / seconds,
           run.pictures / seconds, (double)run.longest_us / 1000,
           (double)(resident_kb() - run.resident_kb) / 1024 / (double)run.tiles);
    loop_stop(run.loop, 0);
    return 0;
}

static int64_t window_ms(void)
{
    return FULL_MS * options.scale / 100;
}

static int measure_part(struct fault *fault)
{
    struct wall *wall = NULL;
    run.tiles = (size_t)(part.columns * part.columns);
    int result = loop_create(&run.loop, fault);
    if (!result)
        result = media_init(fault);
    if (!result)
        result = read_clip(fault);
    if (result)
        return result;
    run.resident_kb = resident_kb();
    bool is_wall = strcmp(part.name, "wall") == 0;
    result = is_wall ? open_wall(&wall, fault) : open_pipeline(strcmp(part.name, "compositor") == 0, fault);
    if (result)
        return result;
    run.feed = (struct loop_timer){ .fire = feed_due };
    run.warm = (struct loop_timer){ .fire = warmed };
    run.end = (struct loop_timer){ .fire = part_over };
    start_cameras();
    loop_timer_arm(run.loop, &run.warm, WARM_MS);
    loop_timer_arm(run.loop, &run.end, WARM_MS + window_ms());
    result = loop_run(run.loop);
    fflush(stdout);
    _exit(result ? 1 : 0); /* what a pipeline of 144 decoders takes to end is not measured */
}

/* ---- the bench ---- */

struct measured {
    double cpu_percent, fps, gap_ms, tile_mb;
};

static int run_child(char *const *words, int *out, pid_t *pid, struct fault *fault)
{
    int ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe(ends))
        return fault_set(fault, -errno, "a pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    int result = posix_spawnp(pid, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *out = ends[0];
    return result ? fault_set(fault, -result, "%s: %s", words[0], strerror(result)) : 0;
}

static int end_child(const char *what, pid_t pid, struct rusage *usage, struct fault *fault)
{
    int status;
    if (wait4(pid, &status, 0, usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fault_set(fault, -EIO, "%s could not be measured", what);
    return 0;
}

static int measure(const char *name, const char *clip, int64_t columns, int64_t fps, struct measured *measured,
                   struct fault *fault)
{
    char grid[24], rate[24], scale[24];
    snprintf(grid, sizeof grid, "%" PRId64, columns);
    snprintf(rate, sizeof rate, "%" PRId64, fps);
    snprintf(scale, sizeof scale, "%" PRId64, options.scale);
    char *const words[] = { "/proc/self/exe", "--part", (char *)name, "--clip", (char *)clip, "--columns", grid,
                            "--fps",          rate,     "--scale",    scale,    NULL };
    int out;
    pid_t pid;
    int result = run_child(words, &out, &pid, fault);
    if (result)
        return result;
    FILE *lines = fdopen(out, "r");
    int fields =
        fscanf(lines, "%lf %lf %lf %lf", &measured->cpu_percent, &measured->fps, &measured->gap_ms, &measured->tile_mb);
    fclose(lines);
    struct rusage usage;
    result = end_child(name, pid, &usage, fault);
    return result == 0 && fields != 4 ? fault_set(fault, -EIO, "%s: no figures", name) : result;
}

/* ffmpeg does the same by itself: -re keeps the pace of the clip, and the time of its start is in the figure. */
static int measure_xstack(const char *clip, int64_t columns, int64_t fps, double *cpu_percent, struct fault *fault)
{
    char rate[24], seconds[24];
    GPtrArray *words = g_ptr_array_new();
    GString *filter = g_string_new(NULL), *places = g_string_new(NULL);
    GString *often = g_string_new("concat:"); /* the clip again and again */
    for (int64_t played_s = 0; played_s <= (window_ms() + WARM_MS) / 1000; played_s += CLIP_SECONDS)
        g_string_append_printf(often, "%s%s", played_s ? "|" : "", clip);
    int width = WALL_WIDTH / (int)columns & ~1, height = WALL_HEIGHT / (int)columns & ~1;
    snprintf(rate, sizeof rate, "%" PRId64, fps);
    snprintf(seconds, sizeof seconds, "%" PRId64, (window_ms() + WARM_MS) / 1000);
    for (const char *const *word = (const char *const[]){ "ffmpeg", "-nostdin", "-loglevel", "error", NULL }; *word;
         word++)
        g_ptr_array_add(words, (char *)*word);
    for (int i = 0; i < columns * columns; i++) {
        const char *input[] = { "-re", "-threads", "1", "-r", rate, "-f", "h264", "-i", often->str };
        for (size_t j = 0; j < sizeof input / sizeof *input; j++)
            g_ptr_array_add(words, (char *)input[j]);
        g_string_append_printf(filter, "[%d:v]scale=%d:%d:flags=bilinear[t%d];", i, width, height, i);
        g_string_append_printf(places, "%s%d_%d", i ? "|" : "", i % (int)columns * width, i / (int)columns * height);
    }
    for (int i = 0; i < columns * columns; i++)
        g_string_append_printf(filter, "[t%d]", i);
    g_string_append_printf(filter, "xstack=inputs=%d:layout=%s,fps=25[out]", (int)(columns * columns), places->str);
    const char *rest[] = { "-filter_complex", filter->str, "-map", "[out]", "-t", seconds, "-f", "null", "-", NULL };
    for (size_t j = 0; j < sizeof rest / sizeof *rest; j++)
        g_ptr_array_add(words, (char *)rest[j]);
    int out;
    pid_t pid;
    struct rusage usage;
    int64_t began_us = g_get_monotonic_time();
    int result = run_child((char *const *)words->pdata, &out, &pid, fault);
    if (!result) {
        result = end_child("xstack", pid, &usage, fault);
        close(out);
        *cpu_percent = 100 * seconds_of(&usage) / ((double)(g_get_monotonic_time() - began_us) / 1e6);
    }
    g_string_free(filter, TRUE);
    g_string_free(places, TRUE);
    g_string_free(often, TRUE);
    g_ptr_array_free(words, TRUE);
    return result;
}

/* Like a camera: no B frames, a key frame each 2 s. */
static int make_clip(const char *path, int width, int height, int fps, int kbit, struct fault *fault)
{
    char size[24], gop[24], rate[24], bits[24], seconds[24], source[80];
    snprintf(size, sizeof size, "%dx%d", width, height);
    snprintf(source, sizeof source, "testsrc2=size=%s:rate=%d", size, fps);
    snprintf(gop, sizeof gop, "%d", 2 * fps);
    snprintf(rate, sizeof rate, "%dk", kbit);
    snprintf(bits, sizeof bits, "%dk", 2 * kbit);
    snprintf(seconds, sizeof seconds, "%d", CLIP_SECONDS);
    char *const words[] = { "ffmpeg", "-nostdin", "-loglevel", "error", "-y",      "-f",         "lavfi",    "-i",
                            source,   "-t",       seconds,     "-c:v",  "libx264", "-preset",    "veryfast", "-bf",
                            "0",      "-g",       gop,         "-b:v",  rate,      "-maxrate",   rate,       "-bufsize",
                            bits,     "-pix_fmt", "yuv420p",   "-f",    "h264",    (char *)path, NULL };
    int out;
    pid_t pid;
    struct rusage usage;
    int result = run_child(words, &out, &pid, fault);
    if (result)
        return result;
    result = end_child("the clip", pid, &usage, fault);
    close(out);
    return result;
}

enum {
    WALL_CPU,
    WALL_FPS,
    WALL_GAP,
    WALL_TILE,
    DECODE_CPU,
    DECODE_TILE,
    WALL_TO_DECODE,
    COMPOSITOR_CPU,
    COMPOSITOR_FPS,
    XSTACK_CPU,
    CASE_FIGURES
};
static const struct {
    int columns, fps;
    bool main_stream, peers;
    const char *figures[CASE_FIGURES];
} cases[] = {
#define CASE(name, columns, fps, main_stream, peers) \
    { \
        columns, fps, main_stream, peers, \
        { \
            name "_wall_cpu", name "_wall_fps", name "_wall_gap_ms", name "_wall_tile_mb", name "_decode_cpu", \
                name "_decode_tile_mb", name "_wall_to_decode", name "_compositor_cpu", name "_compositor_fps", \
                name "_xstack_cpu" \
        } \
    }
    CASE("4x4", 4, 15, false, false),
    CASE("8x8", 8, 15, false, true),
    CASE("12x12", 12, 15, false, false),
    CASE("2x2_1080p", 2, 25, true, false),
};

static int measure_case(size_t which, const char *clip, struct verdict *verdict, struct fault *fault)
{
    const char *const *names = cases[which].figures;
    int columns = cases[which].columns, fps = cases[which].fps;
    struct measured wall, decode, compositor;
    double xstack;
    int result = measure("decode", clip, columns, fps, &decode, fault);
    if (!result)
        result = measure("wall", clip, columns, fps, &wall, fault);
    if (result)
        return result;
    verdict_figure(verdict, VERDICT_OURS, names[WALL_CPU], wall.cpu_percent, "percent of a core");
    verdict_figure(verdict, VERDICT_OURS, names[WALL_FPS], wall.fps, "pictures a second");
    verdict_figure(verdict, VERDICT_OURS, names[WALL_GAP], wall.gap_ms, "ms, the longest time between two pictures");
    verdict_figure(verdict, VERDICT_OURS, names[WALL_TILE], wall.tile_mb, "MB resident for each tile");
    verdict_figure(verdict, VERDICT_LIMIT, names[DECODE_CPU], decode.cpu_percent,
                   "percent of a core, to decode the same and no more");
    verdict_figure(verdict, VERDICT_LIMIT, names[DECODE_TILE], decode.tile_mb, "MB resident for each decoder of those");
    verdict_ratio(verdict, names[WALL_TO_DECODE], names[WALL_CPU], names[DECODE_CPU], "the wall beside bare decoding");
    if (!cases[which].peers || no_peers)
        return 0;
    result = measure("compositor", clip, columns, fps, &compositor, fault);
    if (!result)
        result = measure_xstack(clip, columns, fps, &xstack, fault);
    if (result)
        return result;
    verdict_figure(verdict, VERDICT_PEER, names[COMPOSITOR_CPU], compositor.cpu_percent,
                   "percent of a core, scaled before it");
    verdict_figure(verdict, VERDICT_PEER, names[COMPOSITOR_FPS], compositor.fps, "pictures a second");
    verdict_figure(verdict, VERDICT_PEER, names[XSTACK_CPU], xstack, "percent of a core");
    return 0;
}

static int measure_all(struct verdict *verdict, struct fault *fault)
{
    char sub[300], main_stream[300];
    snprintf(sub, sizeof sub, "%s/sub-%d.h264", options.folder, getpid());
    snprintf(main_stream, sizeof main_stream, "%s/main-%d.h264", options.folder, getpid());
    int result = make_clip(sub, 640, 360, 15, 300, fault);
    if (!result)
        result = make_clip(main_stream, WALL_WIDTH, WALL_HEIGHT, 25, 4000, fault);
    for (size_t i = 0; !result && i < sizeof cases / sizeof *cases; i++)
        result = measure_case(i, cases[i].main_stream ? main_stream : sub, verdict, fault);
    unlink(sub);
    unlink(main_stream);
    verdict_bar(verdict, "8x8_wall_to_decode", VERDICT_AT_MOST, 1.25);
    verdict_bar(verdict, "8x8_wall_fps", VERDICT_AT_LEAST, 24.5);
    verdict_bar(verdict, "8x8_wall_fps", VERDICT_AT_MOST, 25.5);
    verdict_bar(verdict, "8x8_wall_gap_ms", VERDICT_AT_MOST, 60);
    verdict_bar(verdict, "8x8_wall_tile_mb", VERDICT_AT_MOST, 3.5);
    return result;
}

int main(int argc, char **argv)
{
    static struct verdict verdict = { .bench = "wall" };
    struct fault fault = { "" };
    int result = bench_begin(&program, argc, argv, &options, NULL, &fault);
    if (!result)
        result = part.name ? measure_part(&fault) : measure_all(&verdict, &fault);
    return bench_end(&options, &verdict, result, &fault);
}
