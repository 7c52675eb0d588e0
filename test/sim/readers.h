/* Readers: doors that read the outbox of one topic each. They are told of some notices, miss others, forget, and connect again from an older
 * place; by the sequence number they do each thing once. In the end each has done all of its topic, in order.
 */
#pragma once

#include "proto/record/notice.h"
#include "test/sim/chance.h"

struct sim;

enum { READERS_MAX = 12 };

struct readers {
    struct dice dice;
    struct reader {
        char topic[40];
        uint64_t read;     /* the last one that it has */
        uint64_t wrote;    /* … that was committed, as the view saw it */
        int64_t done;      /* things done, each once */
        int64_t committed; /* notices of its topic, as the view saw them */
    } all[READERS_MAX];
    size_t count;
};

void readers_open(struct sim *sim);
/* A notice was committed. */
void readers_note(struct sim *sim, const struct notice *notice);
/* After a commit: some of them hear the bell. */
void readers_ring(struct sim *sim);
/* Everybody connects once more: nothing may be missing. */
void readers_close(struct sim *sim);
