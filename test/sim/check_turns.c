/* Checks of every turn: crashes, what is due, the replay. */
#include <inttypes.h>

#include "proto/base/timestamp.h"
#include "test/sim/checks.h"
#include "test/sim/sim.h"

enum { HASHED_ENTRIES_MAX = 3000 }; /* a later power cut is judged by the numbers alone: hashing takes its time */

struct crash_check check_crash_begin(struct sim *sim)
{
    struct town *town = &sim->station.town;
    struct crash_check check = { .cursor = 0 };
    struct txn *txn = txn_begin_read(town->store);
    check.journal = town->turn.journal.ops->last(town->turn.journal.log, txn);
    check.outbox = outbox_last(txn);
    check.cases = meta_get(txn, META_CASE_ID);
    check.cursor = meta_get(txn, META_CURSOR);
    check.time_ms = engine_time_ms(txn);
    txn_abort(txn);
    if (sim->station.turn->end == TAPE_POWER_CUT && check.journal < HASHED_ENTRIES_MAX &&
        replay_state_hash(town->store, &check.state, &town->fault) < 0)
        verdict_fail(&sim->verdict, CHECK_CRASH, 0, "%s", town->fault.text);
    return check;
}

void check_crash_end(struct sim *sim, const struct crash_check *before)
{
    struct crash_check after = check_crash_begin(sim);
    if (after.journal != before->journal || after.outbox != before->outbox || after.cases != before->cases ||
        after.cursor != before->cursor || after.time_ms != before->time_ms || !hash_equal(&after.state, &before->state))
        verdict_fail(&sim->verdict, CHECK_CRASH, 0,
                     "a turn that was not committed left something: journal %" PRIu64 " → %" PRIu64 ", outbox %" PRIu64
                     " → %" PRIu64 ", cases %" PRId64 " → %" PRId64 ", cursor %" PRId64 " → %" PRId64,
                     before->journal, after.journal, before->outbox, after.outbox, before->cases, after.cases,
                     before->cursor, after.cursor);
}

void check_replay(struct sim *sim)
{
    struct buffer differing = { 0 };
    sim->replayed = true;
    if (!town_replay(&sim->station.town, (size_t)sim->plan.replay_inputs, &differing))
        verdict_fail(&sim->verdict, CHECK_REPLAY, 0, "replayed by turns of %" PRId64 " it differs in: %s",
                     sim->plan.replay_inputs, buffer_string(&differing));
    buffer_finish(&differing);
}

void check_moment(struct sim *sim)
{
    if (sim->station.next_due_ms <= sim->station.engine_ms)
        verdict_fail(&sim->verdict, CHECK_CLOCKS, 0, "it is %" PRId64 " and something was due at %" PRId64,
                     sim->station.engine_ms, sim->station.next_due_ms);
    if (!sim->replayed && sim->station.town.now_ms >= sim->start_ms + sim->plan.replay_at_ms)
        check_replay(sim);
}
