/* The Open311 door: GeoReport v2 under /open311/v2, and its discovery, in JSON and XML by the path's ending.
 *
 *   GET  services, services/{code}, requests, requests/{id}, tokens/{token}     POST requests
 *   GET  openapi.json: all of it as a description for programs
 *   GET, POST servicerequestupdates: FixMyStreet's extension, what reporters were told and what else they say
 * A created request is answered after the commit that holds it; its id is the event's sequence number. Services are realtime, or as the book has
 * them (services.yaml: type). Who may send, and for which jurisdiction, says the book too (sources.yaml: open311; access.h).
 * Extensions: extensions=true adds the block "drumtower" (case number, state, …); pages of lists; updated_after and updated_before; pictures as
 * files of a multipart form; the header Idempotency-Key on POST makes a repeated request safe: the same key of the same
 * client (of one without an api_key: of the same reporter) gives the same id.
 */
#pragma once

#include "ingest/enrich/post.h"
#include "ingest/intake.h"
#include "ingest/quota.h"
#include "ingest/reports.h"
#include "ingest/sources/open311/access.h"

struct open311 {
    const struct report_desk *desk;
    struct intake *intake;
    struct reports *reports;
    const char *scheme;   /* "http" or "https" */
    struct access access; /* its folder and quotas are set, all else is the door's */
};

/* `open311` must live as long as the door. */
int open311_routes(struct open311 *open311, struct door *door, struct fault *fault);
void open311_finish(struct open311 *open311); /* safe on a zeroed struct */
