/* The indicators on the centre's door, for the desk; what they are is said in store/indicator.h, how they are summed up in
 * door/indicator_report.h.
 *
 *   GET /api/indicators?by=&period=&from=&to=
 *          {"by", "period", "from", "to", "now_ms", "today", "definitions": [{"name", "part", "of", "better", "green", "yellow"}],
 *           "groups": [{"period", "from", "to", "key", "name": {"zh", "en"}, "measures": {NAME: n}, "indicators": {NAME: {"part", "of",
 *           "grade"}}}]}; by default the district, and its last INDICATOR_DAYS days together
 *   GET /api/indicators/cases?indicator=&part=of|part|rest&by=&key=&from=&to=&after=ORDER,ID&limit=N
 *          {"cases": [{"number", "title", "service", "area", "state", "priority", "department", "reported_at_ms", "name": of the department,
 *           worker or area that it counts under, "at_ms": when it counts, "part": whether it is one of the part}], "next": "ORDER,ID" or
 *           null, "now_ms"}: those behind one figure of the above, newest first. A page looks at INDICATOR_LOOKED_AT cases at most, so it
 *           may be short of `limit`, or empty, and still have a next one.
 * What is asked wrongly is 400 with what would be right; so are more than INDICATOR_DAYS_MAX days, or INDICATOR_GROUPS_MAX groups.
 */
#pragma once

#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/store/store.h"

enum { INDICATOR_DAYS = 30, INDICATOR_DAYS_MAX = 1100, INDICATOR_GROUPS_MAX = 2000 };
enum { INDICATOR_CASES_DEFAULT = 50, INDICATOR_CASES_MAX = 500, INDICATOR_LOOKED_AT = 5000 };

struct indicator_api {
    struct door *door;
    const struct book *book;
    struct store *cases; /* read-only; its days are those of case_index_set_zone() */
    unsigned roles;      /* ROLE_BIT()s that may look */
};

/* Adds the routes. `api` outlives the door. */
int indicator_api_open(struct indicator_api *api, struct fault *fault);
