#include "dispatcher/recovery.h"

#include <inttypes.h>
#include <stdio.h>

#include "dispatcher/shelf.h"

enum { RECOVERY_INPUTS = 1000 };

static int note_erased(void *context, const struct journal_entry *entry)
{
    if (entry->erased_by)
        printf("entry %" PRIu64 " was replayed without its words: they were erased by entry %" PRIu64 "\n", entry->n,
               entry->erased_by);
    *(uint64_t *)context += entry->erased_by != 0;
    return 0;
}

/* What could not be replayed as it was. */
static int report_erased(struct store *from, struct fault *fault)
{
    struct journal journal = journal_in_store();
    uint64_t erased = 0;
    struct txn *txn = txn_begin_read(from);
    int result = journal.ops->read(journal.log, txn, 1, SIZE_MAX, note_erased, &erased, fault);
    txn_abort(txn);
    if (erased)
        printf("%" PRIu64 " entries in all; their cases have the mark, as in the journal's folder\n", erased);
    return result;
}

static int report(struct store *from, struct store *to, uint64_t entries, struct fault *fault)
{
    struct buffer differing = { 0 };
    struct hash hash;
    char hex[HASH_HEX];
    int result = replay_compare(from, to, &differing, fault);
    if (result == 0)
        result = replay_state_hash(to, &hash, fault);
    if (result == 0)
        printf("replayed %" PRIu64 " journal entries; state %s\n", entries, hash_hex(hex, &hash));
    if (result == 0)
        result = report_erased(from, fault);
    if (result == 0 && differing.size)
        result = fault_set(fault, -EBADMSG, "the rebuilt tables differ from those of the journal's folder: %s",
                           buffer_string(&differing));
    if (result == 0)
        printf("all tables agree with those of the journal's folder\n");
    buffer_finish(&differing);
    return result;
}

int recovery_run(const char *from, const char *data_folder, const struct book *book, const char *books_folder,
                 struct fault *fault)
{
    struct shelf shelf;
    struct store *source = NULL, *store = NULL;
    struct turn turn = { 0 };
    uint64_t entries = 0;
    int result = shelf_load(&shelf, book, books_folder, fault);
    if (result == 0)
        result = case_store_open(from, STORE_READ_ONLY, &source, fault);
    if (result == 0)
        result = case_store_open(data_folder, STORE_READ_WRITE, &store, fault);
    if (result == 0)
        result = store_take(store, fault);
    if (result == 0) {
        const struct replay_books books = shelf_books(&shelf);
        turn_init(&turn, store, book);
        result = replay_journal(source, &turn, &books, RECOVERY_INPUTS, &entries, fault);
    }
    if (result == 0)
        result = report(source, store, entries, fault);
    turn_finish(&turn);
    store_close(store);
    store_close(source);
    shelf_finish(&shelf);
    return result;
}
