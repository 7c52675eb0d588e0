/* Samples: measured values and what stands at which place among them. Memory grows as they come. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct samples {
    int64_t *items;
    size_t count, room;
};

void samples_add(struct samples *samples, int64_t value);
/* The smallest value that `percent` of the samples do not exceed (nearest rank); 0 where there are none. Sorts them. */
int64_t samples_percentile(struct samples *samples, double percent);
void samples_finish(struct samples *samples); /* safe on a zeroed struct */
