/* The ingest service: log, reports, intake and the doors' routes put together. One struct, opened and closed once. */
#pragma once

#include "ingest/enrich/classify/suggester.h"
#include "ingest/enrich/report.h"
#include "ingest/intake.h"
#include "ingest/quota.h"
#include "ingest/reports.h"
#include "ingest/sources/open311/open311.h"
#include "ingest/sources/sources.h"
#include "ingest/staff_reports.h"
#include "ingest/web/resident.h"
#include "proto/base/daemon.h"

struct service_options {
    struct daemon_options daemon;
    const char *bus_users; /* see bus_allow_users() */
    const char *model;     /* --suggest-model FILE; NULL: SUGGESTER_FILE in the data folder */
    const char *keys;      /* --keys DIR; NULL: DATA/keys */
};

struct service {
    struct loop *loop;
    int64_t bus_port;
    struct event_log *log;
    struct reports *reports;
    struct bus_publisher *doorbell;
    struct door *door;
    struct intake *intake;
    struct report_desk desk;
    struct quota reports_quota, lists_quota;
    struct open311 open311;
    struct sources *sources;
    struct resident resident;
    struct staff_reports staff;
    struct suggester suggester;
    struct loop_timer minute, model;
    char pages[DAEMON_PATH], model_path[DAEMON_PATH], keys[DAEMON_PATH];
};

/* The book must outlive the service. */
int service_open(struct service *service, struct loop *loop, const struct book *book,
                 const struct service_options *options, struct fault *fault);
/* This process leads (leader.h), from now on: it takes what other doors hand on, and pulls what the book's sources name. */
int service_lead(struct service *service, struct fault *fault);
/* Safe on a zeroed struct; the loop must not run any more. */
void service_close(struct service *service);
