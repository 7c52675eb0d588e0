/* How many messages a source may send: a bucket that holds a minute's worth and fills evenly. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rate {
    int64_t per_minute; /* > 0 */
    int64_t at_mono_ms; /* up to when it was filled; 0: it is full */
    int64_t level;      /* in 1/60000 of a message */
};

/* Takes `count` messages (up to per_minute) out of the bucket; false: there are not so many in it now. */
bool rate_take(struct rate *rate, int64_t count, int64_t now_mono_ms);
/* Puts back what was taken for messages that were not taken through no fault of their sender. */
void rate_give_back(struct rate *rate, int64_t count);
/* Seconds until that many will be in it. */
int64_t rate_wait_seconds(const struct rate *rate, int64_t count);
