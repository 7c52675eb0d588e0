/* GET /api/book and GET /api/me: names of the district, and who asks. */
#pragma once

#include "proto/door/case_api_share.h"

int case_names_open(struct case_api *api, struct fault *fault);
