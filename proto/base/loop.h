/* The event loop of every process: one thread, one epoll set, timers, and hooks that run before it sleeps.
 *
 * Callbacks return 0 to go on; anything else ends loop_run(), which returns it (negative: the process failed).
 * Watches, timers and hooks live in the caller's memory, zeroed before first use, and must be removed before that memory goes.
 * SIGINT and SIGTERM end the loop with 0 once loop_catch_signals() was called.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct loop;

struct loop_watch {
    int fd;
    int (*ready)(void *context, uint32_t events); /* events: EPOLLIN … */
    void *context;
};

struct loop_timer {
    int (*fire)(void *context);
    void *context;
    int64_t due_mono_ms; /* monotonic clock, see clock_mono_ms() */
    bool armed;
    struct loop_timer *next;
};

/* Runs after the ready callbacks of each round, before the loop sleeps: the place to commit and answer what a round collected. */
struct loop_hook {
    int (*run)(void *context);
    void *context;
    struct loop_hook *next;
};

int loop_create(struct loop **loop, struct fault *fault);
void loop_destroy(struct loop *loop); /* takes NULL */

int loop_catch_signals(struct loop *loop, struct fault *fault);

int loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events);
int loop_modify(struct loop *loop, struct loop_watch *watch, uint32_t events);
void loop_remove(struct loop *loop, struct loop_watch *watch);

/* Fires once, `delay_ms` from now (0: in the next round). Arming an armed timer moves it. */
void loop_timer_arm(struct loop *loop, struct loop_timer *timer, int64_t delay_ms);
void loop_timer_disarm(struct loop *loop, struct loop_timer *timer);

void loop_add_hook(struct loop *loop, struct loop_hook *hook); /* hooks run in the order of adding */

int loop_run(struct loop *loop);
/* Ends loop_run() with `result` after this round. */
void loop_stop(struct loop *loop, int result);

/* From any thread: `wake` is an eventfd-backed watch; notify makes `ready` run once in the loop's thread. */
struct loop_wake {
    struct loop_watch watch;
    int (*ready)(void *context);
    void *context;
};
int loop_wake_init(struct loop *loop, struct loop_wake *wake, int (*ready)(void *), void *context);
void loop_wake_notify(struct loop_wake *wake);
void loop_wake_finish(struct loop *loop, struct loop_wake *wake); /* safe on a zeroed struct */
