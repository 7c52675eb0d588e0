#include "proto/door/runner.h"

#include <string.h>
#include <sys/epoll.h>

void runner_resume(struct runner *runner, struct MHD_Connection *mhd)
{
    MHD_resume_connection(mhd);
    if (!runner->resumed)
        loop_timer_arm(runner->loop, &runner->run_timer, 0);
    runner->resumed = true;
}

static void run(struct runner *runner)
{
    runner->resumed = false;
    MHD_run(runner->mhd);
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (runner->resumed) /* from inside: it has not been looked at yet, and MHD_get_timeout() knows nothing of it */
        loop_timer_arm(runner->loop, &runner->run_timer, 0);
    else if (MHD_get_timeout(runner->mhd, &wait_ms) == MHD_YES)
        loop_timer_arm(runner->loop, &runner->run_timer, wait_ms < INT32_MAX ? (int64_t)wait_ms : INT32_MAX);
    else
        loop_timer_disarm(runner->loop, &runner->run_timer);
}

static int epoll_ready(void *context, uint32_t events)
{
    (void)events;
    run(context);
    return 0;
}

static int run_due(void *context)
{
    run(context);
    return 0;
}

int runner_open(struct runner *runner, struct loop *loop, struct MHD_Daemon *mhd, struct fault *fault)
{
    *runner = (struct runner){
        .loop = loop,
        .mhd = mhd,
        .run_timer = { .fire = run_due, .context = runner },
        .watch = {
            .fd = MHD_get_daemon_info(mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
            .ready = epoll_ready,
            .context = runner,
        },
    };
    int result = loop_add(loop, &runner->watch, EPOLLIN);
    return result ? fault_set(fault, result, "libmicrohttpd in the loop: %s", strerror(-result)) : 0;
}

void runner_close(struct runner *runner)
{
    if (!runner->mhd)
        return;
    MHD_run(runner->mhd);
    MHD_stop_daemon(runner->mhd);
    loop_remove(runner->loop, &runner->watch);
    loop_timer_disarm(runner->loop, &runner->run_timer);
    *runner = (struct runner){ 0 };
}
