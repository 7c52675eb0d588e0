#include "tools/benches/load.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "proto/base/clock.h"

enum { PATIENCE_MS = 10000 };

/* One run. */
struct talk {
    const struct load_peer *peer;
    struct load *load;
    int64_t until_us;
    int64_t asked_us[LOAD_CONVERSATIONS_MAX];
    size_t waiting; /* conversations whose answer has not come */
    struct fault *fault;
};

static int ask(struct talk *talk, size_t i)
{
    talk->asked_us[i] = clock_mono_us();
    return talk->peer->ask(talk->peer->context, i, talk->fault);
}

static int begin(struct talk *talk, int epoll_fd)
{
    int result = 0;
    for (size_t i = 0; !result && i < talk->peer->count; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.u64 = i };
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, talk->peer->fds[i], &event))
            return fault_set(talk->fault, -errno, "load: %s", strerror(errno));
        result = ask(talk, i);
        talk->waiting++;
    }
    return result;
}

static int go_on(struct talk *talk, size_t i)
{
    int result = talk->peer->hear(talk->peer->context, i, talk->fault);
    if (result <= 0)
        return result;
    int64_t now_us = clock_mono_us();
    samples_add(&talk->load->answer_us, now_us - talk->asked_us[i]);
    if (now_us < talk->until_us)
        return ask(talk, i);
    talk->waiting--;
    return 0;
}

static int talk_on(struct talk *talk, int epoll_fd)
{
    struct epoll_event events[LOAD_CONVERSATIONS_MAX];
    int result = 0;
    while (!result && talk->waiting) {
        int count = epoll_wait(epoll_fd, events, LOAD_CONVERSATIONS_MAX, PATIENCE_MS);
        if (count < 0 && errno != EINTR)
            return fault_set(talk->fault, -errno, "load: %s", strerror(errno));
        if (count == 0)
            return fault_set(talk->fault, -ETIMEDOUT, "load: %zu answers did not come within %d s", talk->waiting,
                             PATIENCE_MS / 1000);
        for (int n = 0; !result && n < count; n++)
            result = go_on(talk, events[n].data.u64);
    }
    return result;
}

double load_rate(const struct load *load)
{
    return load->took_us ? (double)load->answer_us.count * 1e6 / (double)load->took_us : 0;
}

void load_finish(struct load *load)
{
    samples_finish(&load->answer_us);
    *load = (struct load){ 0 };
}

int load_run(const struct load_peer *peer, int64_t duration_us, struct load *load, struct fault *fault)
{
    int64_t began_us = clock_mono_us();
    struct talk talk = { .peer = peer, .load = load, .until_us = began_us + duration_us, .fault = fault };
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0)
        return fault_set(fault, -errno, "load: %s", strerror(errno));
    int result = begin(&talk, epoll_fd);
    if (!result)
        result = talk_on(&talk, epoll_fd);
    load->took_us = clock_mono_us() - began_us;
    close(epoll_fd);
    return result;
}
