/* Station: the dispatcher of a run. It plays turns of the tape on the real engine and the real store, dies and comes back as the tape says, and
 * keeps the log of events and the answers that it gave.
 */
#pragma once

#include "test/sim/tape.h"
#include "test/unit/dispatcher/town.h"

struct sim;

enum { STATION_BOOKS = 2 };

/* A command as its sender remembers it: what it was answered. By its serial number, which its id ends with. */
struct deed {
    bool given, answered;
    struct answer answer; /* the texts are not kept */
    int64_t case_id;      /* that it was about; 0: none */
    enum verb verb;
    enum role role;
    const char *actor; /* in the tape's arena */
};

struct station {
    struct town town;
    char folders[STATION_BOOKS][64]; /* the books */
    int64_t book;                    /* the one at work */
    struct logged {
        int64_t seq;
        struct bytes bytes; /* in the tape's arena */
    } * log;
    size_t log_count, log_room;
    struct deed *deeds;
    size_t deed_room;
    int64_t engine_ms, next_due_ms; /* as committed */
    int64_t cursor;
    int64_t changed_ms; /* when the last other book came, by the engine's time; 0: never */
    int64_t turns, inputs, restarts;
    const struct tape_entry *turn; /* under way */
    size_t entry_count;
    struct bytes *answers; /* of the turn under way, one a command */
    size_t answer_room;
    struct buffer bytes;
    struct arena arena; /* of the turn under way */
};

bool station_open(struct sim *sim);
void station_finish(struct station *station); /* safe on a zeroed struct */

/* Plays the turn that begins at that entry of the tape, up to the next one or the end. Returns how many entries that were. What goes wrong
 * is in the verdict. */
size_t station_play(struct sim *sim, size_t first);

/* Has the book changed since then, by the engine's time? */
static inline bool station_changes_since(const struct station *station, int64_t at_ms)
{
    return station->changed_ms && station->changed_ms >= at_ms;
}

/* "…c000042" → 42; -1: not one of the run's. */
int64_t station_serial(const char *command_id);
