/* A folder of alerts as files: those named *.cap and *.xml, in order of their names. */
#pragma once

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct folder_file {
    const char *path;
    const char *version; /* name, size and time of change: another one is another file */
};

/* Everything lives in the arena. -errno: the folder cannot be read. */
int folder_list(const char *path, struct arena *arena, struct folder_file **files, size_t *count, struct fault *fault);
/* -EMSGSIZE above `most` bytes; regular files only. */
int folder_read(const char *path, size_t most, struct buffer *bytes, struct fault *fault);
