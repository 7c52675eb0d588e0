/* The service: turns the engine's turns whenever there is something to take: events that the doorbell (or the poll behind it) announces,
 * commands on BUS_COMMANDS, clocks that fall due. After each commit it answers, and publishes the new notices on BUS_NOTICES
 * and on the sockets of remote departments.
 *
 * No socket of it faces the outside, so it shows its metrics on the bus: a request of the 7 bytes "metrics" on BUS_COMMANDS (no command is
 * so short) is answered with Prometheus text, for the doors' /metrics.
 *
 * With a virtual clock nothing sleeps until a real moment: the clock is looked at every 20 ms of real time and at each doorbell.
 */
#pragma once

#include "proto/base/fault.h"
#include "proto/book/book.h"

struct service_options {
    const struct book *book;
    const char *data_folder;
    int64_t bus_port;
    int64_t turn_inputs;     /* events that one turn takes at most */
    const char *remote_cert; /* certificate and key (PEM) for remote departments; NULL: none are served */
    const char *remote_ca;   /* folder with one CA per remote department: CODE.pem */
    const char *bus_users;   /* see bus_allow_users() */
};

enum { SERVICE_TURN_INPUTS = 4096, SERVICE_COMMANDS = 1024 };

/* Until SIGINT or SIGTERM; <0: what could not be opened or, later, committed. Nothing that was not committed has been answered. The
 * process ends with it: nng's sockets stay open. */
int service_run(const struct service_options *options, struct fault *fault);
