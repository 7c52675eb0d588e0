#include "test/sim/readers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "test/sim/sim.h"

enum { READ_AT_ONCE = 100, BACK_MAX = 200 };

static void add(struct readers *readers, const char *prefix, const char *name)
{
    if (readers->count == READERS_MAX)
        return;
    struct reader *reader = &readers->all[readers->count++];
    *reader = (struct reader){ 0 };
    snprintf(reader->topic, sizeof reader->topic, "%s%s", prefix, name);
}

void readers_open(struct sim *sim)
{
    struct readers *readers = &sim->readers;
    const struct district *district = &sim->districts[0];
    readers->dice = chance_begin(sim->plan.seed, 5);
    if (chance(&readers->dice, 200)) /* they hear the most, so not in every run */
        add(readers, chance(&readers->dice, 500) ? "desk" : "wall", "");
    add(readers, "leader", "");
    for (int i = 0; i < DISTRICT_DEPARTMENTS; i++)
        if (chance(&readers->dice, 400))
            add(readers, "dept/", district->departments[i].code);
    for (int i = 0; i < district->person_count; i++)
        if (district->people[i].role == ROLE_WORKER && chance(&readers->dice, 150))
            add(readers, "worker/", district->people[i].id);
    while (readers->count < READERS_MAX) {
        char seq[24];
        snprintf(seq, sizeof seq, "%" PRId64, between(&readers->dice, 1, sim->plan.days * sim->plan.reports_per_day));
        add(readers, "receipt/", seq);
    }
}

void readers_note(struct sim *sim, const struct notice *notice)
{
    for (size_t i = 0; i < sim->readers.count; i++) {
        struct reader *reader = &sim->readers.all[i];
        if (strcmp(reader->topic, notice->topic) != 0)
            continue;
        reader->committed++;
        reader->wrote = (uint64_t)notice->seq;
    }
}

struct reading {
    struct sim *sim;
    struct reader *reader;
    uint64_t last; /* of this connection */
};

static int read_one(void *context, const struct notice *notice)
{
    struct reading *reading = context;
    struct reader *reader = reading->reader;
    uint64_t seq = (uint64_t)notice->seq;
    if (seq <= reading->last || strcmp(notice->topic, reader->topic) != 0)
        verdict_fail(&reading->sim->verdict, CHECK_NOTICES, notice->case_id,
                     "the reader of %s was given notice %" PRIu64 " of %s after %" PRIu64, reader->topic, seq,
                     notice->topic, reading->last);
    if (strncmp(notice->topic, "receipt/", 8) == 0 && *notice->worker)
        verdict_fail(&reading->sim->verdict, CHECK_NOTICES, notice->case_id,
                     "notice %" PRIu64 " names worker %s to a reporter", seq, notice->worker);
    reading->last = seq;
    reader->done += seq > reader->read;
    reader->read = seq > reader->read ? seq : reader->read;
    return 0;
}

static void connect(struct sim *sim, struct reader *reader, uint64_t from, size_t max)
{
    struct reading reading = { sim, reader, from };
    struct txn *txn = txn_begin_read(sim->station.town.store);
    arena_reset(&sim->view.scratch);
    if (outbox_read(txn, reader->topic, from, max, &sim->view.scratch, read_one, &reading, &sim->station.town.fault) <
        0)
        verdict_fail(&sim->verdict, CHECK_NOTICES, 0, "topic %s: %s", reader->topic, sim->station.town.fault.text);
    txn_abort(txn);
}

void readers_ring(struct sim *sim)
{
    struct dice *dice = &sim->readers.dice;
    for (size_t i = 0; i < sim->readers.count; i++) {
        struct reader *reader = &sim->readers.all[i];
        if (reader->wrote == reader->read || !chance(dice, 300))
            continue; /* the bell was not heard; the next one tells of both */
        bool forgot = chance(dice, 50);
        uint64_t back = forgot ? (uint64_t)between(dice, 0, BACK_MAX) : 0;
        connect(sim, reader, reader->read > back ? reader->read - back : 0, READ_AT_ONCE);
    }
}

void readers_close(struct sim *sim)
{
    for (size_t i = 0; i < sim->readers.count; i++) {
        struct reader *reader = &sim->readers.all[i];
        connect(sim, reader, reader->read, SIZE_MAX);
        if (reader->done != reader->committed || reader->read != reader->wrote)
            verdict_fail(&sim->verdict, CHECK_NOTICES, 0,
                         "the reader of %s has done %" PRId64 " things up to notice %" PRIu64 ", %" PRId64
                         " up to %" PRIu64 " were committed",
                         reader->topic, reader->done, reader->read, reader->committed, reader->wrote);
    }
}
