/* libmicrohttpd, run by the loop: whenever its epoll set, its timeout or a resumed connection asks for it. */
#pragma once

#include <microhttpd.h>

#include "proto/base/fault.h"
#include "proto/base/loop.h"

struct runner {
    struct loop *loop;
    struct MHD_Daemon *mhd;
    struct loop_watch watch;
    struct loop_timer run_timer;
    bool resumed; /* a connection waits for the next run */
};

/* Takes the daemon, also where it fails. */
int runner_open(struct runner *runner, struct loop *loop, struct MHD_Daemon *mhd, struct fault *fault);
/* Runs once more, so that the last answers go out, and stops the daemon. Safe on a zeroed one. */
void runner_close(struct runner *runner);
/* With an epoll set of the caller's, libmicrohttpd wakes nobody for a resumed connection: it must be run again. */
void runner_resume(struct runner *runner, struct MHD_Connection *mhd);
