/* Scratch: a folder for a while, which is gone however the process ends: a child process removes it when its parent has ended, by a signal too.
 *
 * In it are data folders, in which a journal is replayed or that are a snapshot of another: their files are open and have no name any more,
 * so that nobody else reads them. Or what is to be put in another place when it is whole (scratch_keep()).
 */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "proto/store/case_store.h"

enum { SCRATCH_FOLDER = PATH_MAX - 512 }; /* leaves room for what lies in it */

struct scratch {
    char folder[SCRATCH_FOLDER];
    pid_t guardian; /* 0: there is no folder */
    int life;       /* our end of a pipe to the guardian */
};

/* A fresh folder (mode 0700) in `parent`; NULL: in $TMPDIR, else /tmp. Before a store is opened: it forks. */
int scratch_make(struct scratch *scratch, const char *parent, struct fault *fault);
/* The same, TARGET.part-XXXXXX. */
int scratch_make_beside(struct scratch *scratch, const char *target, struct fault *fault);
/* It is `target` from here on, durably; that one is not there yet, or empty. */
int scratch_keep(struct scratch *scratch, const char *target, struct fault *fault);
void scratch_remove(struct scratch *scratch); /* after its stores were closed; safe on a zeroed struct */

/* The cases in a data folder, as they are now, for reading; the dispatcher is not held up. */
int scratch_snapshot(const struct scratch *scratch, const char *data, struct store **store, struct fault *fault);
/* None yet; `name` is any, once. */
int scratch_cases(const struct scratch *scratch, const char *name, struct store **store, struct fault *fault);
