/* How a device is told to turn and zoom (PTZ service): the content of ContinuousMove and Stop. Pure. */
#pragma once

#include "ingest/cameras/source.h"
#include "proto/base/buffer.h"

/* All 0: Stop. */
bool move_is_stop(const struct source_move *move);
/* Appends the content. Only axes that move, or moved by the order before (`last`), are named: a device that cannot zoom refuses an order that names
 * zoom, and one that can goes on where it is not named. */
void move_put(struct buffer *out, const char *profile, const struct source_move *move, const struct source_move *last);
