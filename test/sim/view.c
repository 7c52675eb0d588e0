#include "test/sim/view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/checks.h"
#include "test/sim/sim.h"
#include "tools/benches/grow.h"

void view_finish(struct view *view)
{
    for (size_t i = 0; i < view->room; i++) {
        arena_finish(&view->cases[i].arena);
        free(view->cases[i].clocks);
    }
    free(view->cases);
    free(view->touched);
    free(view->first_births);
    arena_finish(&view->spare);
    arena_finish(&view->scratch);
    *view = (struct view){ 0 };
}

struct seen_case *view_case(struct view *view, int64_t id)
{
    return id > 0 && (size_t)id <= view->count ? &view->cases[id - 1] : NULL;
}

struct seen_case *view_born(struct view *view, struct birth birth)
{
    int64_t id = birth.seq > 0 && (size_t)birth.seq < view->birth_room ? view->first_births[birth.seq] : 0;
    for (; id && (size_t)id <= view->count; id++)
        if (view->cases[id - 1].birth.seq == birth.seq && view->cases[id - 1].birth.nth == birth.nth)
            return &view->cases[id - 1];
    return NULL;
}

/* ---- cases ---- */

/* Zeroed rooms for lists that are indexed by numbers. */
static void *room_for(void *items, size_t index, size_t *room, size_t size)
{
    while (index >= *room) {
        size_t before = *room;
        items = grow(items, *room, room, size);
        memset((char *)items + before * size, 0, (*room - before) * size);
    }
    return items;
}

static void register_birth(struct view *view, struct seen_case *seen)
{
    int64_t seq = seen->record.voices.count ? seen->record.voices.items[0].seq : 0;
    view->first_births = room_for(view->first_births, (size_t)seq, &view->birth_room, sizeof *view->first_births);
    seen->birth.seq = seq;
    for (int64_t id = view->first_births[seq]; id && id < seen->record.id; id++)
        seen->birth.nth += view->cases[id - 1].birth.seq == seq;
    if (!view->first_births[seq])
        view->first_births[seq] = seen->record.id;
}

static void note_clocks(struct sim *sim, struct seen_case *seen, size_t before)
{
    const struct clock_list *clocks = &seen->record.clocks;
    if (clocks->count > before)
        seen->clocks = room_for(seen->clocks, clocks->count - 1, &seen->clock_room, sizeof *seen->clocks);
    for (size_t i = before; i < clocks->count; i++)
        seen->clocks[i] = (struct seen_clock){ sim->view.engine_ms, sim->station.engine_ms, sim->station.book,
                                               clocks->items[i].deadline_ms };
}

static void renew_case(struct sim *sim, struct txn *txn, int64_t id)
{
    struct view *view = &sim->view;
    struct seen_case *seen = &view->cases[id - 1];
    struct case_file old = seen->record;
    arena_reset(&view->spare);
    if (case_get(txn, id, &view->spare, &seen->record, &sim->station.town.fault) != 0) {
        verdict_fail(&sim->verdict, CHECK_TURN, id, "case %" PRId64 ": %s", id, sim->station.town.fault.text);
        seen->record = old;
        return;
    }
    struct arena former = seen->arena;
    seen->arena = view->spare;
    view->spare = former;
    if (!old.id)
        register_birth(view, seen);
    note_clocks(sim, seen, old.clocks.count);
    check_clocks_step(sim, &old, seen);
    check_exclusive_step(sim, &old, seen);
}

/* ---- notices ---- */

static void touch(struct view *view, int64_t id)
{
    view->cases = room_for(view->cases, (size_t)id - 1, &view->room, sizeof *view->cases);
    if (view->cases[id - 1].touched)
        return;
    view->cases[id - 1].touched = true;
    view->touched = grow(view->touched, view->touched_count, &view->touched_room, sizeof *view->touched);
    view->touched[view->touched_count++] = (size_t)id;
    view->count = (size_t)id > view->count ? (size_t)id : view->count;
}

static int hear(void *context, const struct notice *notice)
{
    struct sim *sim = context;
    uint64_t seq = (uint64_t)notice->seq; /* the same one once for each of its topics */
    if (seq != sim->view.heard && seq != sim->view.heard + 1)
        verdict_fail(&sim->verdict, CHECK_NOTICES, notice->case_id, "notice %" PRId64 " comes after %" PRIu64,
                     notice->seq, sim->view.heard);
    sim->view.heard = seq;
    if (notice->case_id)
        touch(&sim->view, notice->case_id);
    readers_note(sim, notice);
    if (sim->peopled)
        people_hear(sim, notice);
    return 0;
}

void view_renew(struct sim *sim)
{
    struct view *view = &sim->view;
    struct txn *txn = txn_begin_read(sim->station.town.store);
    arena_reset(&view->scratch);
    if (outbox_read(txn, NULL, view->heard, SIZE_MAX, &view->scratch, hear, sim, &sim->station.town.fault) < 0)
        verdict_fail(&sim->verdict, CHECK_NOTICES, 0, "%s", sim->station.town.fault.text);
    for (size_t i = 0; i < view->touched_count; i++) {
        view->cases[view->touched[i] - 1].touched = false;
        renew_case(sim, txn, (int64_t)view->touched[i]);
    }
    view->touched_count = 0;
    view->engine_ms = sim->station.engine_ms;
    txn_abort(txn);
    readers_ring(sim);
}

void view_renew_all(struct sim *sim)
{
    struct txn *txn = txn_begin_read(sim->station.town.store);
    for (size_t i = 0; i < sim->view.count; i++)
        renew_case(sim, txn, (int64_t)i + 1);
    txn_abort(txn);
}
