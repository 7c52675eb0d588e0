/* The filter: from the readings of a sensor to the few events that matter. Pure: time and state come in, an outcome comes out.
 *
 * A rule's test holds or not. It is raised when the test has held for delay_ms and the last alarm is hold_off_ms ago; it ends when the
 * value has come back by the hysteresis. Until then no other alarm of the rule is raised, however many readings say the same.
 * (Terms of ISA-18.2: deadband, on-delay; the hold-off is between two alarms.)
 *
 * Two clocks: a reading has its sensor's time, ticks have ours. Delays are measured on the sensor's, so that what waited in the broker
 * while we were away counts as it happened; a tick is moved there by the lag of the last reading.
 * Silence is measured in the time that we were listening: while the broker is away, nobody is silent.
 */
#pragma once

#include "proto/book/sources.h"
#include "proto/record/codec.h"

/* What must survive a restart, put into the log in the commit of the event that it caused (event_log.h, memos). */
#define FILTER_STATE_FIELDS(X) \
    X(1, BOOL, raised, 0)   /* an alarm stands */ \
    X(2, INT, since_ms, 0)  /* the reading since which the test holds; 0: it does not */ \
    X(3, INT, raised_ms, 0) /* the last alarm; 0: none yet */ \
    X(4, INT, seen_ms, 0)   /* the last reading for which the test held; silence: the last one at all (our clock) */ \
    X(5, INT, lag_ms, 0)    /* our clock minus the sensor's, at its last reading */ \
    X(6, INT, quiet_ms, 0)  /* silence: how long we listened and heard nothing */ \
    X(7, REAL, value, 0)    /* of the reading since which the test holds */
RECORD_DECLARE(filter_state, FILTER_STATE_FIELDS)

/* A point of a change that is measured. Not kept: after a restart a new measurement begins. */
struct filter_point {
    int64_t at_ms; /* 0: none */
    double value;
};

struct filter {
    const struct book_sensor_rule *rule;
    struct filter_state state;
    struct filter_state kept; /* as it was last kept */
    struct filter_point from, next;
};

struct filter_reading {
    double value;
    bool is_number;
    const char *word;
    int64_t at_ms; /* the sensor's clock */
};

enum filter_outcome { FILTER_NOTHING, FILTER_RAISED, FILTER_ENDED };

/* A reading of the rule's measure. For a rule about silence: any sign of life. */
enum filter_outcome filter_read(struct filter *filter, const struct filter_reading *reading, int64_t now_ms);
/* Time passes without a reading; `listened_ms`: how much of it since the last tick we were connected. */
enum filter_outcome filter_tick(struct filter *filter, int64_t now_ms, int64_t listened_ms);
/* True where the state has to be kept: it differs from what was kept by more than a quarter of the span that it is compared with. */
bool filter_must_keep(const struct filter *filter);
