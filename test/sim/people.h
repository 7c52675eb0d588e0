/* People: residents and staff. They hear notices, look at a case when they come to it, and choose among what the table of the lifecycle and the
 * permits allow them: mostly the sensible, sometimes another thing, sometimes nothing (habits.h).
 */
#pragma once

#include "proto/record/command.h"
#include "proto/record/notice.h"
#include "test/sim/chance.h"
#include "test/sim/district.h"

struct sim;
struct seen_case;

struct people {
    struct dice dice;
    int64_t away_until_ms[DISTRICT_PEOPLE]; /* handset without a network: what is done until then is sent then */
};

void people_open(struct sim *sim);
/* A notice was committed: whoever it is for hears of it. */
void people_hear(struct sim *sim, const struct notice *notice);

/* ---- habits.c: what to do with a case ---- */

/* Something that this person may and would do; false: nothing. `obvious`: only what brings the case on. The command lacks its id. */
bool habits_choose(struct sim *sim, int person, const struct seen_case *seen, bool obvious, struct command *command);
/* The verb with everything that it needs; false: there is nothing to name. */
bool habits_fill(struct sim *sim, int person, const struct seen_case *seen, const struct transition *row, bool obvious,
                 struct command *command);
/* Anything at all, on any case. */
void habits_press_anything(struct sim *sim, int person, const struct seen_case *seen, struct command *command);
/* Has a person of this role something to bring on in that state? */
bool habits_concern(enum role role, enum case_state state);

/* ---- residents.c ---- */
void residents_open(struct sim *sim);
void residents_hear(struct sim *sim, const struct notice *notice);

/* ---- handsets.c: workers on the way ---- */
void handsets_open(struct sim *sim);
/* Does the worker do all of it at once, to be sent when there is a network again? */
bool handsets_queue(struct sim *sim, int person, struct seen_case *seen);
