/* Catalog: the channels of one device, put together from the many answers that it sends to one query. Pure.
 *
 * What devices do: send some channels twice, announce another number (SumNum) than they send, stop half-way. So a catalog is complete when
 * nothing more has come for CATALOG_QUIET_MS, or CATALOG_LATE_MS where more was announced; what was known before stays until then.
 */
#pragma once

#include "ingest/cameras/gb28181/manscdp.h"
#include "proto/book/gb28181.h"

enum { CATALOG_QUIET_MS = 2000, CATALOG_LATE_MS = 10000, CATALOG_CHANNELS_MAX = 20000, CATALOG_NAME_SIZE = 64 };

struct catalog_channel {
    char id[GB_ID_DIGITS + 1];
    char name[CATALOG_NAME_SIZE];
    bool off; /* the device itself does not reach it */
};

struct catalog {
    struct catalog_channel *channels, *coming; /* the known ones; those of the answer under way: sorted by id */
    size_t count, coming_count;
    int64_t serial; /* of the query that is answered; 0: none */
    int64_t heard_mono_ms, announced;
    bool known; /* one was complete */
};

/* A new query: its number, from 1. What has come of an older one is given up. */
void catalog_ask(struct catalog *catalog, int64_t serial, int64_t now_mono_ms);
/* A part of the answer. -EINVAL: not of this query; -EMSGSIZE: more channels than may be. */
int catalog_take(struct catalog *catalog, const struct manscdp *document, int64_t now_mono_ms);
/* True: it is complete now. */
bool catalog_tick(struct catalog *catalog, int64_t now_mono_ms);
/* NULL: it has no such channel. */
const struct catalog_channel *catalog_find(const struct catalog *catalog, const char *id);
void catalog_finish(struct catalog *catalog); /* safe on a zeroed struct */
