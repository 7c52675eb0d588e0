/* bench-live: what live pictures in a browser cost and how late they are. The measuring is done by live/live.mjs (real daemons, simulated
 * cameras, Chromium); here its figures are judged. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "proto/base/daemon.h"
#include "tools/benches/options.h"
#include "tools/benches/verdict.h"

enum { DRIFT_FULL_S = 30 * 60, WINDOW_S = 20, WINDOW_LEAST_S = 6 };

static struct bench_options options = { .folder = "/var/tmp", .scale = 5 };
static const char *build = "build/bench";

static const struct arg args[] = {
    { "folder", ARG_TEXT, &options.folder, "DIR", "where data may lie", 0, 0 },
    { "build", ARG_TEXT, &build, "DIR", "where the daemons, the pages and the browser libraries are", 0, 0 },
    { "scale", ARG_INT, &options.scale, "PERCENT", "of the full time (30 minutes of drift)", 1, 100 },
    { "json", ARG_FLAG, &options.json, NULL, "one last line of JSON: figures, bars, bar_met", 0, 0 },
};
static const struct arg_program program = {
    "bench-live",
    "[options]",
    "Live pictures in Chromium: the first one, from the camera to the screen by the clock in the picture, with "
    "WebCodecs\n"
    "and by Media Source Extensions, 16 tiles of 640x360 at 15 pictures a second; the server's processor for each "
    "stream of\n"
    "a viewer; a viewer that stops reading; how much later the pictures are after some time.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

/* What live.mjs prints. */
static const struct {
    const char *name;
    enum verdict_kind kind;
    const char *about;
} figures[] = {
    { "first_picture_webcodecs_p50_ms", VERDICT_OURS, "ms from the asking, of 16 tiles, the cameras already pulled" },
    { "first_picture_webcodecs_p95_ms", VERDICT_OURS, "" },
    { "to_screen_webcodecs_p50_ms", VERDICT_OURS, "ms from the sending to the screen, 16 tiles" },
    { "to_screen_webcodecs_p95_ms", VERDICT_OURS, "" },
    { "first_picture_mse_p50_ms", VERDICT_OURS, "the same without WebCodecs" },
    { "first_picture_mse_p95_ms", VERDICT_OURS, "" },
    { "to_screen_mse_p50_ms", VERDICT_OURS, "" },
    { "to_screen_mse_p95_ms", VERDICT_OURS, "" },
    { "viewer_stream_cpu", VERDICT_OURS, "percent of a core of the server, a stream of a viewer" },
    { "stuck_viewer_mb", VERDICT_OURS, "MB resident for a viewer that stops reading" },
    { "polite_p95_ms", VERDICT_OURS, "ms from ingest to a viewer that reads" },
    { "polite_beside_stuck_p95_ms", VERDICT_OURS, "the same beside 8 that have stopped reading" },
    { "drift_s", VERDICT_WORK, "seconds between the two looks" },
    { "drift_webcodecs_ms", VERDICT_OURS, "ms later at the second look, in the median" },
    { "drift_mse_ms", VERDICT_OURS, "" },
};

static int take_figure(struct verdict *verdict, const char *line, struct fault *fault)
{
    char name[64];
    double value;
    if (sscanf(line, "%63s %lf", name, &value) != 2)
        return fault_set(fault, -EPROTO, "not a figure: %s", line);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strcmp(figures[i].name, name) == 0) {
            verdict_figure(verdict, figures[i].kind, figures[i].name, value, figures[i].about);
            return 0;
        }
    return fault_set(fault, -EPROTO, "nobody knows the figure '%s'", name);
}

static int64_t seconds(int64_t full, int64_t least)
{
    int64_t scaled = full * options.scale / 100;
    return scaled > least ? scaled : least;
}

static int measure(struct verdict *verdict, struct fault *fault)
{
    char command[200], line[200];
    int result = 0;
    setenv("DRUMTOWER_BUILD", build, 1);
    setenv("TMPDIR", options.folder, 1);
    snprintf(command, sizeof command,
             "exec node tools/benches/live/live.mjs --seconds %" PRId64 " --drift-seconds %" PRId64,
             seconds(WINDOW_S, WINDOW_LEAST_S), seconds(DRIFT_FULL_S, 1));
    FILE *lines = popen(command, "r");
    if (!lines)
        return fault_set(fault, -errno, "node: %s", strerror(errno));
    while (fgets(line, sizeof line, lines)) {
        fputs(line, stderr); /* it takes long: what is there already */
        if (!result)
            result = take_figure(verdict, line, fault);
    }
    int status = pclose(lines);
    if (!result && (!WIFEXITED(status) || WEXITSTATUS(status)))
        result = fault_set(fault, -EIO, "live pictures could not be measured: see above");
    return result;
}

int main(int argc, char **argv)
{
    static struct verdict verdict = { .bench = "live" };
    struct fault fault = { "" };
    int result = bench_begin(&program, argc, argv, &options, NULL, &fault);
    if (!result)
        result = measure(&verdict, &fault);
    verdict_bar(&verdict, "first_picture_webcodecs_p95_ms", VERDICT_AT_MOST, 400);
    verdict_bar(&verdict, "to_screen_webcodecs_p95_ms", VERDICT_AT_MOST, 60);
    verdict_bar(&verdict, "to_screen_mse_p95_ms", VERDICT_AT_MOST, 300);
    verdict_bar(&verdict, "viewer_stream_cpu", VERDICT_AT_MOST, 0.03);
    verdict_bar(&verdict, "stuck_viewer_mb", VERDICT_AT_MOST, 1);
    return bench_end(&options, &verdict, result, &fault);
}
