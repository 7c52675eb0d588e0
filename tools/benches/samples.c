#include "tools/benches/samples.h"

#include <math.h>
#include <stdlib.h>

#include "tools/benches/grow.h"

void samples_add(struct samples *samples, int64_t value)
{
    samples->items = grow(samples->items, samples->count, &samples->room, sizeof *samples->items);
    samples->items[samples->count++] = value;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t samples_percentile(struct samples *samples, double percent)
{
    if (!samples->count)
        return 0;
    qsort(samples->items, samples->count, sizeof *samples->items, by_value);
    double rank = ceil(percent / 100 * (double)samples->count);
    size_t at = rank < 1 ? 0 : (size_t)rank - 1;
    return samples->items[at < samples->count ? at : samples->count - 1];
}

void samples_finish(struct samples *samples)
{
    free(samples->items);
    *samples = (struct samples){ 0 };
}
