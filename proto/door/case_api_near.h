/* GET /api/cases/{number}/near: what else might be the same trouble; see case_api.h. */
#pragma once

#include "proto/door/case_api_share.h"

int case_near_open(struct case_api *api, struct fault *fault);
