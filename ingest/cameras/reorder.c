#include "ingest/cameras/reorder.h"

/* What a reader takes for a late packet of the same stream (rtp_follow), not for a stream that counts anew. */
enum { LATE_MAX = 64 };

static struct buffer *slot_of(struct reorder *reorder, uint16_t sequence)
{
    return &reorder->slots[sequence % REORDER_WINDOW];
}

/* The one in turn waits already. */
static bool tell_next(struct reorder *reorder, bool (*take)(void *context, const struct rtp_packet *packet),
                      void *context)
{
    struct buffer *slot = slot_of(reorder, reorder->next++), bytes = *slot;
    struct rtp_packet packet;
    *slot = (struct buffer){ 0 };
    reorder->held--;
    bool goes_on = !rtp_read(buffer_view(&bytes), &packet) || take(context, &packet);
    buffer_finish(&bytes);
    return goes_on;
}

/* Those that follow each other without a gap. */
static bool tell_run(struct reorder *reorder, bool (*take)(void *context, const struct rtp_packet *packet),
                     void *context)
{
    while (reorder->held && slot_of(reorder, reorder->next)->size) {
        reorder->reordered++;
        if (!tell_next(reorder, take, context))
            return false;
    }
    return true;
}

/* Whoever is missing before the first one that waits is missed no longer. */
static bool give_up(struct reorder *reorder, bool (*take)(void *context, const struct rtp_packet *packet),
                    void *context)
{
    while (!slot_of(reorder, reorder->next)->size)
        reorder->next++;
    while (reorder->held && slot_of(reorder, reorder->next)->size)
        if (!tell_next(reorder, take, context))
            return false;
    return true;
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

bool reorder_push(struct reorder *reorder, struct bytes bytes, const struct rtp_packet *packet, int64_t mono_ms,
                  bool (*take)(void *context, const struct rtp_packet *packet), void *context)
{
    uint16_t ahead = (uint16_t)(packet->sequence - reorder->next), behind = (uint16_t)-ahead;
    bool same = reorder->started && packet->ssrc == reorder->ssrc;
    if (same && ahead && behind <= LATE_MAX)
        return take(context, packet); /* too late, or for the second time: whoever takes it knows */
    while (reorder->held && (!same || ahead >= REORDER_WINDOW)) {
        if (!give_up(reorder, take, context))
            return false;
        ahead = (uint16_t)(packet->sequence - reorder->next);
    }
    if (same && ahead && ahead < REORDER_WINDOW) {
        hold(reorder, bytes, packet->sequence, mono_ms);
        if (mono_ms - reorder->since_mono_ms < REORDER_PATIENCE_MS)
            return true;
        reorder->since_mono_ms = mono_ms; /* of those that wait for another one */
        return give_up(reorder, take, context);
    }
    reorder->started = true;
    reorder->ssrc = packet->ssrc;
    reorder->next = (uint16_t)(packet->sequence + 1);
    reorder->since_mono_ms = mono_ms;
    return take(context, packet) && tell_run(reorder, take, context);
}

void reorder_finish(struct reorder *reorder)
{
    for (size_t i = 0; i < REORDER_WINDOW; i++)
        buffer_finish(&reorder->slots[i]);
    reorder->held = 0;
}
