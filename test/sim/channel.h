/* Channel: how commands and reports come to the dispatcher, and when it takes a turn. Commands are repeated, late, lost and sent again under their
 * id, until their sender has an answer; reports are in the log once, sometimes late.
 */
#pragma once

#include "proto/record/command.h"
#include "proto/record/event.h"
#include "test/sim/chance.h"
#include "test/sim/tape.h"

struct sim;
struct agenda_item;

/* A command on its way. */
struct letter {
    struct bytes bytes; /* in the tape's arena */
    struct birth about, to;
    bool answered; /* … and its sender knows it */
};

struct channel {
    struct dice dice;
    struct letter *letters; /* the serial number of their commands is their place, and first_serial more */
    size_t letter_count, letter_room;
    size_t first_serial;
    size_t *mailbox; /* letters that wait for the turn */
    size_t mail_count, mail_room;
    struct reported {
        int64_t seq;
        struct bytes bytes;
    } * reports; /* that wait for the turn, to be logged */
    size_t report_count, report_room;
    int64_t last_seq, last_received_ms;
    int64_t turn_at_ms;   /* when the next turn is to begin; 0: not yet known */
    int64_t last_turn_ms; /* of the world */
    /* weather.c: what befalls the dispatcher */
    struct dice weather;
    int crashes, power_cuts; /* so far: a run has some, not all its time is spent on them */
    int64_t offset_ms;       /* its machine's clock minus the world's */
    int64_t down_until_ms;
    int64_t book; /* of its next start */
    bool restart; /* the next turn is a new process's */
    struct arena arena;
    struct buffer bytes;
};

void channel_open(struct sim *sim);
void channel_finish(struct channel *channel); /* safe on a zeroed struct */

/* Gives the command its id and sends it `after_ms` from now. */
void channel_send(struct sim *sim, struct command *command, struct birth about, struct birth to, int64_t after_ms);
/* Gives the event its number and puts it into the log. Returns the number. */
int64_t channel_report(struct sim *sim, struct event *event);
/* The turn takes what has come. */
void channel_take_turn(struct sim *sim, const struct agenda_item *item);
/* A turn at that moment at the latest. */
void channel_wake(struct sim *sim, int64_t at_ms);
/* The faults end: what is under way comes to nothing, clock and dispatcher are well. */
void channel_calm(struct sim *sim);

/* ---- weather.c ---- */
void weather_open(struct sim *sim);
/* How the turn that is about to begin ends. */
enum tape_end weather_of_turn(struct sim *sim);
