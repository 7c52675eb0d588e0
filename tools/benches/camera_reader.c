/* Pulls simulated cameras as ingest does (source, hub, bus) and says what that costs; a process by itself for each measurement, so that none
 * inherits another's memory. For bench-cameras.
 *
 * usage: camera_reader own|rtspsrc|round PORT CAMERAS SECONDS BUS_PORT FOLDER
 *
 * own, rtspsrc: streams that are pulled; round: the health round over all of them in a minute, its pictures in FOLDER. One line on standard error:
 * measured cpu_us= wall_us= rss_kb= threads= units= live= reason= (of a round: visits, the percentage of them that found a camera well, and why the first one was not). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/cameras/cameras.h"
#include "ingest/cameras/hub.h"
#include "ingest/cameras/readers.h"
#include "ingest/cameras/rtspsrc.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "proto/book/book.h"
#include "proto/bus/bus.h"
#include "tools/benches/rig.h"

enum { ROUND_WARM_MS = 10000, LEASE_MS = 3000, OPENING_AT_ONCE = 50, OPENING_MS = 200, PATIENCE_MS = 120000 };

struct bench {
    struct loop *loop;
    struct hub *hub;
    struct cameras *round; /* NULL: none is gone */
    struct book book;      /* as much of one as the round needs */
    struct bus_publisher *publisher;
    struct book_camera *cameras;
    size_t count, leased, live;
    int64_t seconds, patience_mono_ms, lease_mono_ms, units;
    struct loop_timer tick, end;
    struct watch begun;
    int64_t rss_kb, threads; /* before the first camera */
    bool measuring;
};

/* A number of /proc/self/status. */
static int64_t own_status(const char *name)
{
    char line[200];
    int64_t value = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtoll(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return value;
}

static void publish(void *context, const char *topic, struct bytes message)
{
    struct bench *bench = context;
    bench->units += strncmp(topic, "frame/", 6) == 0;
    bus_publish(bench->publisher, topic, message);
}

static void changed(void *context, const struct camera_status *status)
{
    struct bench *bench = context;
    bench->live += status->state == CAMERA_LIVE;
    bench->live -= status->before == CAMERA_LIVE;
}

static void lease(struct bench *bench, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        struct camera_lease wanted = {
            .verb = CAMERA_VERB_LEASE, .camera = bench->cameras[i].id, .holder = "bench", .seconds = 10
        };
        struct camera_grant grant;
        hub_lease(bench->hub, &wanted, &bench->cameras[i], &grant);
    }
}

/* Visits so far, of a first round. */
static int64_t visited(const struct bench *bench, size_t *well)
{
    int64_t count = 0;
    *well = 0;
    for (size_t i = 0; i < bench->count; i++) {
        enum camera_condition condition = health_of(cameras_health(bench->round), i).condition;
        count += condition != CAMERA_IS_UNKNOWN;
        *well += condition == CAMERA_IS_WELL;
    }
    return count;
}

static int say(void *context)
{
    struct bench *bench = context;
    struct watch spent = { 0 };
    watch_add(&spent, bench->begun);
    if (bench->round) {
        int64_t count = visited(bench, &bench->live);
        bench->live = count ? bench->live * 100 / (size_t)count : 0;
        bench->units = count - bench->units;
    }
    fprintf(stderr,
            "measured cpu_us=%" PRId64 " wall_us=%" PRId64 " rss_kb=%" PRId64 " threads=%" PRId64 " units=%" PRId64
            " live=%zu reason=%s\n",
            spent.cpu_us, spent.wall_us, own_status("VmRSS:") - bench->rss_kb, own_status("Threads:") - bench->threads,
            bench->units, bench->live, bench->round ? health_of(cameras_health(bench->round), 0).reason : "");
    return 0; /* SIGTERM ends it */
}

static bool tell(void *context, const struct health_news *news)
{
    (void)context, (void)news;
    return true;
}

static int begin_round(void *context)
{
    struct bench *bench = context;
    bench->units = visited(bench, &bench->live);
    bench->begun = watch_now();
    loop_timer_arm(bench->loop, &bench->end, bench->seconds * 1000);
    return 0;
}

/* The round as ingest goes it; measured from a moment on when it is under way. */
static int go_round(struct bench *bench, int64_t bus_port, const char *folder, struct fault *fault)
{
    bench->book = (struct book){ .cameras = bench->cameras,
                                 .camera_count = bench->count,
                                 .camera_limits = { .pulled = 1 },
                                 .camera_health = {
                                     .minutes = 1, .visit_seconds = 8, .at_once = 256, .wrong_time_seconds = 60 } };
    int result = cameras_open(bench->loop, &bench->book, bus_port, &bench->round, fault);
    if (result == 0)
        result = cameras_start_round(bench->round, folder, tell, NULL, fault);
    bench->tick = (struct loop_timer){ .fire = begin_round, .context = bench };
    loop_timer_arm(bench->loop, &bench->tick, ROUND_WARM_MS);
    return result;
}

