/* replay311: a city's requests of past days through the real doors, and what our engine makes of them beside what the city's did. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/args.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "proto/base/timestamp.h"
#include "tools/replay/timeline.h"
#include "tools/replay/verify.h"

#define NAME "replay311"
enum { PROGRESS_MS = 1000, PROGRESS_LINE_EVERY = 5, BEFORE_MS = 60 * 1000 };
static const double LIMIT_SHARE_MIN = 0.99, ONTIME_SHARE_MIN = 0.995;

static struct options {
    const char *book, *csv, *rules, *speed;
    bool verify, keep;
    int64_t rows;
} options = { .speed = "max" };

static const struct arg args[] = {
    { "book", ARG_TEXT, &options.book, "DIR", "the city's book", 0, 0 },
    { "csv", ARG_TEXT, &options.csv, "FILE", "its requests, CSV, plain or .gz", 0, 0 },
    { "rules", ARG_TEXT, &options.rules, "FILE",
      "CSV whose first column names the types that have a limit (default: "
      "boston311_sla_rules.csv beside the requests)",
      0, 0 },
    { "verify", ARG_FLAG, &options.verify, NULL, "read all requests back and compare limits and on-time verdicts", 0,
      0 },
    { "speed", ARG_TEXT, &options.speed, "N", "virtual seconds a second, or max", 0, 0 },
    { "rows", ARG_INT, &options.rows, "N", "only the first N rows of the file; 0: all", 0, 100000000 },
    { "keep", ARG_FLAG, &options.keep, NULL, "keep the data folder and the logs, and say where they are", 0, 0 },
};
static const struct arg_program program = {
    .name = NAME,
    .usage = "--book DIR --csv FILE [--verify] [options]",
    .summary = "Starts ingest, dispatcher and field of its own (fresh data folder, free ports, virtual clock), posts "
               "each row of a city's\n"
               "requests through Open311 at its open_dt and lets the liaison of the case's department report the "
               "disposal at its closed_dt\n"
               "through the field door, in the order of virtual time. The department's report is what stops the "
               "limit's clock (only the desk\n"
               "closes a case), so the on-time verdict compares the moment of that report with the engine's deadline.\n"
               "\n"
               "Columns: open_dt, type; target_dt, closed_dt, ontime, case_title, location, latitude, longitude where "
               "there. Times are local\n"
               "times of the book's zone. A row that cannot be right (closed before opened, unreadable or missing "
               "values) is refused with\n"
               "its line and reason. A type that is no service of the book becomes 'general'.\n"
               "\n"
               "The last line is JSON. Exit status 1 if less than 0.99 of the limits are within 180 s of the city's, "
               "if less than 0.995 of the\n"
               "on-time verdicts agree, or if anything that was answered is missing.",
    .args = args,
    .arg_count = sizeof args / sizeof *args,
};

struct replay {
    struct loop *loop;
    struct http *http;
    struct book *book;
    struct daemons daemons;
    struct rows rows;
    struct timeline timeline;
    struct verify verify;
    struct loop_timer progress;
    int64_t started_ms;
    int ticks;
};

static void tell_refused_row(const char *why)
{
    fprintf(stderr, "refused: %s\n", why);
}

static void print_progress(const struct replay *replay)
{
    const struct timeline *timeline = &replay->timeline;
    char now[TIMESTAMP_TEXT];
    double seconds = (double)(clock_mono_ms() - replay->started_ms) / 1000;
    size_t posted = timeline->accepted + timeline->refused;
    if (replay->verify.read)
        fprintf(stderr, NAME ": %zu of %zu read back, %.0f s\n", replay->verify.read, timeline->accepted, seconds);
    else
        fprintf(stderr, NAME ": %zu of %zu posted, %zu disposed, clock %s, %.0f rows/s, %.0f s\n", posted,
                replay->rows.count, timeline->disposed, timestamp_format(now, timeline->now_ms, 0),
                (double)posted / (seconds > 0 ? seconds : 1), seconds);
}

static int progress(void *context)
{
    struct replay *replay = context;
    struct fault fault = { "" };
    if (++replay->ticks % PROGRESS_LINE_EVERY == 0)
        print_progress(replay);
    loop_timer_arm(replay->loop, &replay->progress, PROGRESS_MS);
    int result = daemons_check(&replay->daemons, &fault);
    return result ? daemon_fail(NAME, result, &fault) : 0;
}

static void verified(void *context)
{
    struct replay *replay = context;
    loop_stop(replay->loop, 0);
}

static void replayed(void *context)
{
    struct replay *replay = context;
    print_progress(replay);
    if (options.verify)
        verify_start(&replay->verify);
    else
        loop_stop(replay->loop, 0);
}

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 1;
}

/* Prints the line of JSON; the exit status. */
static int report(const struct replay *replay)
{
    const struct timeline *timeline = &replay->timeline;
    const struct verify *verify = &replay->verify;
    size_t lost = verify->lost + timeline->problems;
    double limit = share(verify->within, verify->compared),
           ontime = share(verify->ontime_agree, verify->ontime_compared);
    printf("{\"rows\": %zu, \"accepted\": %zu, \"refused\": %zu, \"disposed\": %zu, \"lost\": %zu", replay->rows.total,
           timeline->accepted, replay->rows.refused + timeline->refused, timeline->disposed, lost);
    if (options.verify)
        printf(", \"cases\": %zu, \"compared\": %zu, \"limit_within_180s\": %.5f, \"ontime_compared\": %zu, "
               "\"ontime_agree\": %.5f",
               verify->cases, verify->compared, limit, verify->ontime_compared, ontime);
    printf(", \"seconds\": %.1f}\n", (double)(clock_mono_ms() - replay->started_ms) / 1000);
    return lost || (options.verify && (limit < LIMIT_SHARE_MIN || ontime < ONTIME_SHARE_MIN));
}

