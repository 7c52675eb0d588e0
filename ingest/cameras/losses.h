/* What cameras sent and what was lost on the way, counted for all kinds of sources. */
#pragma once

#include <stdint.h>

void losses_register(void);
void losses_count_bytes(int64_t bytes);
/* Adds it to its metric, and sets it to 0. */
void losses_count_reordered(int64_t *packets);
/* Adds each to its metric and sets it to 0. */
void losses_count(int64_t *packets_lost, int64_t *packets_broken, int64_t *units_dropped);
