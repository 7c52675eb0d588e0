/* bench cameras: what a camera costs that is pulled and that nobody looks at, by our own reader and by GStreamer's rtspsrc, in the same run; and
 * the health round over all of a district's; and devices of GB/T 28181 that register and say that they are there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/book/views.h"
#include "tools/benches/options.h"
#include "tools/benches/served.h"

static struct bench_options options = { .book = "examples/gulou", .folder = "/var/tmp", .scale = 100, .seed = 1 };
static const char *camsim, *reader, *registrar;

static const struct arg arguments[] = {
    BENCH_ARGS(options),
    { "camsim", ARG_TEXT, &camsim, "PROGRAM", "simulated cameras", 0, 0 },
    { "reader", ARG_TEXT, &reader, "PROGRAM", "camera_reader", 0, 0 },
    { "registrar", ARG_TEXT, &registrar, "PROGRAM", "device_registrar", 0, 0 },
};
static const struct arg_program program = {
    .name = "bench-cameras",
    .usage = "--camsim PROGRAM --reader PROGRAM --registrar PROGRAM [options]",
    .summary = "Sub-streams (H.264, 640x360, 15 pictures a second) that are pulled, kept and published, and that "
               "nobody\n"
               "looks at: processor, memory and threads for each, by our own reader and by rtspsrc ! rtph264depay !\n"
               "h264parse in the same hub. Twenty seconds for each number of cameras at full scale. Then the health "
               "round over ten\n"
               "thousand of them in a minute. Then ten thousand devices of GB/T 28181 that register at once and are "
               "kept.",
    .args = arguments,
    .arg_count = sizeof arguments / sizeof *arguments,
};

enum { ROUND_CAMERAS = 10400, SECONDS = 20, DEVICES = 10000, KEEPALIVE_SECONDS = 60 };

/* rtspsrc at 1,000 would be 4,000 threads: its figures do not change with the number. */
static const struct trial {
    const char *kind;
    int cameras;
    enum verdict_kind verdict;
} trials[] = {
    { "own", 16, VERDICT_OURS },     { "rtspsrc", 16, VERDICT_PEER }, { "own", 64, VERDICT_OURS },
    { "rtspsrc", 64, VERDICT_PEER }, { "own", 200, VERDICT_OURS },    { "rtspsrc", 200, VERDICT_PEER },
    { "own", 1000, VERDICT_OURS },
};

struct measured {
    int64_t cpu_us, wall_us, rss_kb, threads, units, live;
};

static int measure(const struct trial *trial, const char *port, struct measured *measured, struct fault *fault)
{
    char cameras[16], seconds[16], bus[16];
    struct served served;
    int64_t length = SECONDS * options.scale / 100;
    snprintf(cameras, sizeof cameras, "%d", trial->cameras);
    snprintf(seconds, sizeof seconds, "%" PRId64, length > 2 ? length : 2);
    served_bus_port(bus);
    const char *args[] = { reader, trial->kind, port, cameras, seconds, bus, options.folder, NULL };
    int result = served_start(&served, args, "measured", fault);
    if (result < 0)
        return result;
    int read = sscanf(strstr(served.line, "measured"),
                      "measured cpu_us=%" SCNd64 " wall_us=%" SCNd64 " rss_kb=%" SCNd64 " threads=%" SCNd64
                      " units=%" SCNd64 " live=%" SCNd64,
                      &measured->cpu_us, &measured->wall_us, &measured->rss_kb, &measured->threads, &measured->units,
                      &measured->live);
    served_stop(&served);
    return read == 6 ? 0 : fault_set(fault, -EPROTO, "%s said '%s'", reader, served.line);
}

/* Names live as long as the verdict. */
static void figure(struct verdict *verdict, const struct trial *trial, const char *what, double value,
                   const char *about)
{
    char *name = NULL;
    if (asprintf(&name, "%s_%d_%s", trial->kind, trial->cameras, what) < 0)
        abort();
    verdict_figure(verdict, trial->verdict, name, value, about);
}

static void tell(struct verdict *verdict, const struct trial *trial, const struct measured *measured)
{
    double cameras = trial->cameras;
    figure(verdict, trial, "cpu_percent", (double)measured->cpu_us * 100 / (double)measured->wall_us / cameras,
           "% of a core for each camera");
    figure(verdict, trial, "rss_mb", (double)measured->rss_kb / 1024 / cameras, "MB for each camera");
    figure(verdict, trial, "threads", (double)measured->threads, "threads more than without cameras");
    figure(verdict, trial, "pictures_per_s", (double)measured->units * 1e6 / (double)measured->wall_us / cameras,
           "pictures a second of each");
}

