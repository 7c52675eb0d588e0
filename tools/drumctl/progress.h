/* Progress of long work, in one line on standard error that is written over; nothing where that is no terminal, or the work is done at once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *unit; /* "entries", "MB"; the rest is its own: zeroed */
    int64_t told_ms;
    uint64_t done, all;
    bool shown;
};

/* How far it is. `progress` is a struct progress: so this can be given to what takes a function and its context. */
void progress_tell(void *progress, uint64_t done, uint64_t all);
/* Ends the line, if there is one: what is printed next stands on its own. It can be used again, with another unit too. */
void progress_end(struct progress *progress);
