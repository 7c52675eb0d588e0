/* Seeded chance for property tests. A test prints its seed; DRUMTOWER_SEED replays one. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/clock.h"

struct dice {
    uint64_t state;
};

/* xorshift64* (Vigna 2014) */
static inline uint64_t dice_roll(struct dice *dice, uint64_t sides)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (dice->state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % sides;
}

static inline struct dice dice_of_this_run(void)
{
    const char *given = getenv("DRUMTOWER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono_us() % 1000000 + 1;
    printf("# DRUMTOWER_SEED=%llu\n", (unsigned long long)seed);
    return (struct dice){ seed * UINT64_C(0x9e3779b97f4a7c15) };
}
