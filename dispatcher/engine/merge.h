/* Merge (并案): reports of the same trouble are one case, whose reporters all stay informed; and what was put together wrongly comes apart.
 *
 * By place (proto/store/near.h): a report of a service that the book wants merged joins the nearest case of that service, of which nobody has
 * said yet that it is disposed, within the service's radius and so many hours after the case's last voice; never from or to a place with
 * a mark.
 */
#pragma once

#include "dispatcher/engine/act.h"
#include "dispatcher/engine/notices.h"

/* The case that a report of this service ("": not known) at this place joins: 0, 1 where there is none, <0. */
int merge_find(const struct scope *in, const char *code, const struct place *place, int64_t *id, struct fault *fault);
/* Where reports of the same trouble will look for it. After service and place are set. */
void merge_set_cell(struct draft *draft);
/* A report joined it by its place: the middle of them all is elsewhere now. */
void merge_take_place(struct draft *draft, const struct place *place);
/* More reports are on the case than before: true where they are so many now that somebody has to hear it; its priority rises by that, as far as it
 * can. */
bool merge_raise(struct draft *draft, size_t before);

/* The act's case, as it is refused or agreed to; opens act->other. */
struct refusal merge_resolve(struct draft *draft, struct act *act, struct fault *fault);
struct refusal unmerge_resolve(struct draft *draft, struct act *act, struct fault *fault);
struct refusal split_resolve(const struct draft *draft, const struct act *act);

/* What they change in act->other is put with the case itself, after it. */
void merge_apply(struct draft *draft, struct act *act, struct telling *telling);
void unmerge_apply(struct draft *draft, struct act *act, struct telling *telling);
/* The voice leaves; act->other is the case of its own that it opens. */
void split_apply(struct draft *draft, struct act *act, struct telling *telling);
