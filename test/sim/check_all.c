/* The checks at the end of a run, and what is printed of a case. */
#include <inttypes.h>

#include "proto/base/timestamp.h"
#include "test/sim/checks.h"
#include "test/sim/sim.h"

enum { REPLAY_AT_END = 1500 };

static void check_case(struct sim *sim, struct txn *txn, const struct seen_case *seen, struct arena *arena)
{
    struct step_list steps;
    arena_reset(arena);
    if (step_list_of(txn, &seen->record, arena, &steps, &sim->station.town.fault) != 0) {
        verdict_fail(&sim->verdict, CHECK_STATES, seen->record.id, "%s", sim->station.town.fault.text);
        return;
    }
    check_states_case(sim, seen, &steps);
    check_clocks_case(sim, seen, &steps);
    check_exclusive_case(sim, seen, &steps);
}

static void check_cases(struct sim *sim)
{
    struct arena arena = { 0 };
    struct txn *txn = txn_begin_read(sim->station.town.store);
    if (meta_get(txn, META_CASE_ID) != (int64_t)sim->view.count)
        verdict_fail(&sim->verdict, CHECK_NOTICES, 0, "there are %" PRId64 " cases, somebody was told of %zu",
                     meta_get(txn, META_CASE_ID), sim->view.count);
    for (size_t i = 0; i < sim->view.count && !sim->verdict.failed; i++)
        check_case(sim, txn, &sim->view.cases[i], &arena);
    txn_abort(txn);
    arena_finish(&arena);
}

static void check_counts(struct sim *sim)
{
    struct buffer differing = { 0 };
    if (!town_recount(&sim->station.town, &differing))
        verdict_fail(&sim->verdict, CHECK_COUNTS, 0, "%s", buffer_string(&differing));
    buffer_finish(&differing);
}

void check_all(struct sim *sim)
{
    view_renew_all(sim);
    check_cases(sim);
    check_receipts(sim);
    check_effects(sim);
    check_counts(sim);
    readers_close(sim);
    if (sim->station.inputs < REPLAY_AT_END || !sim->replayed)
        check_replay(sim);
}

/* ---- printing ---- */

static void print_clock(struct buffer *out, const struct clock *clock)
{
    char armed[TIMESTAMP_TEXT], deadline[TIMESTAMP_TEXT], stopped[TIMESTAMP_TEXT];
    buffer_format(out, "  clock %" PRId64 " %s %s: %" PRId64 " %s by %s, armed %s, deadline %s", clock->id,
                  enum_name(&clock_kind_desc, (int)clock->kind), enum_name(&clock_state_desc, (int)clock->state),
                  clock->amount, enum_name(&limit_unit_desc, (int)clock->unit), clock->calendar,
                  timestamp_format(armed, clock->armed_at_ms, 0), timestamp_format(deadline, clock->deadline_ms, 0));
    if (clock->stopped_at_ms)
        buffer_format(out, ", stopped %s", timestamp_format(stopped, clock->stopped_at_ms, 0));
    buffer_text(out, "\n");
}

static void print_task(struct buffer *out, const struct task *task)
{
    buffer_format(out, "  task %" PRId64 " %s %s: %s %s", task->id, enum_name(&task_role_desc, (int)task->role),
                  enum_name(&task_state_desc, (int)task->state), task->department, task->worker);
    for (size_t i = 0; i < task->offers.count; i++)
        buffer_format(out, "%s %s%s", i ? "," : "; offered to", task->offers.items[i].worker,
                      task->offers.items[i].ended_at_ms ? "" : " (open)");
    buffer_text(out, "\n");
}

static void print_step(struct buffer *out, size_t n, const struct step *step)
{
    char at[TIMESTAMP_TEXT];
    buffer_format(out, "  %3zu %s %s by %s (%s): %s → %s", n, timestamp_format(at, step->at_ms, 0),
                  enum_name(&verb_desc, (int)step->verb), *step->actor ? step->actor : "-",
                  enum_name(&role_desc, (int)step->role), enum_name(&case_state_desc, (int)step->from),
                  enum_name(&case_state_desc, (int)step->to));
    if (step->clock)
        buffer_format(out, ", clock %s", enum_name(&clock_kind_desc, (int)step->clock));
    if (*step->department)
        buffer_format(out, ", %s %s", step->department, step->worker);
    buffer_text(out, "\n");
}

void check_print_case(struct sim *sim, int64_t case_id, struct buffer *out)
{
    struct arena arena = { 0 };
    struct case_file record;
    struct step_list steps = { 0 };
    struct txn *txn = txn_begin_read(sim->station.town.store);
    if (case_get(txn, case_id, &arena, &record, NULL) == 0 && step_list_of(txn, &record, &arena, &steps, NULL) == 0) {
        buffer_format(out, "case %s, service %s %s, %s, department %s\n", record.number, record.service,
                      record.condition, enum_name(&case_state_desc, (int)record.state), record.department);
        for (size_t i = 0; i < record.tasks.count; i++)
            print_task(out, &record.tasks.items[i]);
        for (size_t i = 0; i < record.clocks.count; i++)
            print_clock(out, &record.clocks.items[i]);
        for (size_t i = 0; i < steps.count; i++)
            print_step(out, i + 1, &steps.items[i]);
    }
    txn_abort(txn);
    arena_finish(&arena);
}
