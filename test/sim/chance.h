/* Chance in words: what the simulated people and the weather around them throw their dice for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "test/unit/store/dice.h"

static inline struct dice chance_begin(uint64_t seed, uint64_t stream)
{
    struct dice dice = { (seed * 64 + stream + 1) * UINT64_C(0x9e3779b97f4a7c15) };
    for (int i = 0; i < 4; i++)
        dice_roll(&dice, 2); /* neighbouring seeds begin alike */
    return dice;
}

static inline bool chance(struct dice *dice, unsigned per_mille)
{
    return dice_roll(dice, 1000) < per_mille;
}

/* Both ends included. */
static inline int64_t between(struct dice *dice, int64_t low, int64_t high)
{
    return low + (int64_t)dice_roll(dice, (uint64_t)(high - low + 1));
}

/* Mostly short, sometimes eight times the middle: how long people take. */
static inline int64_t about_ms(struct dice *dice, int64_t middle_ms)
{
    return between(dice, middle_ms / 4, middle_ms) << dice_roll(dice, 4);
}
