/* Staff: operators, shift leaders, liaisons and grid workers, each with an account, a live list and hands that act on it.
 *
 * A person hears of a case by its list (server-sent events with Last-Event-ID after every break), looks at it, and does the first thing
 * that the door offers ("verbs") and that a person of that role would do; after an answer, looks again until there is nothing
 * left to do. A command that got no answer is sent again with the same id. Handsets lose their connection now and then.
 */
#pragma once

#include "tools/citysim/city.h"

struct staff;

/* Signs in everybody of the book who has something to do. `photo` is the proof that workers attach (a JPEG). */
int staff_start(struct city *city, struct bytes photo, struct staff **staff, struct fault *fault);
void staff_stop(struct staff *staff); /* takes NULL */
/* Nobody is in the middle of something. */
bool staff_idle(const struct staff *staff);
