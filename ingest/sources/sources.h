/* The ways in beside the doors' own: what sources.yaml of the book names.
 *
 * What is sent to a door (webhooks, tables, chats) each of several ingest processes on one data folder takes; the one that leads (leader.h) pulls as well
 * (MQTT, feeds), hands on (cities) and answers (chats).
 */
#pragma once

#include "ingest/enrich/report.h"
#include "ingest/intake.h"
#include "ingest/reports.h"

struct sources;

struct sources_options {
    struct loop *loop;
    const struct report_desk *desk;
    struct event_log *log;
    struct intake *intake;
    struct door *door;
    struct reports *reports;
    struct suggester *suggester;
    const char *keys; /* folder of the key files (key_file.h) */
};

int sources_open(const struct sources_options *options, struct sources **out, struct fault *fault);
/* This process leads, from now on. */
int sources_lead(struct sources *sources, struct fault *fault);
void sources_close(struct sources *sources); /* takes NULL; the loop must not run any more */
