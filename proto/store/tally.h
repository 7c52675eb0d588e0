/* Tally: sums by name, in memory. */
#pragma once

#include "proto/base/arena.h"

#include <stdint.h>

struct tally {
    struct tally_entry {
        const char *name;
        uint64_t hash;
        int64_t sum;
    } * entries; /* in order of their first mention */
    size_t count, room;
    uint32_t *slots; /* by hash, open addressing: 1 + its entry, 0: free; at most half are taken */
    struct arena arena;
};

void tally_add(struct tally *tally, const char *name, int64_t by); /* copies the name */
int64_t tally_sum(const struct tally *tally, const char *name);    /* 0 where the name was never mentioned */
void tally_clear(struct tally *tally);                             /* no entries; keeps some memory for the next ones */
void tally_finish(struct tally *tally);                            /* safe on a zeroed struct */
