/* The case API that the field door and the centre's door share: reads from snapshots, commands over the bus, a live stream of notices.
 *
 *   GET  /api/cases?list=open|triage|state/STATE|dept/CODE|worker/ID|area/CODE|all|closed…&after=ORDER,ID&limit=N
 *   GET  /api/cases/{number}          the case, its history, and "verbs": what this account may do now, with what each needs
 *   POST /api/cases/{number}/{verb}   {"id": made on the device, "revision": seen, "reason", "to_department", "to_worker", "media": [hash…]}
 *                                     200, 409 conflict with the current state, 403, 404, 422, 503; the same id again: the first answer
 *   POST /api/media                   one photo (JPEG, PNG, WebP) → {"hash": …}; GET /api/media/{hash}
 *   GET  /api/stream?topics=…         server-sent events, id = notice seq; Last-Event-ID (or ?after=) brings what was missed first
 *   GET  /api/me, /api/book           who I am; names of departments, services, areas, people the role may see
 * What an account may see and do is cut here: a worker its own tasks, a liaison the own department's, the desk everything.
 */
#pragma once

#include "proto/book/book.h"
#include "proto/bus/bus.h"
#include "proto/door/door.h"
#include "proto/door/session.h"
#include "proto/store/store.h"

struct case_api;

struct case_api_options {
    struct loop *loop;
    struct door *door;
    const struct book *book;
    const char *data_folder;
    int64_t bus_port_base;
    unsigned
        roles; /* ROLE_BIT()s that this door serves: field: worker, liaison; centre: operator, leader, admin, device */
};

int case_api_open(const struct case_api_options *options, struct case_api **api, struct fault *fault);
void case_api_close(struct case_api *api);
/* The read-only cases store, for the door's own routes (metrics of the wall, lists). */
struct store *case_api_store(struct case_api *api);
