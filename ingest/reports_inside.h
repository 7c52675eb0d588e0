/* What the files of the reports share; nobody else includes it. */
#pragma once

#include "ingest/reports.h"
#include "proto/store/case_store.h"

struct reports {
    struct event_log *log;
    const char *data_folder;
    size_t list_events;  /* events, cases or notices that one list looks at */
    struct store *cases; /* NULL until the dispatcher has made it */
    struct arena scratch, case_scratch;
};

/* 1: there are no cases yet. */
int reports_open_cases(struct reports *reports, struct fault *fault);
/* Counts it, and returns REPORTS_TOO_WIDE. */
int reports_too_wide(void);
