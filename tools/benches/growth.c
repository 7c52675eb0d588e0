/* bench-growth: what a whole report costs with few and with many cases in the store. One stream of reports, all taken to their end; at
 * each size a window of it is measured. */
#include <inttypes.h>

#include "tools/benches/options.h"
#include "tools/benches/rig.h"
#include "tools/benches/samples.h"

/* The open cases are few beside all, at any scale: reports come more slowly where the stores are smaller. */
enum { SIZES = 3, FULL_WINDOW = 10000, WINDOW_MIN = 2000, REPORTS_PER_HOUR = 3600 };

static struct bench_options options = { .book = "examples/gulou", .folder = "/var/tmp", .scale = 5, .seed = 1 };
static int64_t batch_inputs = 512;

static const struct arg args[] = {
    BENCH_ARGS(options),
    { "batch", ARG_INT, &batch_inputs, "N", "inputs that one turn, so one durable commit, takes at most", 1, 100000 },
};

static const struct arg_program program = {
    "bench-growth",
    "[options]",
    "The cost of a report with 10,000, 100,000 and 1,000,000 cases in the store. --scale 100 takes some minutes and\n"
    "about 25 GB in --folder; smaller scales have smaller stores.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

/* A window of the stream: from a size on, until it has grown by FULL_WINDOW (scaled). */
struct window {
    int64_t size; /* cases there when it begins */
    int64_t inputs;
    struct watch spent;
    int64_t file_bytes;
    struct samples turn_ns; /* per input, of each turn */
};

struct bench {
    struct book *book;
    struct rig rig;
    struct batch batch;
    struct window windows[SIZES];
    int64_t window_reports;
    struct workload_counts counts;
    int64_t inputs;
    struct fault *fault;
};

static struct window *window_at(struct bench *bench, int64_t cases)
{
    for (int i = 0; i < SIZES; i++)
        if (cases >= bench->windows[i].size && cases < bench->windows[i].size + bench->window_reports)
            return &bench->windows[i];
    return NULL;
}

static int turn(struct bench *bench, int64_t cases)
{
    struct window *window = window_at(bench, cases);
    struct watch before = bench->rig.spent;
    int result = rig_turn(&bench->rig, &bench->batch, bench->fault);
    if (!window || !bench->batch.count)
        return result;
    int64_t wall_us = bench->rig.spent.wall_us - before.wall_us;
    window->spent.wall_us += wall_us;
    window->spent.cpu_us += bench->rig.spent.cpu_us - before.cpu_us;
    window->inputs += (int64_t)bench->batch.count;
    window->file_bytes = rig_file_bytes(&bench->rig);
    samples_add(&window->turn_ns, wall_us * 1000 / (int64_t)bench->batch.count);
    return result;
}

static int grow_all(struct bench *bench)
{
    struct workload_plan plan = { .book = bench->book,
                                  .reports = INT64_MAX, /* some join the case of another one */
                                  .reports_per_hour = 1 + REPORTS_PER_HOUR * options.scale / 100,
                                  .start_ms = INT64_C(1767574800000),
                                  .seed = (uint64_t)options.seed };
    struct workload *workload = workload_create(&plan);
    int64_t end = bench->windows[SIZES - 1].size + bench->window_reports, cases = 0, said = 0;
    int result = rig_open(&bench->rig, options.folder, "growth", bench->book, 0, bench->fault);
    while (result == 0 && cases < end) {
        if (cases / (end / 10) > said)
            fprintf(stderr, "%" PRId64 " cases, %.1f µs a step so far\n", cases,
                    (double)bench->rig.spent.wall_us / (double)bench->rig.inputs);
        said = cases / (end / 10);
        result = workload_next(workload, bench->rig.store, (size_t)batch_inputs, &bench->batch, bench->fault);
        if (result == 0)
            result = turn(bench, cases);
        cases = workload_counts(workload)->reported - workload_counts(workload)->joined;
    }
    bench->counts = *workload_counts(workload);
    bench->inputs = bench->rig.inputs;
    workload_destroy(workload);
    rig_close(&bench->rig);
    return result < 0 ? result : 0;
}

static void judge(struct bench *bench, struct verdict *verdict)
{
    static const char *const names[SIZES][4] = { { "cases_few", "few_report_us", "few_cpu_us", "few_file_bytes" },
                                                 { "cases_more", "more_report_us", "more_cpu_us", "more_file_bytes" },
                                                 { "cases_many", "many_report_us", "many_cpu_us", "many_file_bytes" } };
    double steps = (double)bench->inputs / (double)bench->counts.closed;
    verdict_figure(verdict, VERDICT_WORK, "steps_per_report", steps, "inputs of a whole report");
    verdict_figure(verdict, VERDICT_WORK, "batch", (double)batch_inputs, "inputs a durable commit");
    for (int i = 0; i < SIZES; i++) {
        struct window *window = &bench->windows[i];
        double count = (double)window->inputs;
        verdict_figure(verdict, VERDICT_WORK, names[i][0], (double)window->size, "cases in the store");
        verdict_figure(verdict, VERDICT_OURS, names[i][1], (double)window->spent.wall_us / count * steps,
                       "µs a whole report at that size, durable");
        verdict_figure(verdict, VERDICT_OURS, names[i][2], (double)window->spent.cpu_us / count * steps,
                       "of these the processor's");
        verdict_figure(verdict, VERDICT_WORK, names[i][3], (double)window->file_bytes, "bytes of the store's file");
    }
    verdict_ratio(verdict, "many_to_few", "many_report_us", "few_report_us",
                  "what a report costs more in the big store");
    verdict_ratio(verdict, "many_to_few_cpu", "many_cpu_us", "few_cpu_us", "the same, the processor's time only");
    verdict_figure(verdict, VERDICT_RATIO, "many_to_few_median",
                   (double)samples_percentile(&bench->windows[SIZES - 1].turn_ns, 50) /
                       (double)samples_percentile(&bench->windows[0].turn_ns, 50),
                   "the same, by the median turn");
    verdict_bar(verdict, "many_to_few", VERDICT_AT_MOST, 2);
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct verdict verdict = { .bench = "growth" };
    struct bench bench = { .fault = &fault };
    int result = bench_begin(&program, argc, argv, &options, &bench.book, &fault);
    bench.window_reports = FULL_WINDOW * options.scale / 100;
    if (bench.window_reports < WINDOW_MIN)
        bench.window_reports = WINDOW_MIN;
    for (int64_t i = 0, size = 10000; i < SIZES; i++, size *= 10)
        bench.windows[i].size = size * options.scale / 100;
    if (result == 0)
        result = grow_all(&bench);
    if (result == 0)
        judge(&bench, &verdict);
    for (int i = 0; i < SIZES; i++)
        samples_finish(&bench.windows[i].turn_ns);
    batch_finish(&bench.batch);
    book_destroy(bench.book);
    return bench_end(&options, &verdict, result, &fault);
}
