/* Posts: reports as an app of the street sends them, a form of 400 bytes each; as requests of HTTP, as commands of Redis, and as bare bytes,
 * all the same ones.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/book/book.h"
#include "tools/benches/load.h"

enum { POST_BYTES = 400, POST_COUNT = 1024 };
/* The door's path, in JSON. */
#define POST_PATH "/open311/v2/requests.json"

struct posts {
    struct arena arena;
    struct bytes forms[POST_COUNT], requests[POST_COUNT], pushes[POST_COUNT];
};

/* -EINVAL where the book has no public service without questions that must be answered. */
int posts_make(struct posts *posts, const struct book *book, uint64_t seed, struct fault *fault);
void posts_finish(struct posts *posts); /* safe on a zeroed struct */
