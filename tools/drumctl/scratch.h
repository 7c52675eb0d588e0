/* Scratch: data folders for a while, in which a journal is replayed or that are a snapshot of another. Their files are open and have no name any
 * more, so that nobody else reads them, and nothing of them stays whatever becomes of the process.
 */
#pragma once

#include <limits.h>

#include "proto/store/case_store.h"

struct scratch {
    char folder[PATH_MAX];
};

/* A fresh folder in `parent`; NULL: in $TMPDIR, else /tmp. */
int scratch_make(struct scratch *scratch, const char *parent, struct fault *fault);
void scratch_remove(struct scratch *scratch); /* after its stores were closed; safe on a zeroed struct */

/* The cases in a data folder, as they are now, for reading; the dispatcher is not held up. */
int scratch_snapshot(const struct scratch *scratch, const char *data, struct store **store, struct fault *fault);
/* None yet; `name` is any, once. */
int scratch_cases(const struct scratch *scratch, const char *name, struct store **store, struct fault *fault);
