/* The cameras' health over HTTP, for the page of the cameras and for maps.
 *
 *   GET /api/cameras?state=&area=&text=&from=&limit=
 *                              {"as_of_ms", "round": away|none|current, "found": so many in all, "from", "cameras": [{"id", "name": {"zh", "en"},
 *                              "area": its code or "", "lat", "lon", "condition" (camera_condition), "since_ms", "visited_at_ms", "reason",
 *                              "state" (camera_state, "idle" where nobody pulls it), "picture_at_ms": of the small picture, 0: there is
 *                              none}]}, those that changed last first. state: conditions with commas; area: and below; text: in its id,
 *                              its names or its area's; limit: at most CAMERA_API_ROWS_MAX
 *   GET /api/cameras/points    the same question, all that are found, for a map: {"points": [[id, lat, lon, condition]]}
 *   GET /api/cameras/counts    {"as_of_ms", "round", "conditions": {condition: cameras}, "areas": [{"code", "name", "tier", "parent",
 *                              "cameras", "visited", "online"}]} of districts, streets and communities, each with what is below it
 *   GET /api/cameras/{id}/picture   the small picture that the last visit left (JPEG)
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/door/door.h"
#include "videowall/health/camera_find.h"

struct feeds;

enum { CAMERA_API_ROWS = 50, CAMERA_API_ROWS_MAX = 200 };

/* In the caller's memory; what it names outlives it. */
struct camera_api {
    struct door *door;
    const struct book *book;
    const struct checkup *checkup;
    const struct feeds *feeds;
    const char *data_folder;
    unsigned roles; /* ROLE_BIT()s that may look; 0: anybody */
};

int camera_api_open(struct camera_api *api, struct fault *fault);
