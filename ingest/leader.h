/* Leader: of several ingest processes on one data folder, the one that does what one alone may do. It holds the lock of DATA/NAME.lock until it
 * ends, however it ends; the others look every few seconds whether it has come free. */
#pragma once

#include "proto/base/loop.h"

struct leader;

struct leader_options {
    struct loop *loop;
    const char *data_folder;
    const char *name;
    /* The lock is ours, now or later. <0: it cannot begin; what fails later is logged with `failure`, and ends the loop. */
    int (*begin)(void *context, struct fault *fault);
    void *context;
    const char *failure;
};

/* Begins at once where the lock is free. *out is set, and to be closed, also where it fails. */
int leader_open(const struct leader_options *options, struct leader **out, struct fault *fault);
void leader_close(struct leader *leader); /* takes NULL; the loop must not run any more, and what was begun has ended */
