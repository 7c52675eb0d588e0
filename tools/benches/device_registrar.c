/* Lets simulated devices of GB/T 28181 register as ingest does, and says what that costs; a process by itself. For bench-cameras.
 *
 * usage: device_registrar CAMSIM DEVICES SECONDS FOLDER
 *
 * All devices begin at the same moment; when they are all there and their catalogs have been taken, their keep-alives (60 s) are measured. One line on
 * standard error:
 * measured storm_ms= storm_cpu_us= cpu_us= wall_us= rss_kb= keepalives= online= */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/cameras/gb28181/gb28181.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/gb28181.h"
#include "tools/benches/rig.h"
#include "tools/benches/served.h"

#define OWN "34020000002000000001"

enum { LOOK_MS = 20, PATIENCE_MS = 600000, SETTLE_MS = 5000 };

struct bench {
    struct loop *loop;
    struct gb28181 *platform;
    struct book book;
    struct book_camera *cameras;
    int devices_end;     /* closed, the devices end */
    size_t count, known; /* devices; those whose channels are known, from the first on */
    int64_t seconds, patience_mono_ms, begun_mono_ms, storm_ms;
    struct watch begun, storm;
    struct loop_timer look, end;
};

/* One device for each, with one channel, as camsim names them. */
static void name_cameras(struct bench *bench)
{
    bench->cameras = calloc(bench->count, sizeof *bench->cameras);
    for (size_t i = 0; bench->cameras && i < bench->count; i++) {
        char *id = NULL, *url = NULL;
        if (asprintf(&id, "d-%05zu", i + 1) < 0 ||
            asprintf(&url, "gb28181://3402000000111%07zu/3402000000131%05zu01", i + 1, i + 1) < 0)
            abort();
        bench->cameras[i] = (struct book_camera){ .id = id, .url = url, .sub_url = "" };
    }
}

static int write_key(const char *folder)
{
    char path[512];
    snprintf(path, sizeof path, "%s/gb28181.key", folder);
    FILE *file = fopen(path, "we");
    if (!file || fputs("12345678\n", file) < 0 || fclose(file) != 0 || chmod(path, 0600) < 0)
        return -errno;
    return 0;
}

static int64_t metric_value(const char *name)
{
    struct buffer text = { 0 };
    char line[128];
    snprintf(line, sizeof line, "\n%s ", name);
    metrics_print(&text);
    const char *at = strstr(buffer_string(&text), line);
    int64_t value = at ? strtoll(at + strlen(line), NULL, 10) : 0;
    buffer_finish(&text);
    return value;
}

static int64_t rss_kb(void)
{
    char line[200];
    int64_t value = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        sscanf(line, "VmRSS: %" SCNd64, &value);
    if (file)
        fclose(file);
    return value;
}

static int64_t keepalives_before;

static int say(void *context)
{
    struct bench *bench = context;
    struct watch spent = { 0 };
    watch_add(&spent, bench->begun);
    fprintf(stderr,
            "measured storm_ms=%" PRId64 " storm_cpu_us=%" PRId64 " cpu_us=%" PRId64 " wall_us=%" PRId64
            " rss_kb=%" PRId64 " keepalives=%" PRId64 " online=%zu\n",
            bench->storm_ms, bench->storm.cpu_us, spent.cpu_us, spent.wall_us, rss_kb(),
            metric_value("drumtower_gb28181_keepalives_total") - keepalives_before, gb28181_online(bench->platform));
    return 0; /* SIGTERM ends it */
}

static int begin_measuring(void *context)
{
    struct bench *bench = context;
    keepalives_before = metric_value("drumtower_gb28181_keepalives_total");
    bench->begun = watch_now();
    bench->end = (struct loop_timer){ .fire = say, .context = bench };
    loop_timer_arm(bench->loop, &bench->end, bench->seconds * 1000);
    return 0;
}

