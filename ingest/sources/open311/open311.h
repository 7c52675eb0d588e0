/* The Open311 door: GeoReport v2 under /open311/v2, and its discovery, in JSON and XML by the path's ending.
 *
 *   GET  services, services/{code}, requests, requests/{id}, tokens/{id}     POST requests
 * A created request is answered after the commit that holds it; its id is the event's sequence number, so every service is "realtime".
 * Extensions: extensions=true adds the block "drumtower" (case number, state, …); the header Idempotency-Key on POST makes a repeated
 * request safe: the same key gives the same id.
 * jurisdiction_id and api_key are accepted and not looked at: a book is one jurisdiction.
 */
#pragma once

#include "ingest/enrich/post.h"
#include "ingest/intake.h"
#include "ingest/quota.h"
#include "ingest/reports.h"

struct open311 {
    const struct report_desk *desk;
    struct intake *intake;
    struct reports *reports;
    struct quota *quota;
    const char *scheme; /* "http" or "https" */
};

/* `open311` must live as long as the door. */
int open311_routes(struct open311 *open311, struct door *door, struct fault *fault);
