/* A dispatcher that obeys the test (and ingest, as far as it takes what workers report): it fills the store with OFFICE_CASES, answers a command with the status that its reason names
 * ("conflict" …; "hang": never), else with ok and an echo of the command, and takes orders on the bus:
 *   !notices COUNT TOPIC[,TOPIC…]   appended to the outbox and published
 *   !silent COUNT TOPIC[,TOPIC…]    appended without a doorbell; the heartbeat tells
 *   !cases COUNT                    reported ones more, in area g1
 */
#pragma once

#include <stdbool.h>

/* X(number, state, department, task's state, its worker, area, done_by): each with one lead task where there is a department. */
#define OFFICE_CASES(X) \
    X("T-1", REPORTED, "", NONE, "", "g1", "") \
    X("T-2", DISPATCHED, "station", OFFERED, "", "g1", "") \
    X("T-3", RECEIVED, "station", TAKEN, "w-1", "g1", "") \
    X("T-4", IN_PROGRESS, "station", ON_SITE, "w-1", "g1", "") \
    X("T-5", DISPOSED, "station", DONE, "w-1", "g1", "w-1") \
    X("T-6", CHECKED, "station", DONE, "w-2", "g2", "op") \
    X("T-7", CLOSED, "station", DONE, "w-2", "g2", "li-s") \
    X("T-8", DISPATCHED, "water", OFFERED, "", "g2", "") \
    X("T-9", RETURNING, "water", RETURNED, "", "g2", "") \
    X("T-10", DISPATCHED, "station", OFFERED, "", "g2", "") \
    X("T-11", RECEIVED, "station", RECEIVED, "w-1", "g1", "")

/* A main() calls this first: true where the process was started as the dispatcher's; it has ended with *status. */
bool office_is_dispatcher(int argc, char **argv, int *status);
