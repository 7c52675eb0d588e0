#include "test/sim/channel.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proto/base/timestamp.h"
#include "test/sim/sim.h"
#include "tools/benches/grow.h"

enum { LATENCY_MS = 200, RETRY_MS = 15 * MS_PER_SECOND };

void channel_open(struct sim *sim)
{
    sim->channel.dice = chance_begin(sim->plan.seed, 2);
    sim->channel.last_turn_ms = sim->channel.last_received_ms = sim->start_ms;
    weather_open(sim);
}

void channel_finish(struct channel *channel)
{
    free(channel->letters);
    free(channel->mailbox);
    free(channel->reports);
    buffer_finish(&channel->bytes);
    arena_finish(&channel->arena);
    *channel = (struct channel){ 0 };
}

/* Faults end with the rest. */
static bool befalls(struct sim *sim, enum fault_class fault, unsigned per_mille)
{
    return !sim->resting && plan_has(&sim->plan, fault) && chance(&sim->channel.dice, per_mille);
}

static struct bytes encode(struct channel *channel, const struct record_desc *desc, const void *record)
{
    buffer_clear(&channel->bytes);
    record_encode(desc, record, &channel->bytes);
    return (struct bytes){ (const uint8_t *)arena_text(&channel->arena, (const char *)channel->bytes.bytes,
                                                       channel->bytes.size),
                           channel->bytes.size };
}

/* ---- turns ---- */

void channel_wake(struct sim *sim, int64_t at_ms)
{
    struct channel *channel = &sim->channel;
    int64_t earliest_ms = channel->last_turn_ms + (sim->resting ? 0 : sim->plan.busy_ms);
    at_ms = at_ms > earliest_ms ? at_ms : earliest_ms;
    at_ms = at_ms > channel->down_until_ms ? at_ms : channel->down_until_ms;
    at_ms = at_ms > sim->now_ms ? at_ms : sim->now_ms;
    if (channel->turn_at_ms && channel->turn_at_ms <= at_ms)
        return;
    channel->turn_at_ms = at_ms;
    agenda_enter(&sim->agenda, (struct agenda_item){ .at_ms = at_ms, .happen = channel_take_turn });
}

/* ---- commands ---- */

static void arrive(struct sim *sim, const struct agenda_item *item)
{
    struct channel *channel = &sim->channel;
    channel->mailbox = grow(channel->mailbox, channel->mail_count, &channel->mail_room, sizeof *channel->mailbox);
    channel->mailbox[channel->mail_count++] = (size_t)item->a;
    channel_wake(sim, sim->now_ms);
}

static void deliver(struct sim *sim, size_t letter, int64_t after_ms)
{
    if (!sim->resting) /* then all of a round is one turn's */
        after_ms += between(&sim->channel.dice, LATENCY_MS / 4, 2 * LATENCY_MS);
    agenda_enter(&sim->agenda,
                 (struct agenda_item){ .at_ms = sim->now_ms + after_ms, .happen = arrive, .a = (int64_t)letter });
}

static void try_again(struct sim *sim, size_t letter)
{
    deliver(sim, letter, between(&sim->channel.dice, MS_PER_SECOND, 2 * RETRY_MS));
}

void channel_send(struct sim *sim, struct command *command, struct birth about, struct birth to, int64_t after_ms)
{
    struct channel *channel = &sim->channel;
    size_t letter = channel->letter_count;
    /* the time first, as the pages make them: those of one hour lie side by side in the store */
    command->id =
        arena_format(&channel->arena, "%012" PRIx64 "c%06zu", (uint64_t)sim->now_ms, channel->first_serial + letter);
    channel->letters = grow(channel->letters, channel->letter_count, &channel->letter_room, sizeof *channel->letters);
    channel->letters[channel->letter_count++] =
        (struct letter){ .bytes = encode(channel, &command_desc, command), .about = about, .to = to };
    if (befalls(sim, FAULT_DELAYS, 30))
        after_ms += about_ms(&channel->dice, 30 * MS_PER_MINUTE);
    if (befalls(sim, FAULT_LOSSES, 50))
        after_ms += between(&channel->dice, MS_PER_SECOND, 2 * RETRY_MS);
    if (befalls(sim, FAULT_REPEATS, 80))
        deliver(sim, letter, after_ms + about_ms(&channel->dice, 60 * MS_PER_SECOND));
    deliver(sim, letter, after_ms);
}

