#include "tools/citysim/city.h"

#include <math.h>

uint64_t city_random(struct city *city)
{
    uint64_t mixed = city->random += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

uint64_t city_random_below(struct city *city, uint64_t bound)
{
    return bound ? city_random(city) % bound : 0;
}

int64_t city_random_gap_ms(struct city *city, double mean_ms)
{
    double uniform = ((double)(city_random(city) >> 11) + 0.5) / (double)(UINT64_C(1) << 53);
    return (int64_t)(-mean_ms * log(uniform));
}
