/* From nng's threads to the loop's: what arrived is put in line and delivered in the loop's thread, in order. */
#pragma once

#include <pthread.h>

#include "proto/base/loop.h"

/* The head of whatever is delivered; in one mailbox at a time. */
struct mail {
    struct mail *next;
};

struct mailbox {
    pthread_mutex_t lock;
    struct mail *first, **last; /* guarded by lock */
    struct loop_wake wake;
    int (*deliver)(void *context, struct mail *mail);
    void *context;
};

/* The mailbox must stay where it is. <0: no wake could be made. */
int mailbox_init(struct mailbox *mailbox, struct loop *loop, int (*deliver)(void *context, struct mail *mail),
                 void *context);
/* From any thread; never blocks for longer than it takes to link one entry. */
void mailbox_post(struct mailbox *mailbox, struct mail *mail);
