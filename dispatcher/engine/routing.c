#include "dispatcher/engine/routing.h"

bool routing_choose(const struct draft *draft, struct route *route)
{
    const struct book_department *department = NULL;
    const struct book_route *rule = book_route(draft->in->book, &draft->record, draft->in->now_ms, &department);
    if (!rule || !department)
        return false;
    *route = (struct route){ department, rule->rule ? rule->rule : "" };
    return true;
}

void routing_mark(struct draft *draft)
{
    struct route route = { NULL, "" };
    draft->record.no_rule = !draft->service || !routing_choose(draft, &route);
    draft->record.route_rule = draft->record.no_rule ? "" : route.rule;
}