/* boston311_sla_rules.csv beside the requests, where --rules does not say another. */
static int mark_rules(struct replay *replay, struct fault *fault)
{
    struct buffer path = { 0 };
    const char *slash = strrchr(options.csv, '/');
    if (options.rules)
        buffer_text(&path, options.rules);
    else
        buffer_format(&path, "%.*sboston311_sla_rules.csv", slash ? (int)(slash + 1 - options.csv) : 0, options.csv);
    int types = rows_mark_rules(&replay->rows, buffer_string(&path), fault);
    buffer_finish(&path);
    return types < 0 ? fault_prefix(fault, types, "--verify needs the table of limits (--rules)") : 0;
}

static int load(struct replay *replay, struct fault *fault)
{
    int result = book_load(options.book, &replay->book, NULL, NULL, fault);
    if (!result)
        result =
            rows_load(&replay->rows, options.csv, replay->book->zone, (size_t)options.rows, tell_refused_row, fault);
    if (!result && options.verify)
        result = mark_rules(replay, fault);
    if (!result && !replay->rows.count)
        result = fault_set(fault, -EINVAL, "%s: no row can be replayed", options.csv);
    return result;
}

static int open_all(struct replay *replay, struct fault *fault)
{
    int64_t before_ms = replay->rows.items[0].opened_ms - BEFORE_MS;
    int result = daemons_open(&replay->daemons, replay->book, before_ms, fault);
    if (!result)
        result = daemons_start(&replay->daemons, options.book, fault);
    if (!result)
        result = loop_create(&replay->loop, fault);
    if (!result)
        result = loop_catch_signals(replay->loop, fault);
    return result ? result : http_create(replay->loop, &replay->http, fault);
}

static int begin(struct replay *replay, struct fault *fault)
{
    replay->started_ms = clock_mono_ms();
    replay->timeline = (struct timeline){
        .loop = replay->loop,
        .http = replay->http,
        .book = replay->book,
        .daemons = &replay->daemons,
        .rows = &replay->rows,
        .speed = strtod(options.speed, NULL), /* "max" is 0 */
        .finished = replayed,
        .context = replay,
    };
    replay->verify = (struct verify){
        .loop = replay->loop,
        .http = replay->http,
        .daemons = &replay->daemons,
        .rows = &replay->rows,
        .finished = verified,
        .context = replay,
    };
    replay->progress = (struct loop_timer){ .fire = progress, .context = replay };
    loop_timer_arm(replay->loop, &replay->progress, PROGRESS_MS);
    return timeline_start(&replay->timeline, fault);
}

static void close_all(struct replay *replay, bool keep)
{
    if (keep && *replay->daemons.folder)
        fprintf(stderr, NAME ": data and logs are in %s\n", replay->daemons.folder);
    http_destroy(replay->http);
    timeline_finish(&replay->timeline);
    verify_finish(&replay->verify);
    daemons_close(&replay->daemons, keep);
    loop_destroy(replay->loop);
    rows_finish(&replay->rows);
    book_destroy(replay->book);
}

static int parse(int argc, char **argv, struct fault *fault)
{
    int operands;
    int result = args_parse(&program, argc, argv, &operands, fault);
    char *end;
    if (result)
        return result;
    if (!options.book || !options.csv)
        return fault_set(fault, -EINVAL, "--book and --csv are needed; " NAME " --help explains");
    if (strcmp(options.speed, "max") != 0 && (strtod(options.speed, &end) <= 0 || *end))
        return fault_set(fault, -EINVAL, "--speed: '%s' is neither max nor a number above 0", options.speed);
    log_init(NAME, LOG_LEVEL_WARN);
    return crypto_init(fault);
}

int main(int argc, char **argv)
{
    struct replay replay = { 0 };
    struct fault fault = { "" };
    int result = parse(argc, argv, &fault);
    if (result)
        return result == ARGS_EXIT ? 0 : (daemon_fail(NAME, result, &fault), 2);
    result = load(&replay, &fault);
    if (!result)
        result = open_all(&replay, &fault);
    if (!result)
        result = begin(&replay, &fault);
    if (result)
        daemon_fail(NAME, result, &fault);
    else
        result = loop_run(replay.loop);
    bool whole = !result && replay.timeline.done;
    int status = whole ? report(&replay) : 1;
    close_all(&replay, options.keep || !whole);
    return status;
}
