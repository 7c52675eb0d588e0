/* Oracle: deadlines by walking through time minute by minute, as a clerk with a wall calendar would. Written apart from proto/book/calendar.c
 * and proto/book/zone.c: it asks libc for the local time of each quarter of an hour, and does no arithmetic on days but to step to the next.
 */
#pragma once

#include "test/sim/district.h"

enum { ORACLE_DAYS = 1500, ORACLE_ZONES = 4 };

struct oracle {
    int64_t first_day; /* UTC, since 1970-01-01 */
    struct oracle_zone {
        const char *name;
        bool known[ORACLE_DAYS];
        bool changes[ORACLE_DAYS];        /* the clocks are set on that day or the one before it */
        int16_t offsets[ORACLE_DAYS][96]; /* minutes east of UTC, a quarter of an hour each */
    } zones[ORACLE_ZONES];
};

void oracle_begin(struct oracle *oracle, int64_t first_day);

/* The deadline of a limit that counts from there; INT64_MAX: past what the oracle can see. */
int64_t oracle_deadline(struct oracle *oracle, const struct timetable *table, int64_t from_ms, enum limit_unit unit,
                        int64_t amount);
/* Where it moves to when its clock stood still in between. */
int64_t oracle_after_pause(struct oracle *oracle, const struct timetable *table, int64_t deadline_ms,
                           enum limit_unit unit, int64_t from_ms, int64_t to_ms);
/* Does the person's shift hold that moment? */
bool oracle_on_duty(struct oracle *oracle, const struct district *district, int person, int64_t at_ms);
