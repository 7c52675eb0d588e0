/* Evidence of a case: GET /api/cases/{number}/evidence/{hash}. See case_api.h. */
#pragma once

#include "proto/door/case_api_share.h"

int case_evidence_open(struct case_api *api, struct fault *fault);
