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

/* PostgreSQL at the socket folder, default durability. Each commit is one transaction of its net rows: what is new by COPY (binary), what
 * changed by UPDATE … FROM unnest(), what went by DELETE … = ANY(), prepared. Two shapes:
 * - POSTGRES_ROWS: a table (key, value) for each of ours, so each row is a row there too;
 * - POSTGRES_INDEXES: as one would lay it out there: cases with columns and indexes instead of list rows, the outbox with an index by topic. */
enum postgres_shape { POSTGRES_ROWS, POSTGRES_INDEXES };
int peer_postgres(struct peer_work *work, const char *socket_folder, enum postgres_shape shape, struct fault *fault);
