/* Reports of the district's own people: the doors where they are signed in hand them on over BUS_REPORTS (record/staff_report.h). Each is
 * checked against the book, put in its grid and answered after its commit, like a report from outside.
 */
#pragma once

#include "ingest/enrich/report.h"
#include "ingest/intake.h"
#include "proto/bus/bus.h"

struct staff_reports {
    const struct report_desk *desk;
    struct intake *intake;
    struct bus_server *server;
};

/* `staff` must live as long as the loop runs. */
int staff_reports_open(struct staff_reports *staff, struct loop *loop, int64_t bus_port_base, struct fault *fault);
