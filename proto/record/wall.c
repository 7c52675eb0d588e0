#include "proto/record/wall.h"

ENUM_DEFINE(wall_verb, WALL_VERBS)
ENUM_DEFINE(wall_result, WALL_RESULTS)

#define RECORD_TYPE struct wall_order
RECORD_DEFINE(wall_order, 1, WALL_ORDER_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct wall_view
RECORD_DEFINE(wall_view, 1, WALL_VIEW_FIELDS)
#undef RECORD_TYPE
