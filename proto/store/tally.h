/* Tally: sums by name, in memory; one or several numbers a name. */
#pragma once

#include "proto/base/arena.h"

#include <stdint.h>

struct tally {
    struct tally_entry {
        const char *name;
        uint64_t hash;
        int64_t *sums;
    } * entries;  /* in order of their first mention */
    size_t width; /* numbers a name; 0: one. To be set while it is empty */
    size_t count, room;
    uint32_t *slots; /* by hash, open addressing: 1 + its entry, 0: free; at most half are taken */
    struct arena arena;
};

/* The name's numbers, to be changed: 0 at its first mention. They stay where they are until the tally is cleared. Copies the name. */
int64_t *tally_sums(struct tally *tally, const char *name);
/* NULL where the name was never mentioned. */
const int64_t *tally_find(const struct tally *tally, const char *name);
void tally_clear(struct tally *tally);  /* no entries; keeps the width, and some memory for the next ones */
void tally_finish(struct tally *tally); /* safe on a zeroed struct */

/* Of a tally with one number a name. */
static inline void tally_add(struct tally *tally, const char *name, int64_t by)
{
    *tally_sums(tally, name) += by;
}
static inline int64_t tally_sum(const struct tally *tally, const char *name)
{
    const int64_t *sums = tally_find(tally, name);
    return sums ? *sums : 0;
}
