/* Dice: splitmix64 (Steele, Lea, Flood 2014). The same seed, the same throws. */
#pragma once

#include <stdint.h>

struct dice {
    uint64_t state;
};

uint64_t dice_throw(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t bound); /* 0 for a bound of 0 */
/* Exponentially distributed with that mean: the gaps between what many people do independently. */
int64_t dice_gap_ms(struct dice *dice, double mean_ms);
