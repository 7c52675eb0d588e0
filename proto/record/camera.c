#include "proto/record/camera.h"

ENUM_DEFINE(camera_state, CAMERA_STATES)
ENUM_DEFINE(camera_verb, CAMERA_VERBS)
ENUM_DEFINE(camera_result, CAMERA_RESULTS)
ENUM_DEFINE(camera_condition, CAMERA_CONDITIONS)

#define RECORD_TYPE struct camera_lease
RECORD_DEFINE(camera_lease, 1, CAMERA_LEASE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct camera_status
RECORD_DEFINE(camera_status, 1, CAMERA_STATUS_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct camera_grant
RECORD_DEFINE(camera_grant, 1, CAMERA_GRANT_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct camera_position
RECORD_DEFINE(camera_position, 1, CAMERA_POSITION_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct camera_health
RECORD_DEFINE(camera_health, 1, CAMERA_HEALTH_FIELDS)
#undef RECORD_TYPE
