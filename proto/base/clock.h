/* What time it is. All times in the tree are int64_t milliseconds since 1970-01-01T00:00:00Z (UTC, no leap seconds).
 *
 * A replay of another year's days runs every process on one shared virtual clock: a file of 8 bytes (host order, milliseconds)
 * that the replay advances. With it, clock_now_ms() reads the file; without it, the system's clock. Only the
 * processes' edges read the clock; the engine is told.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/fault.h"

/* Uses the virtual clock in `path` from here on (created with 0 where absent). Call once, before threads. */
int clock_open_virtual(const char *path, struct fault *fault);
bool clock_is_virtual(void);
/* Only for the program that drives the virtual clock. */
void clock_set_virtual_ms(int64_t now_ms);

int64_t clock_now_ms(void);
/* For time-outs and durations: never jumps, not related to any calendar, never virtual. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
