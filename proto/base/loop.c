#include "proto/base/loop.h"

#include <assert.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "proto/base/clock.h"

enum { LOOP_EVENTS = 256 };

struct loop {
    int epoll_fd;
    struct loop_watch signals;
    struct loop_timer *timers; /* armed ones, soonest first */
    struct loop_hook *hooks;
    struct epoll_event events[LOOP_EVENTS];
    int event_count, event_next; /* of the round under way, so that a removed watch is not called any more */
    bool stop;
    int result;
};

int loop_create(struct loop **out, struct fault *fault)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return fault_set(fault, -ENOMEM, "event loop: out of memory");
    loop->signals.fd = -1;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) {
        int error = errno;
        free(loop);
        return fault_set(fault, -error, "event loop: %s", strerror(error));
    }
    *out = loop;
    return 0;
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    if (loop->signals.fd >= 0)
        close(loop->signals.fd);
    close(loop->epoll_fd);
    free(loop);
}

static int signal_arrived(void *context, uint32_t events)
{
    (void)events;
    struct loop *loop = context;
    struct signalfd_siginfo info;
    while (read(loop->signals.fd, &info, sizeof info) == (ssize_t)sizeof info)
        loop_stop(loop, 0);
    return 0;
}

int loop_catch_signals(struct loop *loop, struct fault *fault)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return fault_set(fault, -errno, "signals: %s", strerror(errno));
    signal(SIGPIPE, SIG_IGN); /* a peer that left is an error of its own write, not the end of the process */
    loop->signals = (struct loop_watch){
        .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC),
        .ready = signal_arrived,
        .context = loop,
    };
    if (loop->signals.fd < 0)
        return fault_set(fault, -errno, "signals: %s", strerror(errno));
    return loop_add(loop, &loop->signals, EPOLLIN);
}

int loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    assert(watch->ready);
    struct epoll_event event = { .events = events, .data.ptr = watch };
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0 ? -errno : 0;
}

int loop_modify(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = watch };
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) < 0 ? -errno : 0;
}

void loop_remove(struct loop *loop, struct loop_watch *watch)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int i = loop->event_next; i < loop->event_count; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
}

void loop_timer_arm(struct loop *loop, struct loop_timer *timer, int64_t delay_ms)
{
    assert(timer->fire);
    loop_timer_disarm(loop, timer);
    timer->due_mono_ms = clock_mono_ms() + (delay_ms > 0 ? delay_ms : 0);
    timer->armed = true;
    struct loop_timer **at = &loop->timers;
    while (*at && (*at)->due_mono_ms <= timer->due_mono_ms)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
}

void loop_timer_disarm(struct loop *loop, struct loop_timer *timer)
{
    if (!timer->armed)
        return;
    for (struct loop_timer **at = &loop->timers; *at; at = &(*at)->next)
        if (*at == timer) {
            *at = timer->next;
            break;
        }
    timer->armed = false;
}

void loop_add_hook(struct loop *loop, struct loop_hook *hook)
{
    struct loop_hook **at = &loop->hooks;
    while (*at)
        at = &(*at)->next;
    hook->next = NULL;
    *at = hook;
}

static int fire_due_timers(struct loop *loop)
{
    int64_t now = clock_mono_ms();
    while (loop->timers && loop->timers->due_mono_ms <= now) {
        struct loop_timer *timer = loop->timers;
        loop_timer_disarm(loop, timer);
        int result = timer->fire(timer->context);
        if (result)
            return result;
    }
    return 0;
}

static int call_ready(struct loop *loop)
{
    while (loop->event_next < loop->event_count) {
        struct epoll_event event = loop->events[loop->event_next++];
        struct loop_watch *watch = event.data.ptr;
        if (!watch)
            continue;
        int result = watch->ready(watch->context, event.events);
        if (result)
            return result;
    }
    return 0;
}

static int run_hooks(struct loop *loop)
{
    for (struct loop_hook *hook = loop->hooks; hook; hook = hook->next) {
        int result = hook->run(hook->context);
        if (result)
            return result;
    }
    return 0;
}

static int sleep_ms(const struct loop *loop)
{
    if (!loop->timers)
        return -1;
    int64_t wait = loop->timers->due_mono_ms - clock_mono_ms();
    return wait <= 0 ? 0 : wait > INT_MAX ? INT_MAX : (int)wait;
}

int loop_run(struct loop *loop)
{
    loop->stop = false;
    while (!loop->stop) {
        int result = run_hooks(loop);
        if (result || loop->stop)
            return result ? result : loop->result;
        loop->event_count = epoll_wait(loop->epoll_fd, loop->events, LOOP_EVENTS, sleep_ms(loop));
        loop->event_next = 0; /* before the timers: what they remove is not called either */
        if (loop->event_count < 0) {
            loop->event_count = 0;
            if (errno != EINTR)
                return -errno;
        }
        if ((result = fire_due_timers(loop)) || (result = call_ready(loop)))
            return result;
    }
    return loop->result;
}

void loop_stop(struct loop *loop, int result)
{
    loop->stop = true;
    loop->result = result;
}

static int wake_ready(void *context, uint32_t events)
{
    (void)events;
    struct loop_wake *wake = context;
    uint64_t count;
    if (read(wake->watch.fd, &count, sizeof count) != (ssize_t)sizeof count)
        return 0; /* another round took it */
    return wake->ready(wake->context);
}

int loop_wake_init(struct loop *loop, struct loop_wake *wake, int (*ready)(void *), void *context)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    *wake = (struct loop_wake){
        .watch = { .fd = fd, .ready = wake_ready, .context = wake },
        .ready = ready,
        .context = context,
    };
    return loop_add(loop, &wake->watch, EPOLLIN);
}

void loop_wake_notify(struct loop_wake *wake)
{
    uint64_t one = 1;
    ssize_t ignored = write(wake->watch.fd, &one, sizeof one); /* full means: it is awake already */
    (void)ignored;
}

void loop_wake_finish(struct loop *loop, struct loop_wake *wake)
{
    if (!wake->ready)
        return;
    loop_remove(loop, &wake->watch);
    close(wake->watch.fd);
    *wake = (struct loop_wake){ 0 };
}
