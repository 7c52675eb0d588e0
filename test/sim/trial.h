/* Trial: a run in a process of its own, so that an assertion that fails ends that run alone; and what came of it. */
#pragma once

#include <sys/types.h>

#include "test/sim/tape.h"
#include "test/sim/verdict.h"

struct outcome {
    bool over, failed;
    int signal; /* that ended the process; 0: none */
    enum checker checker;
    struct birth birth; /* of the case that the verdict names */
    int64_t inputs, turns, cases;
    char report[6000]; /* for a person: what was wrong, and the case's history */
};

/* What a trial runs: a plan, or a tape without some of its entries. */
struct trial {
    struct plan plan;
    const struct tape *tape; /* NULL: the plan, alive */
    const bool *keep;        /* of the tape's entries; NULL: all */
    const char *spool;       /* where a live run writes its tape as it goes; NULL: nowhere */
};

/* Memory that trials and their parent share. */
struct outcome *trial_outcomes(size_t count);
/* Begins one in the background; its process id. */
pid_t trial_begin(const struct trial *trial, struct outcome *outcome);
/* Waits for one of those that were begun (0: any): its id. */
pid_t trial_wait(pid_t which, int *status);
/* The process has ended: completes the outcome. */
void trial_end(struct outcome *outcome, int status);
/* All of that at once. */
void trial_run(const struct trial *trial, struct outcome *outcome);
