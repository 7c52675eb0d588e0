/* bench-engine: whole reports through the loop (report, accept, dispatch, take, arrive, dispose, check, close), with clocks, notices,
 * counters and journal, durable; beside it plain LMDB and PostgreSQL with the same writes in the same commits. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dispatcher/service.h"
#include "proto/base/daemon.h"
#include "tools/benches/grow.h"
#include "tools/benches/options.h"
#include "tools/benches/peers.h"
#include "tools/benches/samples.h"

#define MAP_BYTES (INT64_C(8) << 30) /* room for ten times the full size; valgrind cannot map what the daemons do */
enum { FULL_REPORTS = 10000, ROUNDS_MAX = 15, REPORTS_PER_HOUR = 4 * 3600 };

static struct bench_options options = { .book = "examples/gulou", .folder = "/var/tmp", .scale = 20, .seed = 1 };
static int64_t batch_inputs = SERVICE_TURN_INPUTS, rounds = 3;
static bool alone;

static const struct arg args[] = {
    BENCH_ARGS(options),
    { "batch", ARG_INT, &batch_inputs, "N", "inputs that one turn, so one durable commit, takes at most", 1, 100000 },
    { "rounds", ARG_INT, &rounds, "N", "how often all is measured, in turns; the best of each counts", 1, ROUNDS_MAX },
    { "alone", ARG_FLAG, &alone, NULL, "the engine's turns only: for a profiler", 0, 0 },
};

