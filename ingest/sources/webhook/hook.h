/* Webhooks: POST /hooks/NAME with a JSON object, signed (signature.h), mapped by the book to an event.
 *
 *   201 {"seq": 17, "id": "…", "repeated": false}    durable; 200 with "repeated": true where the log had it already
 *   400 no JSON   401 not signed with our key, or too old   404 no such hook   413 too large   422 not what the book expects, all of it named
 *   429 more than its share, with Retry-After   503 no key here yet, or the log is full now, with Retry-After
 * Shares are counted in each ingest process by itself.
 */
#pragma once

#include "ingest/enrich/report.h"
#include "ingest/intake.h"

struct hooks;

struct hooks_options {
    const struct report_desk *desk;
    struct intake *intake;
    struct door *door;
    const char *keys; /* folder of the key files */
};

/* *out is NULL where the book has no webhook. It must live as long as the door. */
int hooks_open(const struct hooks_options *options, struct hooks **out, struct fault *fault);
void hooks_close(struct hooks *hooks); /* takes NULL */
