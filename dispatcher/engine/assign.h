/* Assignment: who gets a task. Near before far, and an open task counts as some metres of way; of equals the first by id. */
#pragma once

#include "dispatcher/engine/draft.h"

/* Who may have it: on duty, not away, and serving the case's area. */
struct assign_search {
    const struct book_department *department; /* NULL: any, but only workers who are named for areas (网格员) */
    const struct task *task;                  /* not those to whom it was offered already; NULL: a new task */
    const char *preferred;                    /* before all others; NULL: nobody */
    bool not_disposers;                       /* nobody who took part in the disposal */
};

/* Up to `max` of them, the best first; returns how many. */
size_t assign_rank(const struct draft *draft, const struct assign_search *search, const struct book_person **people,
                   size_t max);
/* The best one; NULL: nobody. */
const struct book_person *assign_best(const struct draft *draft, const struct assign_search *search);