/* Ten thousand in a minute, and some more, so that what begins and ends outside the time that is measured is made up for. */
static const struct trial round_trial = { "round", ROUND_CAMERAS, VERDICT_OURS };

static void tell_round(struct verdict *verdict, const struct measured *measured)
{
    double seconds = (double)measured->wall_us / 1e6;
    verdict_figure(verdict, VERDICT_OURS, "round_cpu_percent",
                   (double)measured->cpu_us * 100 / (double)measured->wall_us,
                   "% of a core for the health round: connect, key frame, decode, checks, JPEG");
    verdict_figure(verdict, VERDICT_OURS, "round_visits_per_minute", (double)measured->units * 60 / seconds,
                   "cameras visited in a minute");
    verdict_figure(verdict, VERDICT_OURS, "round_visit_cpu_us", (double)measured->cpu_us / (double)measured->units,
                   "µs of the processor for a visit");
    verdict_figure(verdict, VERDICT_OURS, "round_threads", (double)measured->threads, "threads of the round");
    verdict_figure(verdict, VERDICT_OURS, "round_rss_mb", (double)measured->rss_kb / 1024, "MB for all of it");
    verdict_figure(verdict, VERDICT_OURS, "round_well_percent", (double)measured->live,
                   "% of the visits that brought a picture in which nothing is wrong");
}

/* Which of ten thousand see a case best, for the pop-up. */
static void measure_views(struct verdict *verdict)
{
    enum { ASKED = 1000, BEST = POPUP_CAMERAS_MAX };
    static struct book_camera cameras[ROUND_CAMERAS];
    static const struct book book = { .cameras = cameras, .camera_count = ROUND_CAMERAS };
    struct book_view views[BEST];
    size_t found = 0;
    srandom((unsigned)options.seed);
    for (size_t i = 0; i < ROUND_CAMERAS; i++)
        cameras[i] = (struct book_camera){ .lat = 39.9 + (double)random() / RAND_MAX / 10,
                                           .lon = 116.3 + (double)random() / RAND_MAX / 10,
                                           .bearing_deg = (double)(random() % 360),
                                           .has_bearing = random() % 4 };
    struct camera_places places;
    places_open(&places, &book);
    int64_t began_us = clock_mono_us();
    for (int i = 0; i < ASKED; i++)
        found += book_views(&places, 0, cameras[i].lat + 0.0005, cameras[i].lon - 0.0005, 800, views, BEST);
    verdict_figure(verdict, VERDICT_OURS, "views_us", (double)(clock_mono_us() - began_us) / ASKED,
                   "µs to find the 4 of 10,400 cameras that see a place best");
    places_close(&places);
    verdict_figure(verdict, VERDICT_OURS, "views_found", (double)found / ASKED, "cameras found for a place");
}

/* ---- devices that register ---- */

struct registered {
    int64_t storm_ms, storm_cpu_us, cpu_us, wall_us, rss_kb, keepalives, online;
};

static int measure_devices(struct registered *measured, int64_t count, struct fault *fault)
{
    char devices[16], seconds[16];
    struct served served;
    int64_t length = KEEPALIVE_SECONDS * options.scale / 100;
    snprintf(devices, sizeof devices, "%" PRId64, count);
    snprintf(seconds, sizeof seconds, "%" PRId64, length > 2 ? length : 2);
    const char *args[] = { registrar, camsim, devices, seconds, options.folder, NULL };
    int result = served_start(&served, args, "measured", fault);
    if (result < 0)
        return result;
    int read = sscanf(strstr(served.line, "measured"),
                      "measured storm_ms=%" SCNd64 " storm_cpu_us=%" SCNd64 " cpu_us=%" SCNd64 " wall_us=%" SCNd64
                      " rss_kb=%" SCNd64 " keepalives=%" SCNd64 " online=%" SCNd64,
                      &measured->storm_ms, &measured->storm_cpu_us, &measured->cpu_us, &measured->wall_us,
                      &measured->rss_kb, &measured->keepalives, &measured->online);
    served_stop(&served);
    return read == 7 ? 0 : fault_set(fault, -EPROTO, "%s said '%s'", registrar, served.line);
}

