/* Clocks: which verbs start and stop which, and how they stand still. What happens when one runs out is firing.h. */
#pragma once

#include "dispatcher/engine/act.h"

/* Stops and starts the clocks of the act's row, after its effect on the case; of an act aside only those of its task. */
void clocks_follow(struct draft *draft, const struct act *act);

/* Reports have come to the case, or left it: whether a resident or a superior is owed an answer, and until when. */
void clocks_follow_voices(struct draft *draft);

/* The limit of a kind as the case stands; UNIT_NONE: none. */
const struct book_limit *clocks_limit(const struct draft *draft, enum clock_kind kind, const struct task *task);
/* A clock with a deadline of its own; no warning is set. */
struct clock *clocks_start_until(struct draft *draft, enum clock_kind kind, int64_t deadline_ms);
void clocks_stop_task(struct draft *draft, int64_t task_id);
/* Another task leads: the tier's clock is its, from now on, and so is what the city has promised from the report on. */
void clocks_change_lead(struct draft *draft, const struct task *before, const struct task *lead);
/* Its open clocks go on as the other's. */
void clocks_move_to(struct draft *draft, int64_t from_task, int64_t to_task);
/* An appeal was granted, and another round begins: that limits ran out until now does not count in it. */
void clocks_excuse(struct draft *draft);
/* Another service or condition: what the city has promised from the report on is promised anew. */
void clocks_reclassify(struct draft *draft);

/* One amount more (延期). */
void clocks_extend(struct draft *draft, struct clock *clock);
/* All that run stand still, but for what the city owes the resident and what ends the pause; and they go on with what was left. */
void clocks_pause(struct draft *draft);
void clocks_resume(struct draft *draft);

/* The first warn point after now, or 0. */
void clocks_set_warning(const struct draft *draft, struct clock *clock);
/* The escalation that comes next, and the clock's level after it: its place in the chain of that kind, also where some of the chain are not for
 * a case of that priority. NULL: none. */
const struct book_escalation *clocks_next_escalation(const struct draft *draft, const struct clock *clock,
                                                     int64_t *level);
/* When that is, or 0. */
void clocks_set_escalation(const struct draft *draft, struct clock *clock);
