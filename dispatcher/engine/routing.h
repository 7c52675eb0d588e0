/* Routing: which department a case goes to, and which line of the book says so. */
#pragma once

#include "dispatcher/engine/draft.h"

struct route {
    const struct book_department *department;
    const char *rule; /* "services.yaml:41" or "routing.yaml:12" */
};

/* By book_route(): a filing condition with a department of its own, then the routing rules. False where nothing matches. */
bool routing_choose(const struct draft *draft, struct route *route);
/* Writes the outcome into a new case: its rule, or the mark that brings it to the triage queue. A case without a service is always triaged:
 * a rule that matches anything knows the place, not the trouble. */
void routing_mark(struct draft *draft);
