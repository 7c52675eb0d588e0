/* The ways in beside the doors' own: what sources.yaml of the book names.
 *
 * Of several ingest processes on one data folder one alone leads: it holds the lock of DATA/sources.lock, and pulls (MQTT, feeds), hands on (cities) and
 * answers (chats). The others look every few seconds whether the lock has come free. What is sent to a door (webhooks, chats) each of them takes.
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
void sources_close(struct sources *sources); /* takes NULL; the loop must not run any more */
