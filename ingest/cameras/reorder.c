#include "ingest/cameras/reorder.h"

static struct buffer *slot_of(struct reorder *reorder, uint16_t sequence)
{
    return &reorder->slots[sequence % REORDER_WINDOW];
}

/* The one in turn waits already. */
static bool tell_next(struct reorder *reorder)
{
    struct buffer *slot = slot_of(reorder, reorder->next++), bytes = *slot;
    struct rtp_packet packet;
    *slot = (struct buffer){ 0 };
    reorder->held--;
    bool goes_on = !rtp_read(buffer_view(&bytes), &packet) || reorder->take(reorder->context, &packet);
    buffer_finish(&bytes);
    return goes_on;
}

/* Those that follow each other without a gap. */
static bool tell_run(struct reorder *reorder)
{
    bool goes_on = true;
    while (goes_on && reorder->held && slot_of(reorder, reorder->next)->size)
        goes_on = tell_next(reorder);
    return goes_on;
}

/* Whoever is missing before the first one that waits is missed no longer. */
static bool give_up(struct reorder *reorder)
{
    while (!slot_of(reorder, reorder->next)->size)
        reorder->next++;
    return tell_run(reorder);
}

static void hold(struct reorder *reorder, struct bytes bytes, uint16_t sequence, int64_t mono_ms)
{
    struct buffer *slot = slot_of(reorder, sequence);
    if (slot->size)
        return; /* it came twice */
    if (!reorder->held++)
        reorder->since_mono_ms = mono_ms;
    buffer_append(slot, bytes.data, bytes.size);
}

/* It is in turn, or the first one, and so are those that waited for it. */
static bool tell(struct reorder *reorder, const struct rtp_packet *packet, int64_t mono_ms)
{
    reorder->started = true;
    reorder->ssrc = packet->ssrc;
    reorder->next = (uint16_t)(packet->sequence + 1);
    reorder->since_mono_ms = mono_ms;
    if (!reorder->take(reorder->context, packet))
        return false;
    size_t held = reorder->held;
    bool goes_on = tell_run(reorder);
    reorder->reordered += (int64_t)(held - reorder->held);
    return goes_on;
}

bool reorder_push(struct reorder *reorder, struct bytes bytes, const struct rtp_packet *packet, int64_t mono_ms)
{
    uint16_t ahead = (uint16_t)(packet->sequence - reorder->next), behind = (uint16_t)-ahead;
    bool same = reorder->started && packet->ssrc == reorder->ssrc;
    if (same && ahead && behind <= RTP_LATE_MAX)
        return reorder->take(reorder->context, packet); /* too late, or for the second time: whoever takes it knows */
    while (reorder->held && (!same || ahead >= REORDER_WINDOW)) {
        if (!give_up(reorder))
            return false;
        ahead = (uint16_t)(packet->sequence - reorder->next);
    }
    if (!same || !ahead || ahead >= REORDER_WINDOW)
        return tell(reorder, packet, mono_ms);
    hold(reorder, bytes, packet->sequence, mono_ms);
    if (mono_ms - reorder->since_mono_ms < REORDER_PATIENCE_MS)
        return true;
    reorder->since_mono_ms = mono_ms; /* of those that wait for another one */
    return give_up(reorder);
}

void reorder_finish(struct reorder *reorder)
{
    for (size_t i = 0; i < REORDER_WINDOW; i++)
        buffer_finish(&reorder->slots[i]);
    reorder->held = 0;
}
