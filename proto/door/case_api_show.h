/* GET /api/cases/{number}: one case as a person looks at it. */
#pragma once

#include "proto/door/case_api_share.h"

int case_show_open(struct case_api *api, struct fault *fault);
