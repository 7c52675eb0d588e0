/* The library of programmes: each made once, by a thread of its own, when it is asked for first. */
#pragma once

#include "proto/base/loop.h"
#include "tools/citysim/camsim/programme.h"

struct library;

/* `made` is called in the loop's thread after a programme has been made. */
int library_open(struct loop *loop, int (*made)(void *context), void *context, struct library **library,
                 struct fault *fault);
/* Takes NULL. Waits for a programme that is being made. */
void library_close(struct library *library);
/* NULL: it is being made; ask again when `made` was called. A programme that cannot be made ends the loop with an error. */
const struct programme *library_get(struct library *library, enum programme_scene scene, enum programme_size size,
                                    enum programme_codec codec);
