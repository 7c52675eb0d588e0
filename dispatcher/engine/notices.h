/* Notices: who is told what. They go into the outbox with the state that they tell of. */
#pragma once

#include "dispatcher/engine/draft.h"

/* Names, each once. */
struct names {
    const char **items;
    size_t count, room;
};
void names_add(struct arena *arena, struct names *names, const char *name); /* "" is none */

/* What a verb tells beside the case itself. */
struct telling {
    const char *text;                  /* for a person; NULL: none */
    struct names departments, workers; /* whom the case has just left, told beside those who have it now */
    const struct task
        *assisting;         /* it is about this task alone: nothing that reporters or the wall have to know; NULL */
    const char *supervisor; /* supervise, end_supervision: the person; NULL: whom the case names */
    int64_t voice_seq;      /* report, attach: the one reporter's thread; 0: all of the case's */
    bool quiet;             /* attach: nothing that anybody but the reporter has to know */
};

/* Tells everybody in the verb's row. */
void notices_tell(struct draft *draft, enum verb verb, const struct telling *telling);
/* Warn, overdue, and to whom it escalates. */
void notices_clock(struct draft *draft, enum verb verb, const struct clock *clock, const struct book_escalation *to);
