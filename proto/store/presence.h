/* Who is here and where, by account, in the cases environment. */
#pragma once

#include "proto/base/arena.h"
#include "proto/record/presence.h"
#include "proto/store/store.h"

/* Zeroed where nothing is known. A record that does not decode makes the transaction fail. */
void presence_get(struct txn *txn, const char *account, struct arena *arena, struct presence *presence);
void presence_put(struct txn *txn, const char *account, const struct presence *presence);
