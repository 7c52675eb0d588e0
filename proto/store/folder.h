/* Folders of the data: made where absent, and fsynced, so that a file's name is as durable as its content. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

/* Makes the folder and those above it that are missing (mode 0700), each durable in the one above. 0 if it is there already. */
int folder_make(const char *path, struct fault *fault);
/* Makes the names in a folder durable. */
int folder_sync(const char *path, struct fault *fault);
/* Writes a file in a folder that is there, under another name first: a crash leaves no half of it under its name. `name` may lead into a
 * folder below. The name is durable after folder_sync() of the folder that it is in. */
int folder_write(const char *path, const char *name, struct bytes file, mode_t mode, struct fault *fault);
/* Is that a name under which folder_write() writes what has no name yet? */
bool folder_is_unfinished(const char *name);
/* Removes what folder_write() left there where its process was killed. Others may be writing now, so only what nobody has written to for
 * an hour; says in the log how many. */
int folder_sweep(const char *path, struct fault *fault);
