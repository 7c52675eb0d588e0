#include "tools/citysim/dice.h"

#include <math.h>

uint64_t dice_throw(struct dice *dice)
{
    uint64_t mixed = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

uint64_t dice_below(struct dice *dice, uint64_t bound)
{
    return bound ? dice_throw(dice) % bound : 0;
}

int64_t dice_gap_ms(struct dice *dice, double mean_ms)
{
    double uniform = ((double)(dice_throw(dice) >> 11) + 0.5) / (double)(UINT64_C(1) << 53);
    return (int64_t)(-mean_ms * log(uniform));
}