/* ---- reports ---- */

int64_t channel_report(struct sim *sim, struct event *event)
{
    struct channel *channel = &sim->channel;
    int64_t now_ms = sim->now_ms + channel->offset_ms;
    event->seq = ++channel->last_seq;
    event->id = arena_format(&channel->arena, "event-%" PRId64, event->seq);
    if (event->received_at_ms < channel->last_received_ms || event->received_at_ms > now_ms)
        event->received_at_ms = now_ms > channel->last_received_ms ? now_ms : channel->last_received_ms;
    channel->last_received_ms = event->received_at_ms;
    channel->reports = grow(channel->reports, channel->report_count, &channel->report_room, sizeof *channel->reports);
    channel->reports[channel->report_count++] = (struct reported){ event->seq, encode(channel, &event_desc, event) };
    channel_wake(sim, sim->now_ms);
    return event->seq;
}

/* ---- the turn ---- */

static void write_reports(struct sim *sim)
{
    struct channel *channel = &sim->channel;
    for (size_t i = 0; i < channel->report_count; i++)
        tape_add(&sim->tape, (struct tape_entry){ .kind = TAPE_EVENT,
                                                  .seq = channel->reports[i].seq,
                                                  .bytes = channel->reports[i].bytes });
    channel->report_count = 0;
    if (befalls(sim, FAULT_LOG_AGAIN, 30))
        tape_add(&sim->tape, (struct tape_entry){ .kind = TAPE_AGAIN, .count = between(&channel->dice, 1, 20) });
}

static void write_letters(struct sim *sim)
{
    struct channel *channel = &sim->channel;
    for (size_t i = 0; i < channel->mail_count; i++) {
        const struct letter *letter = &channel->letters[channel->mailbox[i]];
        tape_add(&sim->tape,
                 (struct tape_entry){
                     .kind = TAPE_COMMAND, .about = letter->about, .to = letter->to, .bytes = letter->bytes });
    }
}

/* Who has no answer asks again, under the same id; so does who did not get it. */
static void bring_answers(struct sim *sim, bool answered)
{
    struct channel *channel = &sim->channel;
    size_t count = channel->mail_count;
    channel->mail_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct letter *letter = &channel->letters[channel->mailbox[i]];
        if (letter->answered)
            continue;
        letter->answered = answered && !befalls(sim, FAULT_LOSSES, 30);
        if (!letter->answered)
            try_again(sim, channel->mailbox[i]);
    }
}

void channel_take_turn(struct sim *sim, const struct agenda_item *item)
{
    struct channel *channel = &sim->channel;
    if (item->at_ms != channel->turn_at_ms)
        return; /* an earlier one came in between */
    channel->turn_at_ms = 0;
    if (channel->down_until_ms > sim->now_ms) {
        channel_wake(sim, channel->down_until_ms);
        return;
    }
    channel->last_turn_ms = sim->now_ms;
    size_t first = sim->tape.count;
    enum tape_end end = weather_of_turn(sim);
    tape_add(&sim->tape, (struct tape_entry){ .kind = TAPE_TURN,
                                              .now_ms = sim->now_ms + channel->offset_ms,
                                              .end = end,
                                              .restart = channel->restart,
                                              .book = channel->book });
    channel->restart = false;
    write_reports(sim);
    write_letters(sim);
    station_play(sim, first);
    bring_answers(sim, end == TAPE_COMMITTED);
    if (sim->station.next_due_ms != ORDER_NONE)
        channel_wake(sim, sim->station.next_due_ms - channel->offset_ms);
}

void channel_calm(struct sim *sim)
{
    struct channel *channel = &sim->channel;
    channel->first_serial = channel->letter_count ? 0 : sim->station.deed_room; /* behind those of a tape */
    channel->offset_ms = channel->down_until_ms = channel->turn_at_ms = 0;
    channel->restart = false;
    channel->book = sim->station.book;
}
