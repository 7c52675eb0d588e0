#include <string.h>

#include "proto/store/journal_find.h"
#include "tools/drumctl/case.h"

enum { CHANGES_MAX = 1000 };

/* A book's and an erasure's entries do not move the engine's time. */
static enum journal_order compare_time(void *context, const struct journal_entry *entry)
{
    const int64_t *at_ms = context;
    if (entry->kind == INPUT_BOOK || entry->kind == INPUT_ERASURE)
        return JOURNAL_UNORDERED;
    return entry->at_ms < *at_ms ? JOURNAL_BEFORE : JOURNAL_NOT_BEFORE;
}

static struct book_change change_of(const struct journal_entry *entry)
{
    struct book_change change = { .n = entry->n, .at_ms = entry->at_ms };
    if (entry->payload.size == sizeof change.hash.bytes)
        memcpy(change.hash.bytes, entry->payload.data, sizeof change.hash.bytes);
    return change;
}

static int note_book(void *context, const struct journal_entry *entry)
{
    struct look_at_case *look = context;
    if (entry->kind == INPUT_BOOK)
        look->changes[look->change_count++] = change_of(entry);
    return look->change_count == CHANGES_MAX;
}

int case_read_books(struct look_at_case *look, struct txn *txn, struct fault *fault)
{
    struct journal journal = journal_in_store();
    uint64_t n;
    look->acting = meta_get_text(txn, META_BOOK, &look->arena);
    look->changes = arena_array(&look->arena, CHANGES_MAX, sizeof *look->changes);
    int result = journal_search(&journal, txn, compare_time, &look->record.reported_at_ms, &n, fault);
    if (!result)
        result = journal.ops->read(journal.log, txn, n, SIZE_MAX, note_book, look, fault);
    return result < 0 ? result : 0;
}
