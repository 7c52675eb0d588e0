#include "tools/drumctl/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "proto/base/clock.h"

enum { EVERY_MS = 250 }; /* a terminal is slow, and so is who reads it */

static void print(struct progress *progress)
{
    fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " %s", progress->done, progress->all, progress->unit);
    fflush(stderr);
    progress->shown = true;
}

void progress_tell(void *context, uint64_t done, uint64_t all)
{
    struct progress *progress = context;
    int64_t now_ms = clock_mono_ms();
    progress->done = done;
    progress->all = all;
    if (!progress->told_ms)
        progress->told_ms = now_ms;
    if (now_ms - progress->told_ms < EVERY_MS || !isatty(STDERR_FILENO))
        return;
    progress->told_ms = now_ms;
    print(progress);
}

void progress_end(struct progress *progress)
{
    if (progress->shown) {
        print(progress);
        fputc('\n', stderr);
    }
    *progress = (struct progress){ .unit = progress->unit };
}
