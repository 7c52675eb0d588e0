/* What the health round over the cameras knows, between processes (BUS_HEALTH, REQ/REP): a health_ask, answered by a health_report.
 *
 * Who asks holds a copy. Each visit is a change, numbered from 1; a report tells the cameras that changed after `since`, in the book's order and at
 * most HEALTH_REPORT_CAMERAS of them: where `next` is not 0, ask again with the same `since` and from there. What changes meanwhile is told
 * again by the next turn, which asks since the first report's `change`.
 */
#pragma once

#include "proto/record/camera.h"

enum { HEALTH_REPORT_CAMERAS = 1000 };

#define HEALTH_ASK_FIELDS(X) \
    X(1, INT, run, 0)   /* of the last report; 0: none yet, and all is told */ \
    X(2, INT, since, 0) /* changes up to this one are known */ \
    X(3, INT, from, 0)  /* place in the book, from 0 */
RECORD_DECLARE(health_ask, HEALTH_ASK_FIELDS)

#define HEALTH_REPORT_FIELDS(X) \
    X(1, INT, run, 0) /* of the round; another one than before: what was known is void. 0: there is no round */ \
    X(2, INT, change, 0) \
    X(3, INT, next, 0) /* place in the book to go on from; 0: all is told */ \
    X(4, LIST, cameras, camera_health)
RECORD_DECLARE(health_report, HEALTH_REPORT_FIELDS)
