#include "proto/record/health.h"

#define RECORD_TYPE struct health_ask
RECORD_DEFINE(health_ask, 1, HEALTH_ASK_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct health_report
RECORD_DEFINE(health_report, 1, HEALTH_REPORT_FIELDS)
#undef RECORD_TYPE
