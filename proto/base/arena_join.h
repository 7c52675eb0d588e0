/* Texts that are joined, not formatted, for what every request needs: a program that has loaded the decoders of pictures pays three times for each printf,
 * since libquadmath, which they bring along, registers a specifier of its own. */
#pragma once

#include <stdint.h>

#include "proto/base/arena.h"

/* The texts one after the other, up to a NULL. */
char *arena_join(struct arena *arena, const char *first, ...) __attribute__((sentinel));
char *arena_whole(struct arena *arena, uint64_t number); /* in decimal digits */
