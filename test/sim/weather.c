/* Weather: what befalls the dispatcher's machine. It dies, is down for a while, comes back with another book; its clock is set. */
#include "proto/base/timestamp.h"
#include "test/sim/sim.h"

enum { CRASHES_MAX = 50, POWER_CUTS_MAX = 2 };

/* Once more after about so long, as long as faults last. */
static void again(struct sim *sim, int64_t after_ms, void (*happen)(struct sim *sim, const struct agenda_item *item))
{
    int64_t at_ms = sim->now_ms + after_ms;
    if (at_ms < sim->end_ms)
        agenda_enter(&sim->agenda, (struct agenda_item){ .at_ms = at_ms, .happen = happen });
}

static void set_clock(struct sim *sim, const struct agenda_item *item)
{
    struct dice *dice = &sim->channel.weather;
    (void)item;
    sim->channel.offset_ms = chance(dice, 300)   ? 0
                             : chance(dice, 500) ? between(dice, -2 * MS_PER_MINUTE, 2 * MS_PER_MINUTE)
                                                 : between(dice, -2 * MS_PER_HOUR, 2 * MS_PER_HOUR);
    channel_wake(sim, sim->now_ms);
    again(sim, about_ms(dice, 4 * MS_PER_HOUR), set_clock);
}

static void fail(struct sim *sim, const struct agenda_item *item)
{
    struct dice *dice = &sim->channel.weather;
    (void)item;
    sim->channel.down_until_ms = sim->now_ms + about_ms(dice, 20 * MS_PER_MINUTE);
    sim->channel.restart = true;
    channel_wake(sim, sim->channel.down_until_ms);
    again(sim, about_ms(dice, 8 * MS_PER_HOUR), fail);
}

static void bring_book(struct sim *sim, const struct agenda_item *item)
{
    (void)item;
    sim->channel.book = 1 - sim->channel.book;
    sim->channel.restart = true;
    channel_wake(sim, sim->now_ms);
}

void weather_open(struct sim *sim)
{
    struct dice *dice = &sim->channel.weather;
    *dice = chance_begin(sim->plan.seed, 3);
    if (plan_has(&sim->plan, FAULT_CLOCK_JUMPS))
        again(sim, about_ms(dice, 2 * MS_PER_HOUR), set_clock);
    if (plan_has(&sim->plan, FAULT_OUTAGES))
        again(sim, about_ms(dice, 4 * MS_PER_HOUR), fail);
    for (int i = 0; plan_has(&sim->plan, FAULT_NEW_BOOKS) && i < 2; i++)
        again(sim, between(dice, 0, sim->plan.days * (int64_t)MS_PER_DAY), bring_book);
}

enum tape_end weather_of_turn(struct sim *sim)
{
    struct channel *channel = &sim->channel;
    static const struct {
        enum fault_class fault;
        unsigned per_mille;
        enum tape_end end;
    } ends[] = {
        { FAULT_ABORTS, 8, TAPE_ABORTED },
        { FAULT_SILENCES, 8, TAPE_SILENT },
        { FAULT_POWER_CUTS, 3, TAPE_POWER_CUT },
    };
    for (size_t i = 0; !sim->resting && i < sizeof ends / sizeof *ends; i++) {
        bool cut = ends[i].end == TAPE_POWER_CUT;
        int *count = cut ? &channel->power_cuts : &channel->crashes;
        if (!plan_has(&sim->plan, ends[i].fault) || *count == (cut ? POWER_CUTS_MAX : CRASHES_MAX) ||
            !chance(&channel->weather, ends[i].per_mille))
            continue;
        ++*count;
        return ends[i].end;
    }
    return TAPE_COMMITTED;
}
