/* Tables: POST /imports/NAME with comma-separated values (RFC 4180, UTF-8, a header line), signed as webhooks are (signature.h); each row is an
 * event by the book's mapping, whose names are columns. All rows are taken in one commit, or none: what is wrong is told by line. A row whose
 * number the log has is not taken again, so a file may be sent as often as one likes.
 *
 *   200 {"rows": 120, "taken": 118, "repeated": 2}    durable; with ?check=true nothing is stored and "taken" says what would be
 *   400 no table   401 not signed   413 too many rows or bytes   422 {"error": {…, "rows": [{"line": 12, "message": "…"}], "wrong": 1}}   503 no key here
 */
#pragma once

#include "ingest/enrich/report.h"
#include "ingest/intake.h"

struct tables;

struct tables_options {
    const struct report_desk *desk;
    struct event_log *log;
    struct intake *intake;
    struct door *door;
    const char *keys; /* folder of the key files */
};

/* *out is NULL where the book has none. It must live as long as the door. */
int tables_open(const struct tables_options *options, struct tables **out, struct fault *fault);
void tables_close(struct tables *tables); /* takes NULL */
