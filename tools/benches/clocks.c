/* bench-clocks: many open clocks. What it costs the engine to arm, cancel and fire one, with the case around it; how late those are
 * that fall due together in real time; a restart; and the ordered list alone, beside a Redis ZSET. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/base/clock.h"
#include "proto/base/timestamp.h"
#include "tools/benches/due_list.h"
#include "tools/benches/options.h"
#include "tools/benches/restart.h"
#include "tools/benches/samples.h"

enum {
    FULL_CLOCKS = 1000000,
    FULL_FALLS = 100000,
    FULL_FALL_MS = 60000,
    CANCEL_SHARE = 20,
    GRACE_MS = 20000,
    HEARD_AT_ONCE = 256
};
#define ACCEPT_MINUTES INT64_C(86400) /* how long every report's clock runs from its receipt: books/calm */

static struct bench_options options = {
    .book = "tools/benches/books/calm", .folder = "/var/tmp", .scale = 10, .seed = 1
};
static int64_t batch_inputs = 512;
static const char *dispatcher;

static const struct arg args[] = {
    BENCH_ARGS(options),
    { "batch", ARG_INT, &batch_inputs, "N", "inputs, or clocks of the list, in one durable commit", 1, 100000 },
    { "dispatcher", ARG_TEXT, &dispatcher, "FILE", "drumtower-dispatcher, to start it again; without: no restart", 0,
      0 },
};

static const struct arg_program program = {
    "bench-clocks",
    "[options]",
    "Open clocks in the district of tools/benches/books/calm: arm, cancel, fire, bytes, restart, lateness.\n"
    "--scale 100 is 1,000,000 clocks, of which 100,000 fall due in one minute of real time; a smaller scale has\n"
    "fewer in a shorter time at the same rate.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

struct bench {
    struct book *book;
    struct rig rig;
    struct batch batch;
    struct arena arena;
    uint64_t random;
    int64_t clocks, falls, fall_ms, cancels;
    int64_t start_ms; /* now, really: the dispatcher that is started again must not find all overdue */
    int64_t due_ms;   /* when the first of the falls is due: two hours later */
    int64_t empty_bytes, file_bytes, empty_memory_bytes, memory_bytes, restart_us;
    struct watch arm, cancel, fire;
    struct fall {
        struct samples late_ms;
        int64_t fired, early, out_of_order, last_deadline_ms;
        uint64_t heard;
        int64_t now_ms;   /* of the turn under way */
        int64_t heard_ms; /* when its commit was through: only then does anybody hear of it */
    } fall;
    struct due_cost ours, redis;
    struct fault *fault;
};

/* Memory of this process that is not a page of a file: what the clocks would need beside the store. */
static int64_t own_memory_bytes(void)
{
    char line[128];
    int64_t kib = 0;
    FILE *status = fopen("/proc/self/status", "re");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "RssAnon: %" SCNd64, &kib) == 1)
            break;
    if (status)
        fclose(status);
    return kib * 1024;
}

/* ---- arm: reports whose receipts lie back by as much as their deadlines shall be scattered ---- */

static int64_t receipt_ms(struct bench *bench, int64_t i)
{
    int64_t span_ms = ACCEPT_MINUTES * MS_PER_MINUTE;
    bool falls = i % (bench->clocks / bench->falls) == 0 && i / (bench->clocks / bench->falls) < bench->falls;
    uint64_t random = workload_random(&bench->random);
    if (falls)
        return bench->due_ms - span_ms + (int64_t)(random % (uint64_t)bench->fall_ms);
    return bench->start_ms - (int64_t)(random % (UINT64_C(30) * MS_PER_DAY));
}

static int arm_all(struct bench *bench)
{
    int result = 0;
    bench->empty_bytes = rig_file_bytes(&bench->rig);
    bench->empty_memory_bytes = own_memory_bytes();
    for (int64_t i = 0; result == 0 && i < bench->clocks;) {
        batch_clear(&bench->batch);
        arena_reset(&bench->arena);
        bench->batch.now_ms = bench->start_ms;
        for (int64_t n = 0; n < batch_inputs && i < bench->clocks; n++, i++)
            batch_add(&bench->batch, INPUT_EVENT,
                      workload_report(bench->book, true, &bench->random, i + 1, receipt_ms(bench, i), &bench->arena));
        result = rig_turn(&bench->rig, &bench->batch, bench->fault);
    }
    bench->arm = bench->rig.spent;
    bench->rig.spent = (struct watch){ 0 };
    bench->file_bytes = rig_file_bytes(&bench->rig) - bench->empty_bytes;
    bench->memory_bytes = own_memory_bytes() - bench->empty_memory_bytes;
    return result;
}

