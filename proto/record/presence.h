/* Presence: where a worker was last, and whether they have left before their shift's end. */
#pragma once

#include "proto/record/codec.h"

#define PRESENCE_FIELDS(X) \
    X(1, BOOL, away, 0) /* 离岗: until they say that they are here again */ \
    X(2, INT, at_ms, 0) /* since when */ \
    X(3, REAL, lat, 0)  /* WGS 84, degrees */ \
    X(4, REAL, lon, 0) \
    X(5, INT, positioned_at_ms, 0) /* 0 = never */
RECORD_DECLARE(presence, PRESENCE_FIELDS)
