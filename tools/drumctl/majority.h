/* The most frequent label of each key: what a model must beat. */
#pragma once

#include <stddef.h>

struct majority_row {
    const char *key, *label;
    size_t count;
};

struct majority {
    struct majority_row *rows;
    size_t count, capacity;
};

/* Texts are the caller's and outlive the majority. */
void majority_add(struct majority *majority, const char *key, const char *label);
/* After the last one was added, before the first question. */
void majority_settle(struct majority *majority);
/* NULL for a key that was never added. Of equally frequent labels the first in order of bytes. */
const char *majority_of(const struct majority *majority, const char *key);
void majority_finish(struct majority *majority); /* safe on a zeroed struct */
