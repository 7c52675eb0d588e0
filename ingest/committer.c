#include "ingest/committer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

/* One is filled, one is written, and two may wait to be answered. */
enum { BATCHES = 4 };
/* Of the time of a commit: an idle committer waits for no more than that. Where all who ask wait for one commit they ask again all at once, and
 * the disk and the loop would take turns for ever; so what takes long to read is cut in two, and one half is read while the other is written. */
enum { IDLE_SHARE = 2 };

struct committer {
    struct committer_options options;
    struct loop_wake wake;
    pthread_t thread;
    size_t count; /* of the loop's thread */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock. They count on: batch i is batches[i % BATCHES]; released <= durable <= filling, and that from `durable` to before `filling`,
     * if there is one, is being written. */
    struct commit_batch batches[BATCHES];
    size_t released, durable, filling;
    int64_t took_us; /* the last commit */
    bool ends;
    int result; /* of the commit that failed: there is no further one */
    struct fault fault;
};

static struct commit_batch *batch_at(struct committer *committer, size_t i)
{
    return &committer->batches[i % BATCHES];
}

static bool is_writing(const struct committer *committer)
{
    return committer->durable < committer->filling && !committer->result;
}

/* With the lock: what was added till now is one batch, and is written; unless one is under way, or too many wait to be answered. */
static void begin(struct committer *committer)
{
    if (committer->durable < committer->filling || !batch_at(committer, committer->filling)->count ||
        committer->filling + 1 - committer->released == BATCHES)
        return;
    committer->filling++;
    pthread_cond_broadcast(&committer->changed);
}

static int append(const struct committer_options *options, struct commit_batch *batch, struct fault *fault)
{
    int64_t began_us = clock_mono_us();
    for (size_t i = 0; i < batch->count; i++)
        options->prepare(options->context, &batch->appends[i]);
    int result = event_log_append(options->log, batch->appends, batch->count, fault);
    batch->took_us = clock_mono_us() - began_us;
    return result;
}

/* Called and returns with the lock. */
static void write_batch(struct committer *committer)
{
    struct commit_batch *batch = batch_at(committer, committer->durable);
    struct fault fault = { "" };
    pthread_mutex_unlock(&committer->lock);
    int result = append(&committer->options, batch, &fault);
    pthread_mutex_lock(&committer->lock);
    if (result) {
        committer->result = result < 0 ? result : -EIO;
        committer->fault = fault;
    } else {
        committer->took_us = batch->took_us;
        committer->durable++;
        begin(committer);
    }
    pthread_cond_broadcast(&committer->changed);
    loop_wake_notify(&committer->wake);
}

static void *run(void *context)
{
    struct committer *committer = context;
    pthread_mutex_lock(&committer->lock);
    while (!committer->ends) {
        if (is_writing(committer))
            write_batch(committer);
        else
            pthread_cond_wait(&committer->changed, &committer->lock);
    }
    pthread_mutex_unlock(&committer->lock);
    return NULL;
}

static int woken(void *context)
{
    struct committer *committer = context;
    return committer->options.done(committer->options.context);
}

static void free_all(struct committer *committer)
{
    for (size_t i = 0; i < BATCHES; i++) {
        free(committer->batches[i].appends);
        free(committer->batches[i].waiting);
    }
    pthread_cond_destroy(&committer->changed);
    pthread_mutex_destroy(&committer->lock);
    free(committer);
}

static bool make_room(struct committer *committer)
{
    bool made = true;
    for (size_t i = 0; i < BATCHES; i++) {
        struct commit_batch *batch = &committer->batches[i];
        batch->appends = calloc(committer->options.most, sizeof *batch->appends);
        batch->waiting = calloc(committer->options.most, sizeof *batch->waiting);
        made &= batch->appends && batch->waiting;
    }
    return made;
}

int committer_open(const struct committer_options *options, struct committer **out, struct fault *fault)
{
    struct committer *committer = calloc(1, sizeof *committer);
    if (!committer)
        return fault_set(fault, -ENOMEM, "committer: out of memory");
    committer->options = *options;
    pthread_mutex_init(&committer->lock, NULL);
    pthread_cond_init(&committer->changed, NULL);
    int result = make_room(committer) ? loop_wake_init(options->loop, &committer->wake, woken, committer) : -ENOMEM;
    if (!result && (result = -pthread_create(&committer->thread, NULL, run, committer)))
        loop_wake_finish(options->loop, &committer->wake);
    if (result) {
        free_all(committer);
        return fault_set(fault, result, "committer with room for %zu events: %s", options->most, strerror(-result));
    }
    *out = committer;
    return 0;
}

void committer_close(struct committer *committer)
{
    if (!committer)
        return;
    pthread_mutex_lock(&committer->lock);
    committer->ends = true;
    pthread_cond_broadcast(&committer->changed);
    pthread_mutex_unlock(&committer->lock);
    pthread_join(committer->thread, NULL);
    loop_wake_finish(committer->options.loop, &committer->wake);
    free_all(committer);
}

void committer_add(struct committer *committer, const struct event_append *append, const struct commit_waiting *waiting)
{
    assert(committer->count < committer->options.most);
    committer->count++;
    pthread_mutex_lock(&committer->lock);
    struct commit_batch *batch = batch_at(committer, committer->filling);
    int64_t now_us = clock_mono_us();
    if (!batch->count)
        batch->since_us = now_us;
    batch->appends[batch->count] = *append;
    batch->waiting[batch->count++] = *waiting;
    if (now_us - batch->since_us > committer->took_us / IDLE_SHARE)
        begin(committer);
    pthread_mutex_unlock(&committer->lock);
}

void committer_start(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    begin(committer);
    pthread_mutex_unlock(&committer->lock);
}

void committer_wait(struct committer *committer)
{
    assert(committer->count);
    pthread_mutex_lock(&committer->lock);
    begin(committer);
    while (committer->released == committer->durable && !committer->result)
        pthread_cond_wait(&committer->changed, &committer->lock);
    pthread_mutex_unlock(&committer->lock);
}

int committer_take(struct committer *committer, struct commit_batch **batch, struct fault *fault)
{
    pthread_mutex_lock(&committer->lock);
    int result = committer->released < committer->durable ? 1 : committer->result;
    *batch = batch_at(committer, committer->released);
    *fault = committer->fault;
    pthread_mutex_unlock(&committer->lock);
    return result;
}

void committer_release(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    struct commit_batch *batch = batch_at(committer, committer->released++);
    committer->count -= batch->count;
    batch->count = 0;
    begin(committer);
    pthread_mutex_unlock(&committer->lock);
}

size_t committer_count(const struct committer *committer)
{
    return committer->count;
}

int64_t committer_since_us(const struct committer *committer)
{
    return committer->count ? committer->batches[committer->released % BATCHES].since_us : 0;
}
