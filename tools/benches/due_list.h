/* The list of due clocks alone, without the cases around it: keys ordered by moment, armed in any order, some cancelled, the
 * first ones taken off in order; a durable commit for each batch. Ours is the store's own list; the peer is a Redis ZSET.
 */
#pragma once

#include "tools/benches/rig.h"

struct due_plan {
    int64_t clocks; /* to arm */
    int64_t cancels, fires;
    int64_t batch; /* clocks a commit, or a command of Redis */
    uint64_t seed;
};

struct due_cost {
    struct watch arm, cancel, fire; /* of all */
    int64_t memory_bytes, file_bytes;
    bool in_order; /* what was taken off came in order of its moment, as many as asked */
};

/* Both do the same: the seed decides moments and which are cancelled. */
int due_list_ours(const struct due_plan *plan, const char *folder, struct due_cost *cost, struct fault *fault);
int due_list_redis(const struct due_plan *plan, const char *socket, struct due_cost *cost, struct fault *fault);
