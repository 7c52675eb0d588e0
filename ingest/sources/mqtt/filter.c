#include "ingest/sources/mqtt/filter.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_TYPE struct filter_state
RECORD_DEFINE(filter_state, 1, FILTER_STATE_FIELDS)
#undef RECORD_TYPE

enum { WINDOW_GAP = 4 }; /* spans without a reading, after which a change is measured anew */

/* What a reading says of the test. UNDECIDED: within the hysteresis, or too early to tell. */
enum verdict { FAILS, UNDECIDED, HOLDS };

static enum verdict compare(double over, double hysteresis)
{
    return over > 0 ? HOLDS : over <= -hysteresis ? FAILS : UNDECIDED;
}

/* The change a minute since `from`, which follows the readings at a distance of one to two spans. */
static enum verdict measure_change(struct filter *filter, double value, int64_t at_ms, double sign)
{
    const struct book_sensor_rule *rule = filter->rule;
    struct filter_point *from = &filter->from, *next = &filter->next;
    if (!from->at_ms || at_ms - next->at_ms > WINDOW_GAP * rule->over_ms) {
        *from = *next = (struct filter_point){ at_ms, value };
        return UNDECIDED;
    }
    int64_t passed_ms = at_ms - from->at_ms;
    if (passed_ms < rule->over_ms)
        return UNDECIDED;
    double a_minute = sign * (value - from->value) * 60000 / (double)passed_ms;
    if (at_ms - next->at_ms >= rule->over_ms) {
        *from = *next;
        *next = (struct filter_point){ at_ms, value };
    }
    return compare(a_minute - rule->level, 0);
}

static enum verdict judge(struct filter *filter, const struct filter_reading *reading)
{
    const struct book_sensor_rule *rule = filter->rule;
    if (rule->test == SENSOR_EQUALS)
        return strcmp(reading->word, rule->word) == 0 ? HOLDS : FAILS;
    if (!reading->is_number)
        return UNDECIDED;
    switch (rule->test) {
    case SENSOR_ABOVE:
        return compare(reading->value - rule->level, rule->hysteresis);
    case SENSOR_BELOW:
        return compare(rule->level - reading->value, rule->hysteresis);
    case SENSOR_RISES:
        return measure_change(filter, reading->value, reading->at_ms, 1);
    case SENSOR_FALLS:
        return measure_change(filter, reading->value, reading->at_ms, -1);
    case SENSOR_EQUALS:
    case SENSOR_SILENT_MINUTES:
        break;
    }
    return UNDECIDED;
}

/* The test has held long enough, and the last alarm is long enough ago. */
static enum filter_outcome raise_if_due(struct filter *filter, int64_t at_ms)
{
    const struct book_sensor_rule *rule = filter->rule;
    struct filter_state *state = &filter->state;
    if (at_ms - state->since_ms < rule->delay_ms ||
        (rule->hold_off_ms && state->raised_ms && at_ms - state->raised_ms < rule->hold_off_ms))
        return FILTER_NOTHING;
    state->raised_ms = at_ms;
    state->raised = !rule->each; /* an event by itself has no end */
    return FILTER_RAISED;
}

static enum filter_outcome end(struct filter_state *state)
{
    bool was_raised = state->raised;
    state->raised = false;
    state->since_ms = 0;
    return was_raised ? FILTER_ENDED : FILTER_NOTHING;
}

static enum filter_outcome hear(struct filter_state *state, int64_t now_ms)
{
    state->seen_ms = now_ms;
    state->quiet_ms = 0;
    return end(state);
}

enum filter_outcome filter_read(struct filter *filter, const struct filter_reading *reading, int64_t now_ms)
{
    struct filter_state *state = &filter->state;
    if (filter->rule->test == SENSOR_SILENT_MINUTES)
        return hear(state, now_ms);
    state->lag_ms = now_ms - reading->at_ms;
    enum verdict verdict = judge(filter, reading);
    if (verdict == FAILS)
        return end(state);
    if (verdict == UNDECIDED && !state->raised)
        state->since_ms = 0;
    if (verdict == UNDECIDED)
        return FILTER_NOTHING;
    state->seen_ms = reading->at_ms;
    if (filter->rule->each)
        state->since_ms = 0;
    if (state->raised)
        return FILTER_NOTHING;
    if (!state->since_ms) {
        state->since_ms = reading->at_ms;
        state->value = reading->value;
    }
    return raise_if_due(filter, reading->at_ms);
}

static enum filter_outcome tick_silence(struct filter *filter, int64_t now_ms, int64_t listened_ms)
{
    struct filter_state *state = &filter->state;
    if (!state->seen_ms)
        state->seen_ms = now_ms; /* never heard of: it has its whole span from here on */
    state->quiet_ms += listened_ms;
    if (state->raised || state->quiet_ms < filter->rule->silent_ms)
        return FILTER_NOTHING;
    state->since_ms = state->seen_ms;
    return raise_if_due(filter, now_ms);
}

enum filter_outcome filter_tick(struct filter *filter, int64_t now_ms, int64_t listened_ms)
{
    const struct book_sensor_rule *rule = filter->rule;
    struct filter_state *state = &filter->state;
    if (rule->test == SENSOR_SILENT_MINUTES)
        return tick_silence(filter, now_ms, listened_ms);
    if (rule->each)
        return FILTER_NOTHING;
    int64_t at_ms = now_ms - state->lag_ms;
    if (state->raised)
        return rule->rearm_ms && at_ms - state->seen_ms >= rule->rearm_ms ? end(state) : FILTER_NOTHING;
    return state->since_ms ? raise_if_due(filter, at_ms) : FILTER_NOTHING;
}

bool filter_must_keep(const struct filter *filter)
{
    const struct filter_state *now = &filter->state, *kept = &filter->kept;
    const struct book_sensor_rule *rule = filter->rule;
    if (now->raised != kept->raised || now->since_ms != kept->since_ms || now->raised_ms != kept->raised_ms)
        return true;
    if (rule->test == SENSOR_SILENT_MINUTES)
        return llabs(now->quiet_ms - kept->quiet_ms) >= rule->silent_ms / 4;
    return rule->rearm_ms && now->raised && now->seen_ms - kept->seen_ms >= rule->rearm_ms / 4;
}
