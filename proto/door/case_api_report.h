/* POST /api/report, /api/hotline, /api/order: what the district's own people report, handed to ingest; see record/staff_report.h. */
#pragma once

#include "proto/door/case_api_share.h"

int case_report_open(struct case_api *api, struct fault *fault);
