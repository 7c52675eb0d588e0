/* Tape: everything that a run gave to the dispatcher, in order: turns, and in each the events that came into the log before it and the commands
 * that it takes. Who plays a tape needs no actors; leaving entries out makes it smaller. As text it is one JSON value a line (README.md).
 *
 * A command says which case it means by that case's first report, as the numbers of cases change when entries before it are left out.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "test/sim/plan.h"

#define TAPE_KINDS(X) \
    X(TURN, "turn")       /* begins at now_ms */ \
    X(EVENT, "event")     /* into the log */ \
    X(AGAIN, "again")     /* the log hands out its last events once more */ \
    X(COMMAND, "command") /* into the turn */
enum tape_kind {
#define TAPE_ENUM(name, text) TAPE_##name,
    TAPE_KINDS(TAPE_ENUM)
#undef TAPE_ENUM
        TAPE_KIND_COUNT
};

/* How a turn ends. */
#define TAPE_ENDS(X) \
    X(COMMITTED, "committed") \
    X(ABORTED, "aborted")     /* the process dies before the commit */ \
    X(SILENT, "silent")       /* … after it: nobody is answered */ \
    X(POWER_CUT, "power-cut") /* … in the middle of it: of its pages some are written, some are torn */
enum tape_end {
#define TAPE_ENUM(name, text) TAPE_##name,
    TAPE_ENDS(TAPE_ENUM)
#undef TAPE_ENUM
        TAPE_END_COUNT
};

/* A case by its first report; `nth`: it is not the first one that this report opened, but the next ones (split). */
struct birth {
    int64_t seq, nth; /* seq 0: none */
};

struct tape_entry {
    enum tape_kind kind;
    int64_t now_ms;         /* turn: by the dispatcher's clock */
    enum tape_end end;      /* turn */
    bool restart;           /* turn: a new process begins with it */
    int64_t book;           /* turn: which of the run's books that process has */
    int64_t count;          /* again: so many */
    int64_t seq;            /* event: its number in the log */
    struct birth about, to; /* command: the case; the other case that it names */
    struct bytes bytes;     /* event, command: the record */
};

struct tape {
    struct plan plan;
    struct tape_entry *entries;
    size_t count, room;
    struct arena arena; /* of the bytes */
};

/* Keeps a copy of the bytes. Returns the entry, until the next one is added. */
struct tape_entry *tape_add(struct tape *tape, struct tape_entry entry);
void tape_finish(struct tape *tape); /* safe on a zeroed struct */

/* One turn's lines, and out with them: they are there even if the process does not survive that turn. */
bool tape_write_entries(const struct tape *tape, size_t first, size_t count, FILE *file);
/* Writes the entries for which `keep` is true (NULL: all). */
bool tape_write(const struct tape *tape, const bool *keep, FILE *file);
int tape_read(struct tape *tape, FILE *file, struct fault *fault);
