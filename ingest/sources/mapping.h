/* From a sender's words to an event, by a mapping of the book. Webhooks and imported tables share it. */
#pragma once

#include "ingest/enrich/report.h"
#include "proto/book/sources.h"

/* All that is wrong with a message, so that its sender learns it at once. */
enum { MAPPING_COMPLAINTS_MAX = 16 };
struct mapping_complaints {
    const char *items[MAPPING_COMPLAINTS_MAX]; /* "lat '95': expected degrees from -90 to 90" */
    size_t count;
};

/* Where a template's names get their values. NULL: the message has none. */
struct mapping_values {
    const char *(*value)(void *context, const char *name);
    void *context;
};

struct mapped {
    struct event event;
    struct contact contact;
    bool has_contact;
};

/* `source`: the external source, "hook/NAME". All texts live in the arena, or with values and book. With complaints the event is not for
 * use. */
void mapping_event(const struct report_desk *desk, const struct book_mapping *mapping, const char *source,
                   const struct mapping_values *values, int64_t now_ms, struct arena *arena, struct mapped *mapped,
                   struct mapping_complaints *complaints);
