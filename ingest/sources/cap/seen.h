/* What was seen already, by its hash: in memory that grows up to 8 MiB, since the log tells in the end what is known. */
#pragma once

#include "proto/base/crypto.h"

struct seen {
    struct hash *places; /* half of them at most are taken; all zero: free */
    size_t count, room;
};

enum { SEEN_MOST = 1 << 17 };

void seen_init(struct seen *seen);
void seen_finish(struct seen *seen); /* safe on a zeroed struct */
bool seen_has(const struct seen *seen, const struct hash *version);
/* Forgets all where it holds SEEN_MOST. */
void seen_add(struct seen *seen, const struct hash *version);
