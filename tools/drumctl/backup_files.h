/* Files of a data folder, copied while daemons write there: what is there by its final name is whole and does not change, but may be gone the next
 * moment, when it was erased. What is still being written has another name and is left out: nothing that was copied before names it. */
#pragma once

#include "proto/base/fault.h"
#include "tools/drumctl/progress.h"

struct backup_files {
    struct progress *progress;
    uint64_t bytes, all; /* copied so far, and in all, for the progress */
    struct fault *fault;
};

/* How many bytes there are at `from`, a file or a folder with all below it; 0 where nothing is there. */
int backup_files_count(const char *from, uint64_t *bytes, struct fault *fault);
/* Copies it to `to`, which is not there yet: folders 0700, files 0600, with their times. Not yet durable. Nothing at `from` is no error. */
int backup_files_copy(struct backup_files *files, const char *from, const char *to);
