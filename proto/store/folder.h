/* Folders of the data: made where absent, and fsynced, so that a file's name is as durable as its content. */
#pragma once

#include <sys/types.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

/* Makes the folder and those above it that are missing (mode 0700), each durable in the one above. 0 if it is there already. */
int folder_make(const char *path, struct fault *fault);
/* Makes the names in a folder durable. */
int folder_sync(const char *path, struct fault *fault);
/* Writes a file in a folder that is there, under another name first: a crash leaves no half of it under its name. The name is durable
 * after folder_sync(). */
int folder_write(const char *path, const char *name, struct bytes file, mode_t mode, struct fault *fault);
