/* Events that have a number of their sender's: the same source and number again is the same event, and is not taken twice. */
#pragma once

#include "proto/base/arena.h"
#include "proto/record/event.h"

/* Sets external_source and external_id, and the event's id, a hash of `source` and `number`. For a further event about the same thing
 * (an update, an end) `number` differs and `thing` stays: the engine joins events of one external id. The texts must live as long as
 * the event; prefix: 1 to 7 letters, for whoever reads ids. */
void external_identify(struct event *event, const char *prefix, const char *source, const char *thing,
                       const char *number, struct arena *arena);
/* The id that external_identify() gives, for looking an event up. */
const char *external_event_id(const char *prefix, const char *source, const char *number, struct arena *arena);
