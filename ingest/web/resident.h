/* The resident's door: the form, the receipt, every stage of a report, the rating, the wish to have it taken up again; the district's map
 * and the pictures.
 *
 *   GET  /                  the form; a link may say ?service_code=&lat=&long=&address_string= already
 *   POST /report            → the receipt, with the secret link; or the form once more, where neighbours have reported the same there and
 *                           neither the form has told so (near.h) nor photos would have to be chosen again
 *   GET  /near?service_code=&lat=&long=  that hint alone, as a piece of HTML; empty where there is none
 *   GET  /follow?id=&key=   the stages          POST /rate, POST /reopen → the stages, with thanks
 *   GET  /map.json          the areas as GeoJSON                GET /media/{hash}   a picture (?size=small)
 *   GET  /shared/…, /ingest/…  files of the built pages
 * The form carries a random id: sent twice, it gives one report and the same receipt again.
 */
#pragma once

#include "ingest/enrich/post.h"
#include "ingest/intake.h"
#include "ingest/quota.h"
#include "ingest/reports.h"

struct resident {
    const struct report_desk *desk;
    struct intake *intake;
    struct reports *reports;
    struct quota *quota;
    const char *pages; /* folder of the built pages */
    struct buffer map, map_gz;
    char map_tag[HASH_HEX + 2]; /* its ETag */
};

/* `resident` must live as long as the door; resident_finish() frees the map. */
int resident_routes(struct resident *resident, struct door *door, struct fault *fault);
void resident_finish(struct resident *resident); /* safe on a zeroed struct */
