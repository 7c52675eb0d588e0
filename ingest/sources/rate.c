#include "ingest/sources/rate.h"

enum { MESSAGE = 60000 }; /* so that a millisecond fills per_minute */

bool rate_take(struct rate *rate, int64_t count, int64_t now_mono_ms)
{
    int64_t most = rate->per_minute * MESSAGE, passed_ms = now_mono_ms - rate->at_mono_ms;
    bool full = !rate->at_mono_ms || passed_ms >= MESSAGE || rate->level + passed_ms * rate->per_minute >= most;
    rate->level = full ? most : rate->level + passed_ms * rate->per_minute;
    rate->at_mono_ms = now_mono_ms;
    if (rate->level < count * MESSAGE)
        return false;
    rate->level -= count * MESSAGE;
    return true;
}

void rate_give_back(struct rate *rate, int64_t count)
{
    rate->level += count * MESSAGE; /* more than a minute's worth is cut at the next one */
}

int64_t rate_wait_seconds(const struct rate *rate, int64_t count)
{
    int64_t missing = count * MESSAGE - rate->level, a_second = rate->per_minute * 1000;
    return missing > 0 ? (missing + a_second - 1) / a_second : 1;
}
