/* Verdict: the first thing that a checker found wrong in a run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"

/* X(name, what it holds true) */
#define CHECKERS(X) \
    X(TURN, "turn", "the engine takes every input, and the store opens after every crash") \
    X(ANSWER, "answer", "a command that is given again gets its first answer again") \
    X(CRASH, "crash", "what was not committed has left nothing, what was committed has left everything") \
    X(LIMITS, "limits", \
      "every deadline is the one that a walk through the minutes finds, every warning at its share of the span") \
    X(CLOCKS, "clocks", "every clock fires once, in its moment, and not after what it waited for") \
    X(STATES, "states", "every case has a history that the table of the lifecycle allows, and ends in its state") \
    X(RECEIPTS, "receipts", "every report is a voice of exactly one case") \
    X(EFFECTS, "effects", "every command that was answered with ok was done, and once") \
    X(NOTICES, "notices", "every reader gets every notice of its topic, in order") \
    X(EXCLUSIVE, "exclusive", \
      "one lead at a time; who disposes neither checks nor closes; nobody off duty is given a task by the engine") \
    X(COUNTS, "counts", "lists and counters equal counts of the cases") \
    X(REPLAY, "replay", "the journal replayed gives the same bytes, however its entries are grouped into turns") \
    X(REST, "rest", "when the faults end and everybody does the obvious, every case ends and no clock is left")

enum checker {
#define CHECKER_ENUM(name, text, promise) CHECK_##name,
    CHECKERS(CHECKER_ENUM)
#undef CHECKER_ENUM
        CHECKER_COUNT
};
extern const char *const checker_names[CHECKER_COUNT];
extern const char *const checker_promises[CHECKER_COUNT];

struct verdict {
    bool failed;
    enum checker checker;
    int64_t case_id; /* 0: of no one case */
    struct buffer text;
};

/* Keeps the first one only. */
void verdict_fail(struct verdict *verdict, enum checker checker, int64_t case_id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void verdict_finish(struct verdict *verdict); /* safe on a zeroed struct */
