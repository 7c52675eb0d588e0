/* Checks: what must hold of a run, see verdict.h for each in one sentence. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/crypto.h"
#include "test/sim/view.h"

struct sim;

/* ---- of every turn ---- */

/* What a turn that is not committed must leave as it was. */
struct crash_check {
    uint64_t journal, outbox;
    int64_t cases, cursor, time_ms;
    struct hash state; /* in runs where the power fails */
};
struct crash_check check_crash_begin(struct sim *sim);
void check_crash_end(struct sim *sim, const struct crash_check *before);
/* Nothing that is due may be left over; at the plan's moment the journal so far is replayed. */
void check_moment(struct sim *sim);
void check_replay(struct sim *sim);
/* A case from one commit to the next: `old` is zeroed for a new one. */
void check_clocks_step(struct sim *sim, const struct case_file *old, const struct seen_case *seen);
void check_exclusive_step(struct sim *sim, const struct case_file *old, const struct seen_case *seen);

/* ---- of the whole run ---- */
void check_all(struct sim *sim);

/* Of one case, at the end. */
void check_clocks_case(struct sim *sim, const struct seen_case *seen, const struct step_list *steps);
void check_states_case(struct sim *sim, const struct seen_case *seen, const struct step_list *steps);
void check_exclusive_case(struct sim *sim, const struct seen_case *seen, const struct step_list *steps);
/* Of all. */
void check_receipts(struct sim *sim);
void check_effects(struct sim *sim);

/* Writes a case's history as lines for people. */
void check_print_case(struct sim *sim, int64_t case_id, struct buffer *out);
