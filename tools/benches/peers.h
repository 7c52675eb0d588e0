/* Peers: the writes of a recording done by somebody else, in the same commits, each durable. Only what the peer does is timed; what is
 * sent to it was made ready before.
 */
#pragma once

#include "proto/base/fault.h"
#include "proto/store/store.h"
#include "tools/benches/recording.h"
#include "tools/benches/rig.h"

struct peer_work {
    const struct recording *recording;
    const struct store_layout *layout; /* names of the tables */
    const char *folder;                /* where fresh data may lie */
    struct watch spent;
    int64_t rows; /* written or deleted, over all */
};

/* Plain LMDB, default flags: every write as the engine makes it, or (net) each row once a commit. */
int peer_lmdb(struct peer_work *work, bool net, struct fault *fault);

/* PostgreSQL at the socket folder, default durability, prepared statements over arrays of rows, a transaction for each commit. No row is
 * read there and nothing is decided: it is told what to write.
 *
 * Grain: STEPS: every row change as the engine makes it, one statement for each table, kind and step, all of a commit in one pipeline
 * without waiting. BULK: the net of the commit, collected before and not timed: new rows by COPY, the others by one statement for each
 * table and kind.
 * Shape: ROWS: a table (key, value) for each of ours, so each row is a row there. INDEXES: as one would lay it out there: cases
 * with columns and indexes instead of rows of lists. */
enum postgres_grain { POSTGRES_STEPS, POSTGRES_BULK };
enum postgres_shape { POSTGRES_ROWS, POSTGRES_INDEXES };
int peer_postgres(struct peer_work *work, const char *socket_folder, enum postgres_grain grain,
                  enum postgres_shape shape, struct fault *fault);
