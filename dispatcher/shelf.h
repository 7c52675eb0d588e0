/* The shelf: a book and older ones, found by their hash, as a journal names them. */
#pragma once

#include "dispatcher/replay.h"

enum { SHELF_OLDER_MAX = 256 };

struct shelf {
    const struct book *now; /* the caller's */
    struct book *older[SHELF_OLDER_MAX];
    size_t count;
};

/* Each folder in `folder` is a book; NULL: there is no other than `now`. -E2BIG: there are more than a shelf holds. */
int shelf_load(struct shelf *shelf, const struct book *now, const char *folder, struct fault *fault);
void shelf_finish(struct shelf *shelf); /* safe on a zeroed struct */
/* For a replay; the shelf must outlive it. */
struct replay_books shelf_books(const struct shelf *shelf);
