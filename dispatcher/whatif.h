/* What if (设想): the recorded inputs of a journal, given to another book: other limits, calendars, routing, roster.
 *
 * What happened outside is the same: who reported what where, and what people did at which moment. What the engine makes of it follows the other
 * book. A command of then names a case, a revision and a person of then, so in it is changed, and only where it does not fit:
 *   case      the one that has the report by which the case of then was opened
 *   revision  none is asked for, if the command was done then
 *   person    if the command was done then and this person may not now (proto/book/permit.h): somebody of the same role who may, first
 *             those on duty. So a task is done by whoever has it now. Not so what says that the department is the wrong one (return, hand
 *             up): that was said of another department.
 *   names     a department or worker that the other book does not have, or has elsewhere, is left to the engine
 * What was refused then is tried as it was. Whatever is refused now is counted by its verb.
 *
 * What this cannot know: whether people would have worked faster for a shorter limit, or slower with more to do; what they would have done where
 * nobody did anything then (a case that waits for the desk now, and did not then, waits to the end); which area and marks ingest would have
 * given by other polygons, but where the other book lacks the area. Erasures are not done again: their words are gone from the journal.
 * Nothing of the engine knows of all this: it takes commands as always.
 */
#pragma once

#include "dispatcher/replay.h"

struct whatif {
    struct store *recorded;  /* what came of the inputs then: its journal, cases, answers; nobody else writes to it */
    const struct book *book; /* the other one */
    const struct replay_books *books; /* what came before from_ms was by these; else not asked */
    int64_t from_ms;  /* the other book is in force from the first input of that moment or later; 0: from the first */
    int64_t until_ms; /* no input of that moment or later is taken, 0: all are */
    size_t inputs;    /* in one turn */
    void (*progress)(void *context, uint64_t done, uint64_t all); /* as in replay.h */
    void *progress_context;
};

enum { WHATIF_VERBS = 64 };

struct whatif_outcome {
    uint64_t entries;                  /* that were replayed */
    int64_t events, commands;          /* of those, under the other book */
    int64_t erased;                    /* of both: without their words */
    int64_t refused_then, done_now;    /* commands; of those: done now */
    int64_t stood_in;                  /* commands done by somebody else than then */
    int64_t refused_now[WHATIF_VERBS]; /* by enum verb: commands done then */
};

/* Into `to`, a turn on an empty store; its journal stays empty. Time goes on to the last moment of the recorded inputs that were taken, or,
 * with until_ms, of all of them before it. -EINVAL: see replay.h; the other book has another time zone. */
int whatif_run(const struct whatif *whatif, struct turn *to, struct whatif_outcome *outcome, struct fault *fault);

/* The same moment for what was recorded: it is cut at until_ms, by the books of then, so that both can be compared. */
int whatif_run_recorded(const struct whatif *whatif, struct turn *to, struct fault *fault);
