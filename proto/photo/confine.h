/* From here on this process can do nothing but think and write down what it thought: its memory, its time on a processor and what it writes
 * are limited, it can open no file and no socket, start no process and gain no rights (PR_SET_NO_NEW_PRIVS), and any system call but those
 * few ends it at once (seccomp). It dies with its parent. Not to be taken back. */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"

struct confinement {
    int64_t memory_bytes, seconds, written_bytes;
};
int confine(const struct confinement *confinement, struct fault *fault);
