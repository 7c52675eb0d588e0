#include "proto/store/journal_find.h"

#include "proto/record/event.h"

struct searching {
    enum journal_order (*compare)(void *context, const struct journal_entry *entry);
    void *context;
    enum journal_order order;
    uint64_t n;
};

static int look_at_order(void *context, const struct journal_entry *entry)
{
    struct searching *searching = context;
    searching->n = entry->n;
    searching->order = searching->compare(searching->context, entry);
    return searching->order != JOURNAL_UNORDERED;
}

int journal_search(const struct journal *journal, struct txn *txn,
                   enum journal_order (*compare)(void *context, const struct journal_entry *entry), void *context,
                   uint64_t *n, struct fault *fault)
{
    struct searching searching = { .compare = compare, .context = context };
    uint64_t low = 1, high = journal->ops->last(journal->log, txn) + 1;
    int result = 0;
    while (low < high && result >= 0) {
        uint64_t middle = low + (high - low) / 2;
        searching.order = JOURNAL_UNORDERED;
        result =
            journal->ops->read(journal->log, txn, middle, (size_t)(high - middle), look_at_order, &searching, fault);
        if (searching.order == JOURNAL_BEFORE)
            low = searching.n + 1;
        else
            high = middle;
    }
    *n = low;
    return result < 0 ? result : txn_error(txn, fault);
}

struct seeking {
    int64_t seq;
    int64_t last, found; /* sequence of the event that was looked at last, and of the one that was found */
    uint64_t n;
    struct arena arena;
};

/* Events are journaled in the order of their sequence. */
static enum journal_order compare_seq(void *context, const struct journal_entry *entry)
{
    struct seeking *seeking = context;
    struct event event;
    arena_reset(&seeking->arena);
    if (entry->kind != INPUT_EVENT || record_decode(&event_desc, entry->payload, &seeking->arena, &event, NULL))
        return JOURNAL_UNORDERED;
    seeking->last = event.seq;
    return event.seq < seeking->seq ? JOURNAL_BEFORE : JOURNAL_NOT_BEFORE;
}

/* The first event of a run of entries; others are passed over. */
static int note_event(void *context, const struct journal_entry *entry)
{
    struct seeking *seeking = context;
    if (compare_seq(seeking, entry) == JOURNAL_UNORDERED)
        return 0;
    seeking->found = seeking->last;
    seeking->n = entry->n;
    return 1;
}

int journal_find_event(const struct journal *journal, struct txn *txn, int64_t seq, uint64_t *n, struct fault *fault)
{
    struct seeking seeking = { .seq = seq };
    uint64_t from;
    int result = journal_search(journal, txn, compare_seq, &seeking, &from, fault);
    if (!result)
        result = journal->ops->read(journal->log, txn, from, SIZE_MAX, note_event, &seeking, fault);
    *n = seeking.n;
    arena_finish(&seeking.arena);
    return result < 0 ? result : seeking.found != seq;
}