/* Cameras are opened in portions; when all are live, the measurement begins. */
static int tick(void *context)
{
    struct bench *bench = context;
    int64_t now_mono_ms = clock_mono_ms();
    if (bench->leased < bench->count) {
        size_t to = bench->leased + OPENING_AT_ONCE < bench->count ? bench->leased + OPENING_AT_ONCE : bench->count;
        lease(bench, bench->leased, to);
        bench->leased = to;
    } else if (bench->live < bench->count && !bench->measuring) {
        if (now_mono_ms > bench->patience_mono_ms) {
            fprintf(stderr, "only %zu of %zu cameras are live\n", bench->live, bench->count);
            return -ETIMEDOUT;
        }
    } else if (!bench->measuring) {
        bench->measuring = true;
        bench->units = 0;
        bench->begun = watch_now();
        loop_timer_arm(bench->loop, &bench->end, bench->seconds * 1000);
    }
    if (now_mono_ms - bench->lease_mono_ms >= LEASE_MS) {
        bench->lease_mono_ms = now_mono_ms;
        lease(bench, 0, bench->leased);
    }
    hub_tick(bench->hub);
    loop_timer_arm(bench->loop, &bench->tick, OPENING_MS);
    return 0;
}

static void name_cameras(struct bench *bench, const char *port)
{
    bench->cameras = calloc(bench->count, sizeof *bench->cameras);
    for (size_t i = 0; bench->cameras && i < bench->count; i++) {
        char *id = NULL, *url = NULL;
        if (asprintf(&id, "cam-%05zu", i + 1) < 0 || asprintf(&url, "rtsp://127.0.0.1:%s/%s", port, id) < 0)
            abort();
        bench->cameras[i] = (struct book_camera){ .id = id, .url = url, .sub_url = "" };
    }
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct bench bench = { .patience_mono_ms = clock_mono_ms() + PATIENCE_MS };
    struct readers *own = NULL;
    struct rtspsrc_reader *rtspsrc = NULL;
    if (argc != 7)
        return 2;
    bool is_own = strcmp(argv[1], "own") == 0;
    bench.count = (size_t)strtol(argv[3], NULL, 10);
    bench.seconds = strtol(argv[4], NULL, 10);
    name_cameras(&bench, argv[2]);
    daemon_raise_file_limit();
    log_init("camera_reader", LOG_LEVEL_ERROR);
    int result = crypto_init(&fault);
    if (result == 0)
        result = loop_create(&bench.loop, &fault);
    if (result == 0)
        result = loop_catch_signals(bench.loop, &fault);
    bench.end = (struct loop_timer){ .fire = say, .context = &bench };
    if (result == 0 && strcmp(argv[1], "round") == 0) {
        bench.rss_kb = own_status("VmRSS:");
        bench.threads = own_status("Threads:");
        result = go_round(&bench, strtol(argv[5], NULL, 10), argv[6], &fault);
        if (result == 0)
            _exit(loop_run(bench.loop) ? 1 : 0);
    }
    if (result == 0)
        result = bus_publisher_open(strtol(argv[5], NULL, 10), BUS_FRAMES, &bench.publisher, &fault);
    if (result == 0)
        result = is_own ? readers_open(bench.loop, &own, &fault) : rtspsrc_open(bench.loop, &rtspsrc, &fault);
    if (result < 0) {
        fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    struct hub_options options = { .source = is_own ? &readers_ops : &rtspsrc_ops,
                                   .reader = is_own ? (void *)own : (void *)rtspsrc,
                                   .publish = publish,
                                   .changed = changed,
                                   .context = &bench,
                                   .pulled_max = bench.count,
                                   .ring_ms = 10000,
                                   .ring_bytes = 16 << 20,
                                   .mono_ms = clock_mono_ms,
                                   .now_ms = clock_now_ms };
    bench.hub = hub_create(&options);
    bench.rss_kb = own_status("VmRSS:");
    bench.threads = own_status("Threads:");
    bench.tick = (struct loop_timer){ .fire = tick, .context = &bench };
    loop_timer_arm(bench.loop, &bench.tick, 0);
    result = loop_run(bench.loop);
    _exit(result ? 1 : 0); /* the cameras are simulated: nobody misses a farewell */
}
