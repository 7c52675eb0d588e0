/* What a case contributes to the lists and to the counters: a pure function of the case. case_put() takes the difference.
 *
 * Lists (index name → order):
 *   due                  next moment at which one of its clocks has to fire or warn
 *   open                 deadline of the nearest running or fired clock ("by time left"; no clock: far future)
 *   state/STATE          same order
 *   dept/CODE            open tasks of a department, same order
 *   worker/ID            open tasks of a worker, same order
 *   area/CODE            open cases of an area, same order
 *   triage               no routing rule matched
 *   all                  reported_at: newest first when walked backwards
 *   dept-all/CODE        reported_at
 *   closed               closed_at
 * Counters (name → how many cases):
 *   open, open/dept/CODE, open/area/CODE, overdue-open, overdue-open/dept/CODE, overdue-open/area/CODE,
 *   state/STATE, state/STATE/dept/CODE, reported/YYYY-MM-DD, reported-hour/YYYY-MM-DDTHH, closed/YYYY-MM-DD, …
 * A counter's case list can be found again from the same function, which is how a test proves invariant I9.
 * Days and hours are the district's local ones: the zone is given once at opening.
 */
#pragma once

#include "proto/record/case.h"

/* far future: an index order for "no deadline" */
#define ORDER_NONE INT64_C(0x7fffffffffffffff)

/* Minutes east of UTC at a moment; set once before the first case_put() (dispatcher) or recount (drumctl). NULL: UTC. */
void case_index_set_zone(int (*offset_minutes)(void *context, int64_t at_ms), void *context);

void case_index_entries(const struct case_file *record, void (*entry)(void *context, const char *name, int64_t order),
                        void *context);
void case_counter_entries(const struct case_file *record, void (*entry)(void *context, const char *name),
                          void *context);
/* Earliest warn or deadline still to come of its running clocks; ORDER_NONE where there is none. */
int64_t case_next_due_ms(const struct case_file *record);
