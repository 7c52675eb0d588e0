/* Working calendars: from a moment and a limit to a deadline. Pure: no clock, no state; see DOMAIN 4.
 *
 * A calendar's YAML (calendars.yaml):
 *   - code: china-2026
 *     weekend: [saturday, sunday]
 *     periods: [{from: "08:00", to: "12:00"}, {from: "14:00", to: "18:00"}]   # working periods of a working day
 *     holidays: [{from: 2026-01-01, to: 2026-01-03, name: 元旦}]
 *     make_up: [2026-01-04]            # 调休: working days although it is the week-end
 *     start:                           # what a moment becomes from which working days are counted
 *       non_working_day: next_same_time | next_open      # Saturday 10:20 → Monday 10:20, or Monday 08:00
 *       cut_off: "17:00"                                  # at or after it …
 *       cut_off_becomes: "08:30"                          # … the next weekday's / working day's 08:30
 *       before_open: keep | open
 *       day_end: same_time | close                        # the deadline's time of day, or the close of that day
 * Working days: the start is moved by these rules, then N working days are added.
 * Working hours: only time inside working periods counts, to the millisecond.
 * Calendar days: N days later at the same local time of day, also across a change of summer time (a time that does not exist
 * becomes the first one after the gap; of two equal ones the earlier).
 * Clock hours and minutes: elapsed time, nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/record/case.h"

struct calendar;
struct zone;

const char *calendar_code(const struct calendar *calendar);
const struct zone *calendar_zone(const struct calendar *calendar);

/* The deadline of a limit that counts from `from_ms`. amount ≥ 0. UNIT_NONE gives 0.
 * A calendar with no working time within 3 years of the start gives INT64_MAX (the book's check refuses such a calendar). */
int64_t calendar_deadline(const struct calendar *calendar, int64_t from_ms, enum limit_unit unit, int64_t amount);

bool calendar_is_working_day(const struct calendar *calendar, int64_t day); /* day: local, since 1970-01-01 */
bool calendar_is_working_time(const struct calendar *calendar, int64_t at_ms);
/* Working time between two moments, negative if to < from: what the pages show as "left". */
int64_t calendar_working_ms(const struct calendar *calendar, int64_t from_ms, int64_t to_ms);