static int run_devices(struct verdict *verdict, struct fault *fault)
{
    struct registered measured;
    int64_t count = DEVICES * options.scale / 100 > 10 ? DEVICES * options.scale / 100 : 10;
    int result = measure_devices(&measured, count, fault);
    if (result < 0)
        return result;
    verdict_figure(verdict, VERDICT_WORK, "devices", (double)count,
                   "devices of GB/T 28181, a keep-alive a minute of each");
    verdict_figure(verdict, VERDICT_OURS, "devices_online_percent", (double)measured.online * 100 / (double)count,
                   "% of them registered at the end");
    verdict_figure(verdict, VERDICT_OURS, "devices_storm_s", (double)measured.storm_ms / 1000,
                   "seconds until all have registered that began at the same moment");
    verdict_figure(verdict, VERDICT_OURS, "devices_registration_us", (double)measured.storm_cpu_us / (double)count,
                   "µs of the processor for a registration: challenge, digest, two answers");
    verdict_figure(verdict, VERDICT_OURS, "devices_cpu_percent",
                   (double)measured.cpu_us * 100 / (double)measured.wall_us, "% of a core for all their keep-alives");
    verdict_figure(verdict, VERDICT_OURS, "devices_keepalive_us",
                   (double)measured.cpu_us / (double)(measured.keepalives ? measured.keepalives : 1),
                   "µs of the processor for a keep-alive, with all that goes on beside");
    verdict_figure(verdict, VERDICT_OURS, "devices_rss_mb", (double)measured.rss_kb / 1024, "MB for all of it");
    verdict_bar(verdict, "devices_cpu_percent", VERDICT_AT_MOST, 1);
    verdict_bar(verdict, "devices_storm_s", VERDICT_AT_MOST, 20);
    return 0;
}

static int start_cameras(struct served *cameras, const char *port, struct fault *fault)
{
    char count[16];
    int ends[2];
    snprintf(count, sizeof count, "%d", ROUND_CAMERAS);
    if (pipe(ends) || dup2(ends[0], STDIN_FILENO) < 0) /* they end when their standard input does, with us */
        return fault_set(fault, -errno, "pipe: %s", strerror(errno));
    close(ends[0]);
    return served_start(cameras, (const char *[]){ camsim, "--count", count, "--port", port, NULL }, "listening",
                        fault);
}

static int run(struct verdict *verdict, struct fault *fault)
{
    struct served cameras;
    char port[16];
    if (!camsim || !reader || !registrar)
        return fault_set(fault, -EINVAL, "--camsim, --reader and --registrar are needed; tools/bench gives them");
    snprintf(port, sizeof port, "%d", 40000 + (int)(getpid() % 10000));
    int result = start_cameras(&cameras, port, fault);
    if (result < 0)
        return result;
    for (size_t i = 0; result == 0 && i < sizeof trials / sizeof *trials; i++) {
        struct measured measured;
        result = measure(&trials[i], port, &measured, fault);
        if (result == 0)
            tell(verdict, &trials[i], &measured);
    }
    struct measured measured;
    if (result == 0)
        result = measure(&round_trial, port, &measured, fault);
    if (result == 0)
        tell_round(verdict, &measured);
    served_stop(&cameras);
    measure_views(verdict);
    if (result == 0)
        result = run_devices(verdict, fault);
    verdict_ratio(verdict, "cpu_rtspsrc_to_own", "rtspsrc_200_cpu_percent", "own_200_cpu_percent", "at 200 cameras");
    verdict_ratio(verdict, "rss_rtspsrc_to_own", "rtspsrc_200_rss_mb", "own_200_rss_mb", "at 200 cameras");
    verdict_bar(verdict, "own_200_cpu_percent", VERDICT_AT_MOST, 0.04);
    verdict_bar(verdict, "own_1000_cpu_percent", VERDICT_AT_MOST, 0.04);
    verdict_bar(verdict, "own_200_rss_mb", VERDICT_AT_MOST, 0.25);
    verdict_bar(verdict, "own_1000_rss_mb", VERDICT_AT_MOST, 0.25);
    verdict_bar(verdict, "own_1000_threads", VERDICT_AT_MOST, 0);
    verdict_bar(verdict, "views_us", VERDICT_AT_MOST, 1000);
    verdict_bar(verdict, "round_cpu_percent", VERDICT_AT_MOST, 35);
    verdict_bar(verdict, "round_visits_per_minute", VERDICT_AT_LEAST, 10000);
    verdict_bar(verdict, "round_well_percent", VERDICT_AT_LEAST, 99);
    return result;
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct verdict verdict = { .bench = "cameras" };
    struct book *book = NULL;
    int result = bench_begin(&program, argc, argv, &options, &book, &fault);
    if (result == 0)
        result = run(&verdict, &fault);
    book_destroy(book);
    return bench_end(&options, &verdict, result, &fault);
}
