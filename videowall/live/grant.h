/* What ingest answered to a request that asked it something about a camera (feeds_ask()). */
#pragma once

#include <stdbool.h>

#include "proto/base/buffer.h"
#include "proto/record/camera.h"

struct request;

/* False: it said no, or nothing, and the request is answered so: 404 unknown, 409 limit and unable, 422 invalid, 502 no_picture, each with what to
 * do; 503 timeout: perhaps it was done, perhaps not. The grant's texts live as long as the request. */
bool grant_take(struct request *request, int status, struct bytes answer, struct camera_grant *grant);
/* Likewise, where it could not be asked. */
void grant_reply_away(struct request *request);