static bool all_known(struct bench *bench)
{
    struct gb_address address;
    while (bench->known < bench->count && gb_address_read(bench->cameras[bench->known].url, &address) == 0 &&
           gb28181_channel(bench->platform, address.device, address.channel))
        bench->known++;
    return bench->known == bench->count;
}

static int look(void *context)
{
    struct bench *bench = context;
    int64_t now_mono_ms = clock_mono_ms();
    if (!bench->storm_ms && gb28181_online(bench->platform) == bench->count) {
        bench->storm_ms = now_mono_ms - bench->begun_mono_ms;
        watch_add(&bench->storm, bench->begun);
    }
    if (bench->storm_ms && all_known(bench)) {
        bench->end = (struct loop_timer){ .fire = begin_measuring, .context = bench };
        loop_timer_arm(bench->loop, &bench->end, SETTLE_MS);
        return 0;
    }
    if (now_mono_ms > bench->patience_mono_ms) {
        fprintf(stderr, "only %zu of %zu devices are there, %zu catalogs\n", gb28181_online(bench->platform),
                bench->count, bench->known);
        return -ETIMEDOUT;
    }
    loop_timer_arm(bench->loop, &bench->look, LOOK_MS);
    return 0;
}

static int start_devices(struct bench *bench, const char *camsim, struct served *devices, struct fault *fault)
{
    char count[16], platform[32];
    int ends[2];
    snprintf(count, sizeof count, "%zu", bench->count);
    snprintf(platform, sizeof platform, "127.0.0.1:%u", gb28181_port(bench->platform));
    /* they end when their standard input does: our signals are blocked, and so are theirs */
    if (pipe2(ends, O_CLOEXEC) || dup2(ends[0], STDIN_FILENO) < 0)
        return fault_set(fault, -errno, "pipe: %s", strerror(errno));
    bench->devices_end = ends[1];
    return served_start(devices,
                        (const char *[]){ camsim, "--gb-count", count, "--gb-platform", platform, "--gb-id", OWN,
                                          "--gb-password", "12345678", NULL },
                        "listening", fault);
}

static int run(struct bench *bench, const char *camsim, const char *folder, struct served *devices, struct fault *fault)
{
    bench->book = (struct book){
        .cameras = bench->cameras,
        .camera_count = bench->count,
        .gb28181 = { .id = OWN, .listen = "127.0.0.1", .media_address = "", .media_ports = 1, .keepalive_seconds = 60 }
    };
    int result = write_key(folder);
    if (result < 0)
        return fault_set(fault, result, "%s: %s", folder, strerror(-result));
    struct gb28181_options options = { .loop = bench->loop, .book = &bench->book, .keys = folder };
    result = gb28181_open(&options, &bench->platform, fault);
    bench->begun = watch_now();
    bench->begun_mono_ms = clock_mono_ms();
    bench->patience_mono_ms = bench->begun_mono_ms + PATIENCE_MS;
    if (result == 0)
        result = start_devices(bench, camsim, devices, fault);
    bench->look = (struct loop_timer){ .fire = look, .context = bench };
    loop_timer_arm(bench->loop, &bench->look, LOOK_MS);
    return result < 0 ? result : loop_run(bench->loop);
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct bench bench = { .loop = NULL };
    struct served devices = { 0 };
    if (argc != 5)
        return 2;
    bench.count = (size_t)strtol(argv[2], NULL, 10);
    bench.seconds = strtol(argv[3], NULL, 10);
    name_cameras(&bench);
    log_init("device_registrar", LOG_LEVEL_WARN);
    int result = crypto_init(&fault);
    if (result == 0)
        result = loop_create(&bench.loop, &fault);
    if (result == 0)
        result = loop_catch_signals(bench.loop, &fault);
    if (result == 0)
        result = run(&bench, argv[1], argv[4], &devices, &fault);
    if (result < 0)
        fprintf(stderr, "%s\n", fault.text);
    close(bench.devices_end);
    served_stop(&devices);
    _exit(result ? 1 : 0);
}
