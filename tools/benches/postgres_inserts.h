/* Inserts: conversations with PostgreSQL in which every question is one INSERT of one row with one value, committed before it is answered. */
#pragma once

#include "proto/base/buffer.h"
#include "tools/benches/load.h"

struct inserts;

/* `count` sessions at HOST:PORT, user and base 'postgres', and a fresh table with a number and the value; a prepared statement in
 * each. The values are inserted in turn and live as long as the inserts. */
int inserts_open(const char *address, size_t count, const struct bytes *values, size_t value_count,
                 struct inserts **inserts, struct fault *fault);
void inserts_close(struct inserts *inserts); /* takes NULL */
const struct load_peer *inserts_peer(const struct inserts *inserts);
