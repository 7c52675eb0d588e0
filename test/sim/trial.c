#include "test/sim/trial.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/sim/checks.h"
#include "test/sim/sim.h"

enum { TRIAL_CPU_SECONDS = 120 };

struct outcome *trial_outcomes(size_t count)
{
    void *memory =
        mmap(NULL, count * sizeof(struct outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return memory;
}

static void report(struct sim *sim, struct outcome *outcome)
{
    struct buffer text = { 0 };
    const struct seen_case *seen = view_case(&sim->view, sim->verdict.case_id);
    outcome->checker = sim->verdict.checker;
    outcome->birth = seen ? seen->birth : (struct birth){ 0 };
    buffer_format(&text, "%s: %s\n", checker_names[sim->verdict.checker], buffer_string(&sim->verdict.text));
    if (sim->verdict.case_id)
        check_print_case(sim, sim->verdict.case_id, &text);
    snprintf(outcome->report, sizeof outcome->report, "%s", buffer_string(&text));
    buffer_finish(&text);
}

static void play(struct sim *sim, const struct trial *trial)
{
    struct tape tape = { .plan = trial->tape->plan };
    for (size_t i = 0; i < trial->tape->count; i++)
        if (!trial->keep || trial->keep[i])
            tape_add(&tape, trial->tape->entries[i]);
    sim_play(sim, &tape);
}

static void run(const struct trial *trial, struct outcome *outcome)
{
    static struct sim sim;
    /* of its own time: how busy the machine is says nothing about the run */
    setrlimit(RLIMIT_CPU, &(struct rlimit){ TRIAL_CPU_SECONDS, TRIAL_CPU_SECONDS + 1 });
    if (trial->tape)
        play(&sim, trial);
    else
        sim_run(&sim, &trial->plan, trial->spool);
    outcome->inputs = sim.station.inputs;
    outcome->turns = sim.station.turns;
    outcome->cases = (int64_t)sim.view.count;
    outcome->failed = sim.verdict.failed;
    if (sim.verdict.failed)
        report(&sim, outcome);
    sim_finish(&sim);
    outcome->over = true;
}

pid_t trial_begin(const struct trial *trial, struct outcome *outcome)
{
    fflush(stdout);
    memset(outcome, 0, sizeof *outcome);
    pid_t child = fork();
    if (child == 0) {
        run(trial, outcome);
        _exit(0);
    }
    if (child < 0) {
        perror("fork");
        exit(1);
    }
    return child;
}

pid_t trial_wait(pid_t which, int *status)
{
    return waitpid(which ? which : -1, status, 0);
}

void trial_end(struct outcome *outcome, int status)
{
    if (outcome->over)
        return;
    outcome->over = outcome->failed = true;
    outcome->checker = CHECK_TURN;
    outcome->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    snprintf(outcome->report, sizeof outcome->report, "turn: the process ended by %s\n",
             outcome->signal ? strsignal(outcome->signal) : "itself");
}

void trial_run(const struct trial *trial, struct outcome *outcome)
{
    int status = 0;
    pid_t child = trial_begin(trial, outcome);
    if (trial_wait(child, &status) == child)
        trial_end(outcome, status);
}
