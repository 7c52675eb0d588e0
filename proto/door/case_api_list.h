/* GET /api/cases: one short snapshot each. */
#pragma once

#include "proto/door/case_api_share.h"

int case_list_open(struct case_api *api, struct fault *fault);
