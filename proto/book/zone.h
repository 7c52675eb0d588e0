/* Time zones (tz database, by GLib): between UTC and a district's local time. */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"

struct zone;

/* NULL fault text: "no time zone 'Asia/Shangai' on this machine". The zone lives until zone_destroy(). */
int zone_open(const char *name, struct zone **zone, struct fault *fault);
void zone_destroy(struct zone *zone); /* takes NULL */
const char *zone_name(const struct zone *zone);

/* Minutes east of UTC at that moment. */
int zone_offset_minutes(const struct zone *zone, int64_t at_ms);
/* Local wall-clock milliseconds (as if UTC) ↔ moment. In a gap: the first moment after it; of two equal ones: the earlier. */
int64_t zone_to_local_ms(const struct zone *zone, int64_t at_ms);
int64_t zone_from_local_ms(const struct zone *zone, int64_t local_ms);
/* "2026-03-02 10:00" on the zone's clocks, or a moment with its own offset (see timestamp_parse). -EINVAL for anything else. */
int zone_parse(const struct zone *zone, const char *text, int64_t *at_ms);
