/* The case API that the field door and the centre's door share: reads from snapshots, commands over the bus, a live stream of notices.
 *
 *   GET  /api/cases?list=open|triage|asked|supervised|state/STATE|dept/CODE|dept-all/CODE|worker/ID|area/CODE|all|closed&after=ORDER,ID&limit=N
 *                                     {"list", "cases": […], "next": "ORDER,ID" or null, "now_ms"}; lists as in store/case_index.h, "all",
 *                                     "dept-all", "closed" and the states that are over newest first; without list: the role's own
 *   GET  /api/cases/{number}          {"case", "steps", "words": of each report where there are several: [{"seq", "words"}], "verbs": what this
 *                                     account may do now: [{"verb", "needs": [NEED…]}], "route": where the book would send it
 *                                     ({"department", "rule"} or null; desk only), "now_ms"}
 *   GET  /api/cases/{number}/near     {"cases": open ones of the same service and area, the nearest first: [{"number", "title", "state",
 *                                     "address", "reported_at_ms", "voices", "distance_m" or null}]}; desk only
 *   POST /api/cases/{number}/{verb}   {"id": made on the device, "revision": seen, "media": [hash…], and what the verb needs: the members of
 *                                     record/command.h} → 200 and the answer record, 409 conflict with "case" and "verbs" as they are now,
 *                                     403, 404, 422, 503; the same id again: the first answer
 *   POST /api/here, /api/away         {"id", "lat", "lon"}: a worker comes, or goes before the shift ends; answers like a command
 *   POST /api/report                  what a worker found on patrol: {"id", "service", "condition", "text", "lat", "lon", "accuracy_m",
 *                                     "address", "media", "happened_at_ms", "disposed": fixed on the spot} → 201 {"seq"} when it is durable,
 *                                     422, 503; the same id again: the same seq
 *   POST /api/hotline, /api/order     the same of the desk (operator, leader): what a caller said, with "number", "caller", "phone", "priority"; what a superior
 *                                     ordered, with "number" (of the document), "ordered_by", "answer_by_ms", "demanded", "priority"
 *   POST /api/media                   one photo (JPEG, PNG, WebP) → {"hash", "type"}: of what was decoded and written anew; 422, 503
 *   GET  /api/media/{hash}            ?size=small: the one for lists
 *   GET  /api/cases/{number}/evidence/{hash}   a camera's picture or clip that was kept for the case (steps of the verb "evidence"); who looks, and
 *                                     when, is noted first
 *   GET  /api/stream?topics=A,B       server-sent events "notice" (record/notice.h), id = notice seq; Last-Event-ID (or ?after=) brings
 *                                     what was missed first; without it the stream begins now, with an event "hello" that has the
 *                                     number to go on from. Without topics: the role's own
 *   GET  /api/me, /api/book           who I am; names of departments, services, areas, people the role may see, and rules
 *   GET  /api/people                  the people again, with who of them is there now ("on_duty")
 * What an account may see and do is cut here (case_api_access.h): a worker its own tasks and what is offered to it, a liaison the own
 * department's, the desk everything, a device the wall's notices. Nobody sees contacts.
 */
#pragma once

#include "proto/bus/bus.h"
#include "proto/door/case_api_options.h"
#include "proto/door/session.h"
#include "proto/store/store.h"

struct case_api;

/* Runs the loop until the dispatcher has made the cases store (the door answers /readyz with that meanwhile). -EINTR: the loop was
 * ended before. From here on the door's readiness follows the dispatcher's heartbeat. All of `options` outlives the API. */
int case_api_open(const struct case_api_options *options, struct case_api **api, struct fault *fault);
/* After the loop has ended for good, before the door is closed. Takes NULL. */
void case_api_close(struct case_api *api);
/* The read-only cases store, for the door's own routes (metrics of the wall, lists). */
struct store *case_api_store(struct case_api *api);
