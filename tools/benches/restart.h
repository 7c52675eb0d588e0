/* Restart: the real dispatcher started on a data folder, until it says that it is ready. */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"

/* `program`: drumtower-dispatcher. The store is closed, and its pages are dropped from the page cache first, as after a boot. The
 * process is ended again by SIGTERM and waited for. */
int restart_measure(const char *program, const char *data_folder, const char *book_folder, int64_t *ready_us,
                    struct fault *fault);
