/* What tests of the bus and of those who use it share: a loop that runs until something is so, free ports, children. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/base/loop.h"
#include "proto/bus/bus.h"

/* Bounds a wait that has gone wrong; nothing is asserted about time. */
enum { HARNESS_DEADLINE_MS = 20000 };

struct harness {
    struct loop *loop;
    struct loop_hook hook;
    struct loop_timer deadline, tick;
    bool (*done)(void *context);
    void (*each_tick)(void *context);
    void *context;
    bool is_done;
};

/* Takes memory that lives as long as the process: nng keeps what it was given. */
struct harness *harness_create(void);
/* Runs the loop until `done` is true (then true) or the deadline has passed (false). each_tick, if any, is called every 10 ms. */
bool harness_run(struct harness *harness, bool (*done)(void *context), void (*each_tick)(void *context), void *context);

/* A base with BUS_PORT_COUNT free ports behind it. */
int64_t harness_port_base(void);

/* This program again, in a process of its own, with `arguments` (NULL at the end); uid: as that user, 0: as we are.
 * *out: reads what it prints. */
pid_t harness_spawn(const char *const *arguments, uid_t uid, int *out);
/* One line from it, without its end; false when it ended without one. */
bool harness_read_line(int fd, char *line, size_t size);
int harness_wait(pid_t child); /* exit status */

/* The value of a metric as /metrics would show it; 0 where it is not there. */
int64_t harness_metric(const char *name);
