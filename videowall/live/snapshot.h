/* GET /live/snapshot/{camera}.jpg: leases the camera if nobody has it, takes the first key frame, answers with a JPEG. */
#pragma once

#include "proto/base/fault.h"

struct live_options;
struct snapshots;

int snapshots_open(const struct live_options *options, struct snapshots **snapshots, struct fault *fault);
/* Takes NULL. Requests that still wait are left to the door's end. */
void snapshots_close(struct snapshots *snapshots);
