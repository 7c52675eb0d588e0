#include "ingest/committer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

struct committer {
    struct loop *loop;
    struct event_log *log;
    int (*done)(void *context);
    void *context;
    struct loop_wake wake;
    pthread_t thread;
    int64_t since_us; /* of the loop's thread */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock: */
    struct event_append *batch; /* NULL: nothing is to be done */
    size_t count;
    int result;
    int64_t ended_us;
    struct fault fault;
    bool ends;
};

static void *run(void *context)
{
    struct committer *committer = context;
    pthread_mutex_lock(&committer->lock);
    while (!committer->ends || committer->batch) {
        if (!committer->batch) {
            pthread_cond_wait(&committer->changed, &committer->lock);
            continue;
        }
        pthread_mutex_unlock(&committer->lock);
        struct fault fault = { "" };
        int result = event_log_append(committer->log, committer->batch, committer->count, &fault);
        pthread_mutex_lock(&committer->lock);
        committer->result = result;
        committer->fault = fault;
        committer->ended_us = clock_mono_us();
        committer->batch = NULL;
        pthread_cond_broadcast(&committer->changed);
        loop_wake_notify(&committer->wake);
    }
    pthread_mutex_unlock(&committer->lock);
    return NULL;
}

/* It may have been taken back meanwhile, and another be under way. */
static int woken(void *context)
{
    struct committer *committer = context;
    pthread_mutex_lock(&committer->lock);
    bool ended = committer->since_us && !committer->batch;
    pthread_mutex_unlock(&committer->lock);
    return ended ? committer->done(committer->context) : 0;
}

int committer_open(struct loop *loop, struct event_log *log, int (*done)(void *context), void *context,
                   struct committer **out, struct fault *fault)
{
    struct committer *committer = calloc(1, sizeof *committer);
    if (!committer)
        return fault_set(fault, -ENOMEM, "committer: out of memory");
    committer->loop = loop;
    committer->log = log;
    committer->done = done;
    committer->context = context;
    pthread_mutex_init(&committer->lock, NULL);
    pthread_cond_init(&committer->changed, NULL);
    int result = loop_wake_init(loop, &committer->wake, woken, committer);
    if (!result && (result = -pthread_create(&committer->thread, NULL, run, committer)))
        loop_wake_finish(loop, &committer->wake);
    if (result) {
        free(committer);
        return fault_set(fault, result, "committer: %s", strerror(-result));
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
    loop_wake_finish(committer->loop, &committer->wake);
    pthread_cond_destroy(&committer->changed);
    pthread_mutex_destroy(&committer->lock);
    free(committer);
}

void committer_start(struct committer *committer, struct event_append *batch, size_t count)
{
    assert(!committer->since_us && count);
    committer->since_us = clock_mono_us();
    pthread_mutex_lock(&committer->lock);
    committer->batch = batch;
    committer->count = count;
    pthread_cond_broadcast(&committer->changed);
    pthread_mutex_unlock(&committer->lock);
}

int64_t committer_since_us(const struct committer *committer)
{
    return committer->since_us;
}

int committer_take(struct committer *committer, int64_t *took_us, struct fault *fault)
{
    *took_us = 0;
    if (!committer->since_us)
        return 0;
    pthread_mutex_lock(&committer->lock);
    while (committer->batch)
        pthread_cond_wait(&committer->changed, &committer->lock);
    *took_us = committer->ended_us - committer->since_us;
    *fault = committer->fault;
    int result = committer->result;
    pthread_mutex_unlock(&committer->lock);
    committer->since_us = 0;
    return result;
}
