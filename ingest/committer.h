/* The committer: appends to the event log in a thread of its own, so that the loop goes on reading requests while the disk is busy. What came while one
 * batch was under way is the next one, begun at once; a committer that was idle waits until it is started, so that what comes together goes
 * together, but for half a commit's time at most. The thread prepares and appends what was added and touches nothing else; all else here is called in the loop's thread.
 */
#pragma once

#include "ingest/intake.h"

struct committer;

/* Who waits for the answer to an event. */
struct commit_waiting {
    struct request *request; /* NULL: no request does */
    intake_answer *answer;   /* may be NULL */
    void *context;
};

/* What went into one commit: `waiting` of the same index for each. */
struct commit_batch {
    struct event_append *appends;
    struct commit_waiting *waiting;
    size_t count;
    int64_t since_us, took_us; /* clock_mono_us() of its first event; the time of the commit */
};

struct committer_options {
    struct loop *loop;
    struct event_log *log;
    size_t most; /* events that may wait for their answers */
    void *context;
    /* In the committer's thread, before an event is appended. */
    void (*prepare)(void *context, const struct event_append *append);
    /* In the loop's thread, after a batch; what it returns is the loop's. */
    int (*done)(void *context);
};
int committer_open(const struct committer_options *options, struct committer **committer, struct fault *fault);
void committer_close(struct committer *committer); /* takes NULL; waits for the batch under way, the others are left */

/* Where fewer than `most` wait. What it points to is the committer's until it is answered; it may be written at any time from now on. */
void committer_add(struct committer *committer, const struct event_append *append,
                   const struct commit_waiting *waiting);
void committer_start(struct committer *committer);
/* Where there is something: starts it, and returns when there is a batch to take, or the log took no more. */
void committer_wait(struct committer *committer);

/* 1: *batch is the oldest one that is durable, to be answered and then released; 0: there is none; <0: the log took no more. */
int committer_take(struct committer *committer, struct commit_batch **batch, struct fault *fault);
void committer_release(struct committer *committer);

/* Events that were added and not released. */
size_t committer_count(const struct committer *committer);
/* Since when (clock_mono_us()) the oldest of them waits; 0: there is none. */
int64_t committer_since_us(const struct committer *committer);
