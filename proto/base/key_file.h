/* Secrets of sources: KEYS/NAME.key, one line of text, readable by its owner alone. Never in the book, which is shown around. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum { KEY_FILE_MIN = 1, KEY_FILE_MAX = 1024 };

/* Appends the key without its line end. -ENOENT: no such file; -EPERM: others may read it; -EINVAL: not one line. */
int key_file_read(const char *folder, const char *name, struct buffer *key, struct fault *fault);
