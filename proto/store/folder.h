/* Folders of the data: made where absent, and fsynced, so that a file's name is as durable as its content. */
#pragma once

#include "proto/base/fault.h"

/* Makes the folder and those above it that are missing (mode 0700), each durable in the one above. 0 if it is there already. */
int folder_make(const char *path, struct fault *fault);
/* Makes the names in a folder durable. */
int folder_sync(const char *path, struct fault *fault);
