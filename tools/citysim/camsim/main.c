/* camsim: simulated cameras by themselves. See camsim.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/args.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "tools/citysim/camsim/camsim.h"
#include "tools/citysim/camsim/orders.h"

static struct camsim_options options = { .host = "127.0.0.1", .seed = 1 };
static int64_t count;
static const char *prefix = "cam-";

static const struct arg arguments[] = {
    { "host", ARG_TEXT, &options.host, "ADDRESS", "where to listen (IPv4)", 0, 0 },
    { "port", ARG_INT, &options.port, "N", "0: a free one", 0, 65535 },
    { "count", ARG_INT, &count, "N", "so many cameras, PREFIX00001 …, beside those named", 0, 100000 },
    { "prefix", ARG_TEXT, &prefix, "PREFIX", "of their ids", 0, 0 },
    { "user", ARG_TEXT, &options.user, "NAME", "who asks must say so (Digest); with --password", 0, 0 },
    { "password", ARG_TEXT, &options.password, "TEXT", "what NAME must know; with --user", 0, 0 },
    { "sha256", ARG_FLAG, &options.sha256, "", "Digest with SHA-256 instead of MD5", 0, 0 },
    { "session-seconds", ARG_INT, &options.session_seconds, "N", "a session ends so long after its last request; 0: 60",
      0, 3600 },
    { "onvif", ARG_FLAG, &options.onvif, "",
      "each is an ONVIF device as well, http://ADDRESS:PORT/ID/device_service; prints \"onvif PORT DISCOVERY_PORT\"", 0,
      0 },
    { "onvif-port", ARG_INT, &options.onvif_port, "N", "of HTTP; 0: a free one", 0, 65535 },
    { "onvif-discovery", ARG_INT, &options.discovery_port, "N",
      "of UDP; 3702 is where devices are looked for; 0: a free one", 0, 65535 },
    { "gb-count", ARG_INT, &options.gb_count, "N", "so many devices of GB/T 28181", 0, 99999 },
    { "gb-platform", ARG_TEXT, &options.gb_platform, "ADDRESS:PORT", "where they register", 0, 0 },
    { "gb-id", ARG_TEXT, &options.gb_id, "ID", "of that platform, 20 digits", 0, 0 },
    { "gb-password", ARG_TEXT, &options.gb_password, "TEXT", "of all of them", 0, 0 },
    { "gb-channels", ARG_INT, &options.gb_channels, "N", "of each; 0: 1", 0, 99 },
    { "gb-keepalive", ARG_INT, &options.gb_keepalive_s, "SECONDS", "0: 60", 0, 3600 },
    { "seed", ARG_INT, &options.seed, "N", "the same seed, the same troubles", 0, 0 },
    { "trouble-ms", ARG_INT, &options.trouble_mean_ms, "N",
      "something befalls a camera that often, on average; 0: nothing does", 0, 0 },
};
static struct arg_program program = {
    .name = "camsim",
    .usage = "[options] [ID ...]",
    .args = arguments,
    .arg_count = sizeof arguments / sizeof *arguments,
    .max_operands = -1,
};

static const char **make_ids(char **named, int named_count)
{
    const char **ids = calloc((size_t)named_count + (size_t)count + 1, sizeof *ids);
    char(*made)[CAMSIM_ID_MAX + 2] = calloc((size_t)count + 1, sizeof *made);
    if (!ids || !made)
        abort();
    for (int i = 0; i < named_count; i++)
        ids[i] = named[i];
    for (int64_t i = 0; i < count; i++) {
        snprintf(made[i], sizeof *made, "%s%05" PRId64, prefix, i + 1);
        ids[named_count + i] = made[i];
    }
    if (!count)
        free(made);
    return ids; /* to the end of the process */
}

static void print_counts(struct camsim *camsim)
{
    struct camsim_counts counts = camsim_counts(camsim);
    printf("{\"connections\":%" PRId64 ",\"sessions_now\":%" PRId64 ",\"keep_alives\":%" PRId64 ",\"pictures\":%" PRId64
           ",\"bytes\":%" PRId64 ",\"refused\":%" PRId64 ",\"expired\":%" PRId64 ",\"pictures_skipped\":%" PRId64,
           counts.connections, counts.sessions_now, counts.keep_alives, counts.pictures, counts.bytes, counts.refused,
           counts.expired, counts.pictures_skipped);
    printf(",\"registrations\":%" PRId64 ",\"registered_now\":%" PRId64 ",\"moves\":%" PRId64
           ",\"alarms_kept\":%" PRId64 ",\"asked\":%" PRId64 ",\"last_move\":\"%s\"}\n",
           counts.registrations, counts.registered_now, counts.moves, counts.alarms_kept, counts.asked,
           counts.last_move);
}

static void obey_lines(struct camsim *camsim)
{
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        struct fault fault = { "" };
        if (strcmp(line, "counts") == 0) {
            print_counts(camsim);
        } else {
            int concerned = camsim_order(camsim, line, &fault);
            if (concerned < 0)
                printf("error %s\n", fault.text);
            else
                printf("ok %d\n", concerned);
        }
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct camsim *camsim = NULL;
    struct buffer summary = { 0 };
    int operands;
    buffer_format(&summary,
                  "Simulated RTSP cameras: rtsp://ADDRESS:PORT/ID, and /ID/main for the main stream. Prints its port, "
                  "then "
                  "obeys the lines of\nits standard input until that ends, each answered with \"ok CAMERAS\" or "
                  "\"error "
                  "WHY\": \"WHICH VERB [VALUE]\", where\nWHICH is an id, PREFIX*, * or a share (25%%), and VERB one "
                  "of\n%s"
                  "\"counts\" is answered with one line of JSON.",
                  orders_help());
    program.summary = buffer_string(&summary);
    int result = args_parse(&program, argc, argv, &operands, &fault);
    if (result == ARGS_EXIT)
        return 0;
    log_init(program.name, LOG_LEVEL_INFO);
    daemon_raise_file_limit();
    if (!result && !options.user != !options.password)
        result = fault_set(&fault, -EINVAL, "--user and --password go together");
    if (result) {
        daemon_fail(program.name, result, &fault);
        return 2;
    }
    options.ids = make_ids(argv, operands);
    options.id_count = (size_t)operands + (size_t)count;
    result = camsim_start(&options, &camsim, &fault);
    if (!result) {
        log_info("listening", "port=%" PRId64 " cameras=%zu", camsim_port(camsim), options.id_count);
        printf("%" PRId64 "\n", camsim_port(camsim));
        if (options.onvif)
            printf("onvif %" PRId64 " %" PRId64 "\n", camsim_onvif_port(camsim), camsim_discovery_port(camsim));
        fflush(stdout);
        obey_lines(camsim);
    }
    camsim_stop(camsim);
    buffer_finish(&summary);
    return result ? daemon_exit_status(daemon_fail(program.name, result, &fault)) : 0;
}
