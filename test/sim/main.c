/* Seeds, one run each, several at a time; their results in TAP. A failing one is shrunk, and written down to be played again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/args.h"
#include "test/sim/shrink.h"
#include "tools/benches/grow.h"

static int64_t seeds = 50, from = 1, one = 0, days = 7, reports = 300, jobs = 2;
static const char *replay, *folder = ".";
static bool no_shrink;

static const struct arg args[] = {
    { "seeds", ARG_INT, &seeds, "N", "so many runs", 1, 1000000 },
    { "from", ARG_INT, &from, "S", "seed of the first", 0, 0 },
    { "seed", ARG_INT, &one, "S", "this one alone, again", 0, 0 },
    { "replay", ARG_TEXT, &replay, "FILE", "the tape of a failing run, again", 0, 0 },
    { "days", ARG_INT, &days, "N", "simulated days of a run", 1, 60 },
    { "reports", ARG_INT, &reports, "N", "reports a day", 1, 10000 },
    { "jobs", ARG_INT, &jobs, "N", "so many runs at a time", 1, 64 },
    { "folder", ARG_TEXT, &folder, "DIR", "where tapes of failing runs are left", 0, 0 },
    { "no-shrink", ARG_FLAG, &no_shrink, "", "a failing run is told, and left as it is", 0, 0 },
};
static const struct arg_program program = {
    .name = "sim",
    .usage = "[--seeds N --from S | --seed S | --replay FILE] [options]",
    .summary = "Weeks of invented districts, each from a seed: people, faults, calendars, crashes; and checkers that "
               "look at\n"
               "every step. The same seed gives the same week. See test/sim/README.md.",
    .args = args,
    .arg_count = sizeof args / sizeof *args,
};

static void print_report(const char *text)
{
    for (const char *line = text; *line;) {
        int length = (int)strcspn(line, "\n");
        printf("# %.*s\n", length, line);
        line += length + (line[length] == '\n');
    }
}

/* ---- a failing run ---- */

static bool read_tape(const char *path, struct tape *tape, struct fault *fault)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fault_set(fault, -errno, "%s", strerror(errno));
        return false;
    }
    int result = tape_read(tape, file, fault);
    fclose(file);
    return result == 0;
}

static bool write_tape(const char *path, const struct tape *tape, const bool *keep)
{
    FILE *file = fopen(path, "w");
    bool written = file && tape_write(tape, keep, file);
    return file && fclose(file) == 0 && written;
}

/* Runs it once more to have its tape, then makes that small. */
static void shrink(const struct plan *plan, const struct outcome *outcome)
{
    char path[512];
    struct tape tape = { 0 };
    struct fault fault = { "" };
    struct outcome *again = trial_outcomes(1);
    struct plan smaller = shrink_plan(plan, outcome);
    snprintf(path, sizeof path, "%s/sim-seed-%" PRIu64 ".tape", folder, plan->seed);
    trial_run(&(struct trial){ .plan = smaller, .spool = path }, again);
    if (!again->failed || !read_tape(path, &tape, &fault)) {
        printf("# it did not fail once more, or its tape cannot be read: %s\n", fault.text);
        return;
    }
    bool *keep = allocate(tape.count, sizeof *keep);
    memset(keep, true, tape.count * sizeof *keep);
    size_t left = shrink_tape(&tape, again, keep);
    trial_run(&(struct trial){ .plan = smaller, .tape = &tape, .keep = keep }, again);
    printf("# shrunk to %" PRId64 " days of %" PRId64 " reports and %zu of %zu entries; faults:", smaller.days,
           smaller.reports_per_day, left, tape.count);
    for (int fault_class = 0; fault_class < FAULT_COUNT; fault_class++)
        if (plan_has(&smaller, (enum fault_class)fault_class))
            printf(" %s", plan_fault_names[fault_class]);
    printf("\n");
    print_report(again->report);
    if (write_tape(path, &tape, keep))
        printf("# again: sim --replay %s\n", path);
    free(keep);
    tape_finish(&tape);
}

static void tell(int64_t number, const struct plan *plan, const struct outcome *outcome)
{
    printf("%sok %" PRId64 " - seed %" PRIu64 ": %" PRId64 " cases, %" PRId64 " inputs in %" PRId64 " turns\n",
           outcome->failed ? "not " : "", number, plan->seed, outcome->cases, outcome->inputs, outcome->turns);
    if (!outcome->failed)
        return;
    print_report(outcome->report);
    printf("# again: sim --seed %" PRIu64 " --days %" PRId64 " --reports %" PRId64 "\n", plan->seed, plan->days,
           plan->reports_per_day);
    if (!no_shrink)
        shrink(plan, outcome);
}

/* ---- all runs ---- */

struct runs {
    struct outcome *outcomes;
    pid_t *processes;
    int64_t begun, told, failed;
};

static struct plan plan_of(int64_t run)
{
    return plan_of_seed((uint64_t)(one ? one : from + run), days, reports);
}

static void begin_run(struct runs *runs)
{
    struct trial trial = { .plan = plan_of(runs->begun) };
    runs->processes[runs->begun] = trial_begin(&trial, &runs->outcomes[runs->begun]);
    runs->begun++;
}

static void await_run(struct runs *runs)
{
    int status = 0;
    pid_t ended = trial_wait(0, &status);
    for (int64_t i = 0; i < runs->begun; i++)
        if (runs->processes[i] == ended)
            trial_end(&runs->outcomes[i], status);
    for (; runs->told < runs->begun && runs->outcomes[runs->told].over; runs->told++) {
        struct plan plan = plan_of(runs->told);
        tell(runs->told + 1, &plan, &runs->outcomes[runs->told]);
        runs->failed += runs->outcomes[runs->told].failed;
    }
}

static int run_all(int64_t count)
{
    struct runs runs = { .outcomes = trial_outcomes((size_t)count),
                         .processes = allocate((size_t)count, sizeof(pid_t)) };
    printf("1..%" PRId64 "\n", count);
    while (runs.told < count) {
        while (runs.begun < count && runs.begun - runs.told < jobs)
            begin_run(&runs);
        await_run(&runs);
    }
    free(runs.processes);
    return runs.failed != 0;
}

static int replay_tape(void)
{
    struct tape tape = { 0 };
    struct fault fault = { "" };
    if (!read_tape(replay, &tape, &fault)) {
        fprintf(stderr, "sim: %s: %s\n", replay, fault.text);
        return 2;
    }
    struct outcome *outcome = trial_outcomes(1);
    trial_run(&(struct trial){ .plan = tape.plan, .tape = &tape }, outcome);
    printf("1..1\n%sok 1 - %s: %" PRId64 " cases, %" PRId64 " inputs in %" PRId64 " turns\n",
           outcome->failed ? "not " : "", replay, outcome->cases, outcome->inputs, outcome->turns);
    print_report(outcome->report);
    tape_finish(&tape);
    return outcome->failed;
}

int main(int argc, char **argv)
{
    struct fault fault;
    int operands;
    int parsed = args_parse(&program, argc, argv, &operands, &fault);
    if (parsed < 0)
        fprintf(stderr, "sim: %s\n", fault.text);
    if (parsed != ARGS_RUN)
        return parsed < 0 ? 2 : 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    return replay ? replay_tape() : run_all(one ? 1 : seeds);
}