static const struct arg_program program = {
    "bench-engine",
    "[options]",
    "Whole reports per second through the dispatcher's turn, durable, beside plain LMDB and PostgreSQL doing the\n"
    "same writes in the same commits. --scale 100 is 10,000 reports.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

/* Everything that is measured, in one table: what the name of its figure is and what a person reads. */
#define RUNS(X) \
    X(OURS, "engine", "whole reports/s, the engine's turns") \
    X(LIMIT, "lmdb", "whole reports/s, plain LMDB, the same writes") \
    X(LIMIT, "lmdb_net", "whole reports/s, plain LMDB, each row once a commit") \
    X(PEER, "postgres_steps_rows", "whole reports/s, PostgreSQL, every row change, our rows as its rows") \
    X(PEER, "postgres_steps_indexes", "the same, lists as its own indexes") \
    X(PEER, "postgres_bulk_rows", "whole reports/s, PostgreSQL told the net of a commit only, by COPY") \
    X(PEER, "postgres_bulk_indexes", "the same, lists as its own indexes")
enum run {
    RUN_ENGINE,
    RUN_LMDB,
    RUN_LMDB_NET,
    RUN_STEPS_ROWS,
    RUN_STEPS_INDEXES,
    RUN_BULK_ROWS,
    RUN_BULK_INDEXES,
    RUN_COUNT
};
static const struct {
    enum verdict_kind kind;
    const char *name, *about;
} runs[] = {
#define RUN_ROW(kind, name, about) { VERDICT_##kind, name, about },
    RUNS(RUN_ROW)
#undef RUN_ROW
};

struct bench {
    struct book *book;
    struct recording recording;
    struct batch *turns; /* as the recording run made them */
    size_t turn_count, turn_room;
    struct workload_counts counts;
    int64_t inputs, file_bytes;
    struct samples wall[RUN_COUNT], cpu[RUN_COUNT], written[RUN_COUNT];
    struct fault *fault;
};

/* ---- the recording run: makes the inputs, and notes what is written ---- */

static struct batch *next_turn(struct bench *bench)
{
    bench->turns = grow(bench->turns, bench->turn_count, &bench->turn_room, sizeof *bench->turns);
    bench->turns[bench->turn_count] = (struct batch){ 0 };
    return &bench->turns[bench->turn_count];
}

static int record(struct bench *bench)
{
    struct rig rig = { 0 };
    struct workload_plan plan = { .book = bench->book,
                                  .reports = FULL_REPORTS * options.scale / 100,
                                  .reports_per_hour = REPORTS_PER_HOUR,
                                  .start_ms = INT64_C(1767574800000), /* Monday 2026-01-05 09:00 in Shanghai */
                                  .seed = (uint64_t)options.seed };
    struct workload *workload = workload_create(&plan);
    int result = rig_open(&rig, options.folder, "recorded", bench->book, MAP_BYTES, bench->fault);
    recorder_start(&bench->recording);
    while (result == 0) {
        struct batch *batch = next_turn(bench);
        result = workload_next(workload, rig.store, (size_t)batch_inputs, batch, bench->fault);
        if (result == 0) {
            bench->turn_count++;
            result = rig_turn(&rig, batch, bench->fault);
        } else
            batch_finish(batch);
    }
    recorder_start(NULL);
    bench->counts = *workload_counts(workload);
    bench->inputs = rig.inputs;
    bench->file_bytes = rig.store ? rig_file_bytes(&rig) : 0;
    rig_close(&rig);
    workload_destroy(workload);
    return result < 0 ? result : 0;
}

/* ---- measured runs ---- */

static int run_engine(struct bench *bench, struct watch *spent)
{
    struct rig rig = { 0 };
    int result = rig_open(&rig, options.folder, "engine", bench->book, MAP_BYTES, bench->fault);
    for (size_t i = 0; result == 0 && i < bench->turn_count; i++)
        result = rig_turn(&rig, &bench->turns[i], bench->fault);
    *spent = rig.spent;
    rig_close(&rig);
    return result;
}

static int run_one(struct bench *bench, enum run run, struct watch *spent)
{
    static const char *const tables[] = {
#define BENCH_TABLE(name, text) text,
        CASE_TABLES(BENCH_TABLE)
#undef BENCH_TABLE
    };
    const struct store_layout layout = { .name = "cases",
                                         .tables = tables,
                                         .table_count = sizeof tables / sizeof *tables };
    struct peer_work work = { .recording = &bench->recording, .layout = &layout, .folder = options.folder };
    int result = 0;
    if (run == RUN_ENGINE)
        return run_engine(bench, spent);
    if (run == RUN_LMDB || run == RUN_LMDB_NET)
        result = peer_lmdb(&work, run == RUN_LMDB_NET, bench->fault);
    else if (options.postgres)
        result = peer_postgres(&work, options.postgres, run < RUN_BULK_ROWS ? POSTGRES_STEPS : POSTGRES_BULK,
                               run == RUN_STEPS_ROWS || run == RUN_BULK_ROWS ? POSTGRES_ROWS : POSTGRES_INDEXES,
                               bench->fault);
    *spent = work.spent;
    return result;
}

static int measure(struct bench *bench)
{
    int result = 0;
    for (int64_t round = 0; result == 0 && round < rounds; round++)
        for (enum run run = RUN_ENGINE; result == 0 && run < (alone ? RUN_LMDB : RUN_COUNT); run++) {
            struct watch spent = { 0 };
            int64_t written = written_bytes();
            result = run_one(bench, run, &spent);
            if (spent.wall_us) {
                samples_add(&bench->written[run], written_bytes() - written);
                samples_add(&bench->wall[run], spent.wall_us);
                samples_add(&bench->cpu[run], spent.cpu_us);
                fprintf(stderr, "round %" PRId64 " of %" PRId64 ": %-22s %.2f s\n", round + 1, rounds, runs[run].name,
                        (double)spent.wall_us / 1e6);
            }
        }
    return result;
}

/* ---- the verdict ---- */

/* The round that was disturbed least: the machine may have other work. */
static double best(struct samples *samples)
{
    return (double)samples_percentile(samples, 0);
}

/* Which rows the writes are. */
static void judge_tables(struct bench *bench, struct verdict *verdict)
{
    static const struct {
        const char *writes, *bytes;
    } names[] = {
#define BENCH_FIGURES(name, text) { "writes_per_step_" text, "bytes_per_step_" text },
        CASE_TABLES(BENCH_FIGURES)
#undef BENCH_FIGURES
    };
    for (size_t table = 0; table < sizeof names / sizeof *names; table++) {
        double writes = 0, bytes = 0;
        for (size_t i = 0; i < bench->recording.count; i++) {
            const struct row_write *write = &bench->recording.writes[i];
            writes += write->table == table;
            bytes += write->table == table ? write->key_size + write->value_size : 0;
        }
        verdict_figure(verdict, VERDICT_WORK, names[table].writes, writes / (double)bench->inputs, "");
        verdict_figure(verdict, VERDICT_WORK, names[table].bytes, bytes / (double)bench->inputs, "");
    }
}

static void judge(struct bench *bench, struct verdict *verdict)
{
    static const char *const steps[] = { "postgres_steps_rows", "postgres_steps_indexes" };
    static const char *const bulk[] = { "postgres_bulk_rows", "postgres_bulk_indexes" };
    const struct recording *recording = &bench->recording;
    double closed = (double)bench->counts.closed, inputs = (double)bench->inputs;
    verdict_figure(verdict, VERDICT_WORK, "reports_closed", closed, "reports that went through all stages");
    verdict_figure(verdict, VERDICT_WORK, "reports_joined", (double)bench->counts.joined,
                   "of the same run: further voices of those");
    verdict_figure(verdict, VERDICT_WORK, "reports_left",
                   (double)bench->counts.reported - closed - (double)bench->counts.joined,
                   "of the same run: came to no end");
    verdict_figure(verdict, VERDICT_WORK, "batch", (double)batch_inputs, "inputs a turn, so a durable commit, at most");
    verdict_figure(verdict, VERDICT_WORK, "commits", (double)recording->commits.count, "of every run");
    verdict_figure(verdict, VERDICT_WORK, "steps_per_report", inputs / closed, "inputs, so engine steps");
    verdict_figure(verdict, VERDICT_WORK, "writes_per_step", (double)recording->count / inputs,
                   "rows put or deleted, of LMDB, a step");
    verdict_figure(verdict, VERDICT_WORK, "bytes_per_step", (double)recording->bytes.size / inputs, "keys and values");
    judge_tables(bench, verdict);
    verdict_figure(verdict, VERDICT_WORK, "file_bytes_per_report", (double)bench->file_bytes / closed,
                   "of the store's file");
    for (enum run run = RUN_ENGINE; run < RUN_COUNT; run++)
        if (bench->wall[run].count)
            verdict_figure(verdict, runs[run].kind, runs[run].name, closed * 1e6 / best(&bench->wall[run]),
                           runs[run].about);
    verdict_figure(verdict, VERDICT_OURS, "us_per_step", best(&bench->wall[RUN_ENGINE]) / inputs,
                   "microseconds a step, with its share of the commit");
    verdict_figure(verdict, VERDICT_OURS, "cpu_us_per_step", best(&bench->cpu[RUN_ENGINE]) / inputs,
                   "of these the processor's");
    verdict_figure(verdict, VERDICT_OURS, "page_bytes_per_step", best(&bench->written[RUN_ENGINE]) / inputs,
                   "bytes written to the file for a step: whole pages");
    if (bench->wall[RUN_LMDB].count) {
        verdict_figure(verdict, VERDICT_LIMIT, "lmdb_us_per_step", best(&bench->wall[RUN_LMDB]) / inputs,
                       "plain LMDB, the same writes");
        verdict_figure(verdict, VERDICT_LIMIT, "lmdb_cpu_us_per_step", best(&bench->cpu[RUN_LMDB]) / inputs,
                       "of these the processor's");
    }
    verdict_best(verdict, VERDICT_PEER, "postgres", steps, 2, "the better shape, the same row changes");
    verdict_best(verdict, VERDICT_PEER, "postgres_bulk", bulk, 2, "the better shape, the net only");
    verdict_ratio(verdict, "engine_to_lmdb", "engine", "lmdb", "engine ÷ plain LMDB");
    verdict_ratio(verdict, "engine_to_postgres", "engine", "postgres", "engine ÷ PostgreSQL; 10 is the aim");
    verdict_ratio(verdict, "engine_to_postgres_bulk", "engine", "postgres_bulk", "no bar: it is spared most changes");
    verdict_bar(verdict, "engine_to_lmdb", VERDICT_AT_LEAST, 0.5);
    verdict_bar(verdict, "engine_to_postgres", VERDICT_AT_LEAST, 3);
    verdict_bar(verdict, "reports_left", VERDICT_AT_MOST, 0);
}

static void finish(struct bench *bench)
{
    for (size_t i = 0; i < bench->turn_count; i++)
        batch_finish(&bench->turns[i]);
    for (enum run run = RUN_ENGINE; run < RUN_COUNT; run++) {
        samples_finish(&bench->wall[run]);
        samples_finish(&bench->cpu[run]);
        samples_finish(&bench->written[run]);
    }
    free(bench->turns);
    recording_finish(&bench->recording);
    book_destroy(bench->book);
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct verdict verdict = { .bench = "engine" };
    struct bench bench = { .fault = &fault };
    int result = bench_begin(&program, argc, argv, &options, &bench.book, &fault);
    if (result == 0)
        result = record(&bench);
    if (result == 0)
        result = measure(&bench);
    if (result == 0)
        judge(&bench, &verdict);
    finish(&bench);
    return bench_end(&options, &verdict, result, &fault);
}
