/* The committer: appends one batch after the other to the event log in a thread of its own, so that the loop goes on reading requests while the
 * disk is busy. The thread touches the batch and the log, and nothing else.
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/store/event_log.h"

struct committer;

/* `done` runs in the loop's thread after each batch; what it returns is the loop's. */
int committer_open(struct loop *loop, struct event_log *log, int (*done)(void *context), void *context,
                   struct committer **committer, struct fault *fault);
void committer_close(struct committer *committer); /* takes NULL; waits for the batch under way */

/* Only while none is under way. The batch and what it points to are the committer's until it is taken back. */
void committer_start(struct committer *committer, struct event_append *batch, size_t count);
/* Since when (clock_mono_us()) a batch is under way that was not taken back; 0: none is. */
int64_t committer_since_us(const struct committer *committer);
/* Waits for the batch under way and takes it back: the result of event_log_append(), 0 where none is. *took_us: its time. */
int committer_take(struct committer *committer, int64_t *took_us, struct fault *fault);
