/* Sim: one run of the simulation. The world around the dispatcher (residents, staff, network, weather) lives by an agenda in virtual time and
 * writes a tape; the station plays it; the view looks at what was committed, and the checkers look at the view.
 * The same plan gives the same run. A tape can be played again without the world.
 */
#pragma once

#include "test/sim/agenda.h"
#include "test/sim/chance.h"
#include "test/sim/channel.h"
#include "test/sim/district.h"
#include "test/sim/oracle.h"
#include "test/sim/people.h"
#include "test/sim/readers.h"
#include "test/sim/station.h"
#include "test/sim/tape.h"
#include "test/sim/verdict.h"
#include "test/sim/view.h"

struct sim {
    struct plan plan;
    struct district districts[STATION_BOOKS]; /* the books of the run */
    struct oracle oracle;
    int64_t start_ms, end_ms, now_ms; /* of the world; the end: when the faults end */
    bool resting;                     /* … they have */
    bool peopled;                     /* somebody listens: not while a tape is played */
    struct agenda agenda;
    struct tape tape;
    struct station station;
    struct view view;
    struct readers readers;
    struct channel channel;
    struct people people;
    struct dice dice; /* of the world */
    bool replayed;    /* the replay of the plan's moment was made */
    FILE *spool;      /* or NULL */
    struct verdict verdict;
};

/* The whole run: faults, rest, all checks. True: nothing was found. The sim is to be finished either way. `spool`: a file for the tape, whose
 * every turn is written before it is played; or NULL. */
bool sim_run(struct sim *sim, const struct plan *plan, const char *spool);
/* The same with a tape in place of the world, up to the rest. Takes the tape over. */
bool sim_play(struct sim *sim, struct tape *tape);
void sim_finish(struct sim *sim);
/* The rest that follows on either, see verdict.h. */
void sim_rest(struct sim *sim);

static inline const struct district *sim_district(const struct sim *sim)
{
    return &sim->districts[sim->station.book];
}
