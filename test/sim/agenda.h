/* Agenda: what happens in the simulated world, in order of time; of two things at the same moment the one that was entered first. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct sim;

struct agenda_item {
    int64_t at_ms;
    uint64_t order; /* the agenda's own */
    void (*happen)(struct sim *sim, const struct agenda_item *item);
    int64_t a, b; /* for `happen` */
};

struct agenda {
    struct agenda_item *items; /* a heap, the earliest first */
    size_t count, room;
    uint64_t entered;
};

void agenda_enter(struct agenda *agenda, struct agenda_item item);
/* The earliest; NULL where nothing is left. */
const struct agenda_item *agenda_first(const struct agenda *agenda);
struct agenda_item agenda_take(struct agenda *agenda);
void agenda_clear(struct agenda *agenda);
void agenda_finish(struct agenda *agenda); /* safe on a zeroed struct */
