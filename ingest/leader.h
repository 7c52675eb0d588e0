/* Leader: of several ingest processes on one data folder, the one that does what one alone may do. It holds the lock of DATA/ingest.lock until its process
 * ends, however it ends; the others look every second whether it has come free. */
#pragma once

#include "proto/base/loop.h"

struct leader;

/* `begin` is called when the lock is ours: at once where it is free, or in the loop's thread later. <0 of it: what it begins cannot be; told by *fault at
 * once, later logged, and the loop ends. *out is set, and to be closed, also where it fails. */
int leader_open(struct loop *loop, const char *data_folder, int (*begin)(void *context, struct fault *fault),
                void *context, struct leader **out, struct fault *fault);
/* Takes NULL; the loop must not run any more. The lock stays until the process ends, as the bus's ports do, which the next one needs. */
void leader_close(struct leader *leader);
