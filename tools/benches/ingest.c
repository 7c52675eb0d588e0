/* bench-ingest: reports through a running drumtower-ingest, over HTTP, each answered when it is durable. Beside it, in turns: PostgreSQL
 * with one INSERT each, Redis with its append-only file, our own door that keeps nothing, and plain LMDB with the same rows in commits of the
 * size that occurred. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/store/event_log.h"
#include "tools/benches/options.h"
#include "tools/benches/peers.h"
#include "tools/benches/postgres_inserts.h"
#include "tools/benches/posts.h"
#include "tools/benches/served.h"
#include "tools/benches/wire.h"

enum { FULL_TURN_MS = 5000, READ_AT_ONCE = 1024 };

static struct bench_options options = { .folder = "/var/tmp", .book = "examples/gulou", .scale = 30, .seed = 1 };
static int64_t rounds = 3, conversations = 64;
static const char *ingest = "build/bench/ingest/drumtower-ingest", *door = "build/bench/tools/benches/bench-door";

static const struct arg args[] = {
    BENCH_ARGS(options),
    { "rounds", ARG_INT, &rounds, "N", "turns of each; the best counts", 1, 100 },
    { "connections", ARG_INT, &conversations, "N", "at once, each with one report under way", 1,
      LOAD_CONVERSATIONS_MAX },
    { "ingest", ARG_TEXT, &ingest, "FILE", "drumtower-ingest", 0, 0 },
    { "door", ARG_TEXT, &door, "FILE", "bench-door", 0, 0 },
};

static const struct arg_program program = {
    "bench-ingest",
    "[options]",
    "Open311 reports of 400 bytes over HTTP with 64 connections, each answered only after its commit is on the disk:\n"
    "reports a second, and how long an answer takes. --scale 100 is five seconds of each in a turn.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

/* X(way, name, kind, what its rate is) */
#define WAYS(X) \
    X(INGEST, "ingest", OURS, "reports a second, answered when durable") \
    X(DOOR, "door", LIMIT, "answers a second of our own door without a store") \
    X(POSTGRES, "postgres", PEER, "PostgreSQL, one INSERT each, committed") \
    X(REDIS, "redis", PEER, "Redis, RPUSH, appendfsync always")

enum way {
#define WAY(way, name, kind, about) WAY_##way,
    WAYS(WAY)
#undef WAY
        WAY_COUNT
};

