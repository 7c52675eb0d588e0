/* Notices: who is told what. They go into the outbox with the state that they tell of. */
#pragma once

#include "dispatcher/engine/draft.h"

/* What a verb tells beside the case itself. */
struct telling {
    const char *text;              /* for a person; NULL: none */
    const char *former_department; /* where the case has just left one: it is told too */
    const char *former_worker;
    int64_t voice_seq; /* report, attach: the one reporter's thread; 0: all of the case's */
};

/* Tells everybody in the verb's row. */
void notices_tell(struct draft *draft, enum verb verb, const struct telling *telling);
/* Warn, overdue. */
void notices_clock(struct draft *draft, enum verb verb, const struct clock *clock);
