/* Work in a child process that can touch nothing: what it was given is in its memory, what it finds out is bytes that come back.
 *
 * It has no file and can open none, so no network either (RLIMIT_NOFILE 0); its memory and its time on a processor are limited, and it
 * is killed when the time on the clock is over. What comes back is to be checked as anything from outside.
 */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct apart_limits {
    int64_t seconds, memory_bytes;
    size_t answer_bytes; /* at most this much comes back */
};

/* `work` runs in the child: 0 and its answer, or an error and its fault. The same comes of apart_run(); a child that was ended or
 * had too much to say is -ETIME, -EMSGSIZE or -ECHILD, and `answer` is as it was. */
int apart_run(int (*work)(void *context, struct buffer *answer, struct fault *fault), void *context,
              const struct apart_limits *limits, struct buffer *answer, struct fault *fault);
