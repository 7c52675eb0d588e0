/* What a case contributes to the lists and to the counters: a pure function of the case. case_put() takes the difference.
 *
 * Lists (index name → order):
 * At the desk what is urgent comes first until it is dispatched: in the lists open, state/… and triage.
 *   due                  next moment at which one of its clocks has to fire, warn or escalate
 *   open                 deadline of the nearest running or fired clock ("by time left"; no clock: ORDER_NONE)
 *   state/STATE          same order; cases that are not open: closed_at
 *   dept/CODE            open cases with an open task of a department, same order as open
 *   worker/ID            open cases with an open task of a worker: reported_at; short, so whoever shows it sorts it
 *   area/CODE            open cases of an area, same order
 *   near/CELL            cases that a further report may join by its place: the last voice; see record.cell
 *   triage               no routing rule matched, and it waits for acceptance or dispatch; same order
 *   asked                a return, extension, suspension or appeal that the shift leader has to decide; same order
 *   supervised           open cases that somebody watches over; same order
 *   all                  reported_at: newest first when walked backwards
 *   updated              case_updated_at_ms(): what has changed for its reporters since a moment
 *   dept-all/CODE        reported_at
 *   closed               closed_at
 *   settled              when its disposal was settled (indicator.h): once for each such moment of the case or of one who has a share in it
 *
 * Counters (name → how many cases). DAY is 2026-01-05, HOUR 2026-01-05T14, both local; DEPT and AREA are the case's own
 * (area: the smallest one; who shows a street adds up its grids):
 *   open, open/dept/DEPT, open/area/AREA
 *   overdue-open, overdue-open/dept/DEPT, overdue-open/area/AREA      open, and its dispose clock fired
 *   triage
 *   state/STATE, state/STATE/dept/DEPT
 *   reported-hour/HOUR, closed-hour/HOUR
 *   MEASURE/DAY, MEASURE/DAY/DIMENSION/NAME                           those of indicator.h: reported/2026-01-05/dept/water
 * The cases behind a counter are found again with case_is_counted(), which is how a test proves invariant I9. "Due within two
 * hours" changes with the clock, so it is no counter: index_count() of dept/DEPT or open.
 *
 * Days and hours are the district's local ones: the zone is given once at opening.
 */
#pragma once

#include "proto/record/case.h"

/* far future: an index order for "no deadline" */
#define ORDER_NONE INT64_C(0x7fffffffffffffff)

enum { CASE_INDEX_NAME = 160 }; /* bytes that any name of a list or counter fits in, with its NUL */

/* Minutes east of UTC at a moment; set once before the first case_put() (dispatcher) or recount (drumctl). NULL: UTC. */
void case_index_set_zone(int (*offset_minutes)(void *context, int64_t at_ms), void *context);

/* A place in a list: its name is `list` and `of` one after the other. Both point into the case or at constants. */
struct index_entry {
    const char *list, *of; /* "dept/", "water"; `of` is "" where there is one such list */
    int64_t order;
};

/* The same may come twice. */
void case_index_entries(const struct case_file *record, void (*entry)(void *context, const struct index_entry *entry),
                        void *context);
/* Each name once, or it would count twice; without the measures of indicator.h, which indicator_entries() tells. */
void case_counter_entries(const struct case_file *record, void (*entry)(void *context, const char *name),
                          void *context);
/* Does this case count under that counter? Of all that are named above. */
bool case_is_counted(const struct case_file *record, const char *counter);
/* Earliest warning, deadline or escalation still to come of its clocks; ORDER_NONE where there is none. */
int64_t case_next_due_ms(const struct case_file *record);
/* Deadline of its nearest clock that is running or has fired: the order of "by time left"; ORDER_NONE where there is none. */
int64_t case_nearest_deadline_ms(const struct case_file *record);
/* The same as the desk's lists have it: of what is urgent and not dispatched yet so much less that it comes before all that is not, and keeps its
 * order among its like. */
int64_t case_desk_order(const struct case_file *record);

/* "2026-01-05" and "2026-01-05T14" of a moment, as the counters' names say it. */
enum { CASE_DAY_TEXT = 16 };
void case_local_day(char out[CASE_DAY_TEXT], int64_t at_ms);
void case_local_hour(char out[CASE_DAY_TEXT], int64_t at_ms);