/* ---- cancel: the desk refuses a report, and its clock stops ---- */

static int add_refusal(struct bench *bench, struct txn *txn, int64_t seq)
{
    int64_t id;
    struct case_file record;
    int result = case_find_receipt(txn, (uint64_t)seq, &id);
    if (result == 0)
        result = case_get(txn, id, &bench->arena, &record, bench->fault);
    if (result)
        return result < 0 ? result : fault_set(bench->fault, -EBADMSG, "report %" PRId64 " became no case", seq);
    struct command command = { .id = arena_format(&bench->arena, "%016" PRIx64, workload_random(&bench->random)),
                               .actor = "o-01",
                               .role = ROLE_OPERATOR,
                               .verb = VERB_REFUSE,
                               .case_number = record.number,
                               .reason = "不属于本区" };
    struct buffer bytes = { 0 };
    record_encode(&command_desc, &command, &bytes);
    batch_add(&bench->batch, INPUT_COMMAND, buffer_view(&bytes));
    buffer_finish(&bytes);
    return 0;
}

static int cancel_all(struct bench *bench)
{
    int64_t refused = bench->rig.turn.counts.refused;
    int result = 0;
    for (int64_t i = 0; result == 0 && i < bench->cancels;) {
        batch_clear(&bench->batch);
        bench->batch.now_ms = bench->start_ms;
        struct txn *txn = txn_begin_read(bench->rig.store);
        for (int64_t n = 0; result == 0 && n < batch_inputs && i < bench->cancels; n++, i++) {
            arena_reset(&bench->arena);
            result = add_refusal(bench, txn, 2 + i * (bench->clocks / bench->cancels)); /* never one that falls */
        }
        txn_abort(txn);
        if (result == 0)
            result = rig_turn(&bench->rig, &bench->batch, bench->fault);
    }
    bench->cancel = bench->rig.spent;
    bench->rig.spent = (struct watch){ 0 };
    if (result == 0 && bench->rig.turn.counts.refused != refused)
        result =
            fault_set(bench->fault, -EBADMSG, "the engine did not take the refusals: what was measured is not that");
    return result;
}

/* ---- restart ---- */

static int restart(struct bench *bench)
{
    if (!dispatcher)
        return 0;
    rig_stop(&bench->rig);
    int result = restart_measure(dispatcher, bench->rig.folder, options.book, &bench->restart_us, bench->fault);
    return result ? result : rig_start(&bench->rig, bench->fault);
}

/* ---- fall: a minute of real time, turned as the service does: sleep until the next one, a turn, a commit ---- */

static int hear(void *context, const struct notice *notice)
{
    struct fall *fall = context;
    fall->heard = (uint64_t)notice->seq;
    if (notice->verb != VERB_OVERDUE || strcmp(notice->topic, "desk") != 0)
        return 0;
    fall->fired++;
    fall->early += notice->deadline_ms >= fall->now_ms;
    fall->out_of_order += notice->deadline_ms < fall->last_deadline_ms;
    fall->last_deadline_ms = notice->deadline_ms;
    samples_add(&fall->late_ms, fall->heard_ms - notice->deadline_ms);
    return 0;
}

static int hear_new(struct bench *bench, int64_t heard_ms)
{
    struct txn *txn = txn_begin_read(bench->rig.store);
    struct fall *fall = &bench->fall;
    uint64_t last = outbox_last(txn);
    int result = 0;
    fall->heard_ms = heard_ms;
    while (result == 0 && fall->heard < last) {
        arena_reset(&bench->arena);
        result = outbox_read(txn, NULL, fall->heard, HEARD_AT_ONCE, &bench->arena, hear, fall, bench->fault);
    }
    txn_abort(txn);
    return result;
}

