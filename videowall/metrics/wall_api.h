/* The wall's own routes on the centre's door, and the same figures for the native wall.
 *
 *   GET /api/wall          the figures (figures.h) as JSON: "seq", "as_of_ms", "name", "open", "due", "overdue", "reported_today",
 *                          "closed_today", "triage", "states" {state: cases}, "departments" [{"code", "name", "open", "due", "overdue"}], "hours" [{"reported",
 *                          "closed"}], "areas" [{"code", "open", "due", "overdue"}], "newest" [{"number", "title", "service", "area",
 *                          "state", "priority", "reported_at_ms", "level": none|normal|due|overdue}]; names are {"zh", "en"}
 *   GET /api/map.geojson   the areas' polygons
 * The headline figures are also gauges of /metrics, read anew every second.
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/store/store.h"

struct wall; /* videowall/wall/wall.h */

struct wall_api_options {
    struct loop *loop;
    struct door *door;
    const struct book *book;
    struct store *cases; /* read-only */
    unsigned roles;      /* ROLE_BIT()s that may look */
    struct wall *native; /* is told the figures every second; NULL: no native wall */
};

struct wall_api;
int wall_api_open(const struct wall_api_options *options, struct wall_api **api, struct fault *fault);
void wall_api_close(struct wall_api *api); /* takes NULL; before the loop, the door and the store go */