static const struct {
    const char *name, *per_s, *p50, *p99, *cpu, *about;
    enum verdict_kind kind;
} ways[] = {
#define WAY(way, name, kind, about) \
    { name, name "_per_s", name "_p50_us", name "_p99_us", name "_cpu_us", about, VERDICT_##kind },
    WAYS(WAY)
#undef WAY
};

struct bench {
    struct book *book;
    struct posts posts;
    char folder[RIG_PATH];
    struct served ingest, door;
    struct wire *wires[WAY_COUNT];
    struct inserts *inserts;
    struct best {
        double per_s, cpu_us;
        int64_t p50_us, p99_us;
    } best[WAY_COUNT];
    int64_t commits, events, commits_us;
    double lmdb_per_s;
    struct fault *fault;
};

/* ---- who is asked ---- */

static int start_ours(struct bench *bench)
{
    char port[16];
    served_bus_port(port);
    const char *const ingest_args[] = { ingest,       "--data", bench->folder, "--book",      options.book,
                                        "--bus-port", port,     "--listen",    "127.0.0.1:0", NULL };
    const char *const door_args[] = { door, NULL };
    int result = served_start(&bench->ingest, ingest_args, "msg=\"listening\"", bench->fault);
    return result ? result : served_start(&bench->door, door_args, "msg=\"listening\"", bench->fault);
}

static int connect_wire(struct bench *bench, enum way way, const char *address, const struct bytes *questions,
                        int (*whole)(const char *answer, size_t size, struct fault *fault))
{
    bench->wires[way] = calloc(1, sizeof *bench->wires[way]);
    if (!bench->wires[way])
        abort();
    return wire_open(bench->wires[way], address, (size_t)conversations, questions, POST_COUNT, whole, bench->fault);
}

static int connect_all(struct bench *bench)
{
    char ours[SERVED_ADDRESS], limit[SERVED_ADDRESS];
    served_address(&bench->ingest, ours);
    served_address(&bench->door, limit);
    int result = connect_wire(bench, WAY_INGEST, ours, bench->posts.requests, wire_whole_http);
    if (!result)
        result = connect_wire(bench, WAY_DOOR, limit, bench->posts.requests, wire_whole_http);
    if (!result && options.redis)
        result = connect_wire(bench, WAY_REDIS, options.redis, bench->posts.pushes, wire_whole_redis);
    if (!result && options.postgres)
        result = inserts_open(options.postgres, (size_t)conversations, bench->posts.forms, POST_COUNT, &bench->inserts,
                              bench->fault);
    return result;
}

static const struct load_peer *peer_of(const struct bench *bench, enum way way)
{
    if (way == WAY_POSTGRES)
        return bench->inserts ? inserts_peer(bench->inserts) : NULL;
    return bench->wires[way] ? &bench->wires[way]->peer : NULL;
}

/* ---- turns ---- */

/* Of ours; 0 for a peer, whose processes are not ours to ask. */
static int64_t cpu_us_of(const struct bench *bench, enum way way)
{
    return way == WAY_INGEST ? served_cpu_us(&bench->ingest) : way == WAY_DOOR ? served_cpu_us(&bench->door) : 0;
}

static int take_turn(struct bench *bench, enum way way)
{
    const struct load_peer *peer = peer_of(bench, way);
    struct best *best = &bench->best[way];
    struct load load = { 0 };
    if (!peer)
        return 0;
    int64_t cpu_us = cpu_us_of(bench, way);
    int result = load_run(peer, FULL_TURN_MS * INT64_C(10) * options.scale, &load, bench->fault);
    double per_s = load_rate(&load);
    if (!result)
        fprintf(stderr, "%-9s %8.0f/s, p99 %" PRId64 " us\n", ways[way].name, per_s,
                samples_percentile(&load.answer_us, 99));
    if (!result && per_s > best->per_s)
        *best = (struct best){ per_s, (double)(cpu_us_of(bench, way) - cpu_us) / (double)load.answer_us.count,
                               samples_percentile(&load.answer_us, 50), samples_percentile(&load.answer_us, 99) };
    load_finish(&load);
    return result ? fault_prefix(bench->fault, result, "%s", ways[way].name) : 0;
}

static int take_turns(struct bench *bench)
{
    int result = 0;
    for (int64_t round = 0; !result && round < rounds; round++)
        for (enum way way = 0; !result && way < WAY_COUNT; way++)
            result = take_turn(bench, way);
    return result;
}

/* ---- what was done: how many commits, and their rows once more in plain LMDB ---- */

static int count_commits(struct bench *bench)
{
    const struct served_figure figures[] = {
        { "drumtower_ingest_commits_total", &bench->commits },
        { "drumtower_ingest_commit_microseconds_total", &bench->commits_us },
        { "drumtower_ingest_events_total", &bench->events },
    };
    char address[SERVED_ADDRESS];
    served_address(&bench->ingest, address);
    int result = served_figures(address, figures, sizeof figures / sizeof *figures, bench->fault);
    return result || bench->commits ? result : fault_set(bench->fault, -EPROTO, "drumtower-ingest made no commit");
}

static const char *const rows_tables[] = { "events", "ids" };
enum { ROWS_EVENTS, ROWS_IDS };

struct rows {
    struct recording recording;
    struct bench *bench;
    int64_t read, ended;
};

static int take_row(void *context, const struct event *event, struct bytes bytes)
{
    struct rows *rows = context;
    uint8_t seq[8];
    bytes_put_be64(seq, (uint64_t)event->seq);
    struct bytes key = { seq, sizeof seq }, id = { (const uint8_t *)event->id, strlen(event->id) };
    recording_add(&rows->recording, ROWS_EVENTS, WRITE_APPEND, key, bytes);
    recording_add(&rows->recording, ROWS_IDS, WRITE_PUT, id, key);
    rows->read++;
    if (rows->read * rows->bench->commits / rows->bench->events > rows->ended) {
        recording_end_commit(&rows->recording);
        rows->ended++;
    }
    return 0;
}

/* As many rows as one turn had, at least. */
static int read_rows(struct bench *bench, struct rows *rows, int64_t most)
{
    struct event_log *log;
    struct arena arena = { 0 };
    int result = event_log_open(bench->folder, STORE_READ_ONLY, &log, bench->fault);
    for (int64_t seq = 1; !result && seq <= bench->events && seq <= most; seq += READ_AT_ONCE) {
        arena_reset(&arena);
        result = event_log_read(log, (uint64_t)seq, READ_AT_ONCE, &arena, take_row, rows, bench->fault);
    }
    if (!result && rows->read > most)
        recording_end_commit(&rows->recording);
    event_log_close(log);
    arena_finish(&arena);
    return result;
}

static int write_rows(struct bench *bench)
{
    const struct store_layout layout = { .name = "events", .tables = rows_tables, .table_count = 2 };
    struct rows rows = { .bench = bench };
    int result = read_rows(bench, &rows, bench->events / rounds);
    for (int64_t round = 0; !result && round < rounds; round++) {
        struct peer_work work = { .recording = &rows.recording, .layout = &layout, .folder = options.folder };
        result = peer_lmdb(&work, false, bench->fault);
        double per_s = (double)rows.read * 1e6 / (double)work.spent.wall_us;
        bench->lmdb_per_s = per_s > bench->lmdb_per_s ? per_s : bench->lmdb_per_s;
    }
    recording_finish(&rows.recording);
    return result;
}

/* ---- the verdict ---- */

static void judge(const struct bench *bench, struct verdict *verdict)
{
    verdict_figure(verdict, VERDICT_WORK, "connections", (double)conversations, "each with one report under way");
    verdict_figure(verdict, VERDICT_WORK, "report_bytes", POST_BYTES, "of the form, as a peer stores it too");
    verdict_figure(verdict, VERDICT_WORK, "reports", (double)bench->events, "in our log");
    verdict_figure(verdict, VERDICT_WORK, "batch", (double)bench->events / (double)bench->commits,
                   "reports a commit, on the average");
    verdict_figure(verdict, VERDICT_WORK, "commit_us", (double)bench->commits_us / (double)bench->commits,
                   "µs from a batch to its fsync, on the average");
    for (enum way way = 0; way < WAY_COUNT; way++) {
        if (bench->best[way].per_s <= 0)
            continue;
        verdict_figure(verdict, ways[way].kind, ways[way].per_s, bench->best[way].per_s, ways[way].about);
        verdict_figure(verdict, ways[way].kind, ways[way].p50, (double)bench->best[way].p50_us,
                       "µs to the whole answer, the median");
        verdict_figure(verdict, ways[way].kind, ways[way].p99, (double)bench->best[way].p99_us,
                       "µs that 99 of 100 answers do not exceed");
        if (bench->best[way].cpu_us > 0)
            verdict_figure(verdict, ways[way].kind, ways[way].cpu, bench->best[way].cpu_us,
                           "µs of the processor that the program uses for one");
    }
    verdict_figure(verdict, VERDICT_LIMIT, "lmdb_per_s", bench->lmdb_per_s,
                   "plain LMDB, the same rows in commits of the average batch");
    verdict_ratio(verdict, "ingest_to_postgres", "ingest_per_s", "postgres_per_s", "ours ÷ PostgreSQL");
    verdict_ratio(verdict, "ingest_to_redis", "ingest_per_s", "redis_per_s", "ours ÷ Redis");
    verdict_ratio(verdict, "ingest_to_door", "ingest_per_s", "door_per_s", "ours ÷ our own door without a store");
    verdict_ratio(verdict, "ingest_to_lmdb", "ingest_per_s", "lmdb_per_s", "ours ÷ plain LMDB");
    verdict_bar(verdict, "ingest_to_postgres", VERDICT_AT_LEAST, 2);
    verdict_bar(verdict, "ingest_to_redis", VERDICT_AT_LEAST, 1);
    verdict_bar(verdict, "ingest_to_door", VERDICT_AT_LEAST, 0.3);
}

/* ---- the whole ---- */

static int measure(struct bench *bench)
{
    int result = posts_make(&bench->posts, bench->book, (uint64_t)options.seed, bench->fault);
    if (!result)
        result = folder_fresh(bench->folder, options.folder, "ingest", bench->fault);
    if (!result)
        result = start_ours(bench);
    if (!result)
        result = connect_all(bench);
    if (!result)
        result = take_turns(bench);
    return result ? result : count_commits(bench);
}

static void stop_all(struct bench *bench)
{
    for (enum way way = 0; way < WAY_COUNT; way++)
        if (bench->wires[way]) {
            wire_close(bench->wires[way]);
            free(bench->wires[way]);
        }
    inserts_close(bench->inserts);
    served_stop(&bench->ingest);
    served_stop(&bench->door);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct fault fault = { "" };
    struct verdict verdict = { .bench = "ingest" };
    bench.fault = &fault;
    int result = bench_begin(&program, argc, argv, &options, &bench.book, &fault);
    if (result == 0)
        result = measure(&bench);
    stop_all(&bench);
    if (result == 0)
        result = write_rows(&bench);
    if (result == 0)
        judge(&bench, &verdict);
    folder_remove(bench.folder);
    posts_finish(&bench.posts);
    book_destroy(bench.book);
    return bench_end(&options, &verdict, result, &fault);
}