static void sleep_ms(int64_t ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static int64_t next_due_ms(struct bench *bench)
{
    struct txn *txn = txn_begin_read(bench->rig.store);
    int64_t next_ms = engine_next_due_ms(txn);
    txn_abort(txn);
    return next_ms;
}

/* The moment in the district after so much real time. */
static int64_t fall_now_ms(const struct bench *bench, int64_t began_ms)
{
    return bench->due_ms + clock_mono_ms() - began_ms;
}

static int fall_all(struct bench *bench)
{
    int64_t began_ms = clock_mono_ms(), end_ms = bench->due_ms + bench->fall_ms + GRACE_MS;
    int result = 0;
    struct txn *txn = txn_begin_read(bench->rig.store);
    bench->fall.heard = outbox_last(txn);
    txn_abort(txn);
    while (result == 0 && bench->fall.fired < bench->falls && fall_now_ms(bench, began_ms) < end_ms) {
        bench->fall.now_ms = fall_now_ms(bench, began_ms);
        result = rig_pulse(&bench->rig, bench->fall.now_ms, bench->fault);
        if (result == 0)
            result = hear_new(bench, fall_now_ms(bench, began_ms));
        int64_t left_ms = next_due_ms(bench) - fall_now_ms(bench, began_ms);
        if (left_ms > 0)
            sleep_ms(left_ms < 1000 ? left_ms : 1000);
    }
    bench->fire = bench->rig.spent;
    return result;
}

/* ---- the list alone ---- */

static int measure_lists(struct bench *bench)
{
    struct due_plan plan = { .clocks = bench->clocks,
                             .cancels = bench->cancels,
                             .fires = bench->falls,
                             .batch = batch_inputs,
                             .seed = (uint64_t)options.seed };
    int result = due_list_ours(&plan, options.folder, &bench->ours, bench->fault);
    if (result == 0 && options.redis)
        result = due_list_redis(&plan, options.redis, &bench->redis, bench->fault);
    if (result == 0 && !(bench->ours.in_order && (!options.redis || bench->redis.in_order)))
        result =
            fault_set(bench->fault, -EBADMSG, "a list gave its clocks in another order than that of their moments");
    return result;
}

/* ---- the verdict ---- */

static double each(struct watch spent, int64_t count)
{
    return (double)spent.wall_us / (double)count;
}

static void judge_engine(struct bench *bench, struct verdict *verdict)
{
    struct fall *fall = &bench->fall;
    verdict_figure(verdict, VERDICT_WORK, "open_clocks", (double)bench->clocks, "armed by as many reports");
    verdict_figure(verdict, VERDICT_WORK, "falls", (double)bench->falls, "of them fall due together");
    verdict_figure(verdict, VERDICT_WORK, "fall_s", (double)bench->fall_ms / 1000,
                   "seconds of real time in which they do");
    verdict_figure(verdict, VERDICT_WORK, "batch", (double)batch_inputs, "inputs a durable commit");
    verdict_figure(verdict, VERDICT_OURS, "report_us", each(bench->arm, bench->clocks),
                   "µs to take a report and arm its clock, durable");
    verdict_figure(verdict, VERDICT_OURS, "refuse_us", each(bench->cancel, bench->cancels),
                   "µs to refuse a report and cancel its clock");
    verdict_figure(verdict, VERDICT_OURS, "overdue_us", each(bench->fire, bench->falls),
                   "µs to fire one: history, notices, lists; as they come, so small commits");
    verdict_figure(verdict, VERDICT_OURS, "file_bytes", (double)bench->file_bytes / (double)bench->clocks,
                   "bytes of the file for a report with its case, history, notices and clock");
    verdict_figure(verdict, VERDICT_OURS, "memory_bytes", (double)bench->memory_bytes / (double)bench->clocks,
                   "bytes of the process's own memory for each");
    if (bench->restart_us)
        verdict_figure(verdict, VERDICT_OURS, "restart_s", (double)bench->restart_us / 1e6,
                       "seconds from exec to ready, nothing of the file in memory");
    verdict_figure(verdict, VERDICT_OURS, "late_p50_ms", (double)samples_percentile(&fall->late_ms, 50),
                   "ms from the deadline to the end of the commit that says so");
    verdict_figure(verdict, VERDICT_OURS, "late_p99_ms", (double)samples_percentile(&fall->late_ms, 99), "the same");
    verdict_figure(verdict, VERDICT_OURS, "late_max_ms", (double)samples_percentile(&fall->late_ms, 100), "the same");
    verdict_figure(verdict, VERDICT_OURS, "not_fired_once", (double)llabs(bench->falls - fall->fired),
                   "fired too often or not at all");
    verdict_figure(verdict, VERDICT_OURS, "early", (double)fall->early, "fired before the deadline was over");
    verdict_figure(verdict, VERDICT_OURS, "out_of_order", (double)fall->out_of_order,
                   "after one with a later deadline");
    if (bench->restart_us)
        verdict_bar(verdict, "restart_s", VERDICT_AT_MOST, 2);
    verdict_bar(verdict, "late_p99_ms", VERDICT_AT_MOST, 1000);
    verdict_bar(verdict, "not_fired_once", VERDICT_AT_MOST, 0);
    verdict_bar(verdict, "early", VERDICT_AT_MOST, 0);
    verdict_bar(verdict, "out_of_order", VERDICT_AT_MOST, 0);
}

static void judge_lists(struct bench *bench, struct verdict *verdict)
{
    const struct due_cost *ours = &bench->ours, *redis = &bench->redis;
    verdict_figure(verdict, VERDICT_LIMIT, "list_arm_us", each(ours->arm, bench->clocks), "µs, the ordered list alone");
    verdict_figure(verdict, VERDICT_LIMIT, "list_cancel_us", each(ours->cancel, bench->cancels), "µs, the same");
    verdict_figure(verdict, VERDICT_LIMIT, "list_fire_us", each(ours->fire, bench->falls), "µs, the same");
    verdict_figure(verdict, VERDICT_LIMIT, "list_file_bytes", (double)ours->file_bytes / (double)bench->clocks,
                   "bytes of the file for each");
    if (!redis->arm.wall_us)
        return;
    verdict_figure(verdict, VERDICT_PEER, "redis_arm_us", each(redis->arm, bench->clocks),
                   "µs, a Redis ZSET, ZADD of a batch, appendfsync always");
    verdict_figure(verdict, VERDICT_PEER, "redis_cancel_us", each(redis->cancel, bench->cancels),
                   "µs, ZREM of a batch");
    verdict_figure(verdict, VERDICT_PEER, "redis_fire_us", each(redis->fire, bench->falls), "µs, ZPOPMIN of a batch");
    verdict_figure(verdict, VERDICT_PEER, "redis_memory_bytes", (double)redis->memory_bytes / (double)bench->clocks,
                   "bytes of its memory for each");
    verdict_figure(verdict, VERDICT_PEER, "redis_file_bytes", (double)redis->file_bytes / (double)bench->clocks,
                   "bytes of its file for each");
    verdict_ratio(verdict, "redis_to_list_arm", "redis_arm_us", "list_arm_us", "above 1: ours is faster");
    verdict_ratio(verdict, "redis_to_list_cancel", "redis_cancel_us", "list_cancel_us", "the same");
    verdict_ratio(verdict, "redis_to_list_fire", "redis_fire_us", "list_fire_us", "the same");
}

/* ---- the whole ---- */

static int measure(struct bench *bench)
{
    bench->clocks = FULL_CLOCKS * options.scale / 100;
    bench->falls = FULL_FALLS * options.scale / 100;
    bench->fall_ms = FULL_FALL_MS * options.scale / 100;
    bench->cancels = bench->clocks / CANCEL_SHARE;
    bench->start_ms = clock_now_ms();
    bench->due_ms = bench->start_ms + 2 * MS_PER_HOUR;
    bench->random = (uint64_t)options.seed;
    int result = rig_open(&bench->rig, options.folder, "clocks", bench->book, 0, bench->fault);
    if (result == 0)
        result = arm_all(bench);
    if (result == 0)
        result = cancel_all(bench);
    if (result == 0)
        result = fall_all(
            bench); /* before the restart: it lets the system forget the file, and what falls is not a cold start's */
    if (result == 0)
        result = restart(bench);
    rig_close(&bench->rig);
    return result ? result : measure_lists(bench);
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct verdict verdict = { .bench = "clocks" };
    struct bench bench = { .fault = &fault };
    int result = bench_begin(&program, argc, argv, &options, &bench.book, &fault);
    if (result == 0)
        result = measure(&bench);
    if (result == 0) {
        judge_engine(&bench, &verdict);
        judge_lists(&bench, &verdict);
    }
    samples_finish(&bench.fall.late_ms);
    batch_finish(&bench.batch);
    arena_finish(&bench.arena);
    book_destroy(bench.book);
    return bench_end(&options, &verdict, result, &fault);
}
