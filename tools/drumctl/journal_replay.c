/* drumctl journal replay: the proof of determinism on a data folder as it is. */
#include <inttypes.h>
#include <stdio.h>

#include "dispatcher/shelf.h"
#include "tools/drumctl/journal.h"
#include "tools/drumctl/progress.h"
#include "tools/drumctl/scratch.h"

enum { INPUTS_A_TURN = 1000 };

struct proving {
    const struct journal_request *request;
    struct book *book;
    struct shelf shelf;
    struct scratch scratch;
    struct store *snapshot, *replayed;
};

/* 1: the states differ. */
static int tell(const struct proving *proving, uint64_t entries, struct fault *fault)
{
    char hex[HASH_HEX];
    struct hash hash;
    struct buffer differing = { 0 };
    int result = replay_state_hash(proving->snapshot, &hash, fault);
    if (!result)
        printf("%s  state of %s\n", hash_hex(hex, &hash), proving->request->data);
    if (!result)
        result = replay_state_hash(proving->replayed, &hash, fault);
    if (!result)
        printf("%s  state that %" PRIu64 " journal entries give\n", hash_hex(hex, &hash), entries);
    if (!result)
        result = replay_compare(proving->snapshot, proving->replayed, &differing, fault);
    if (!result && differing.size)
        printf("different: %s\n", buffer_string(&differing));
    else if (!result)
        puts("equal, in every table");
    result = result ? result : differing.size > 0;
    buffer_finish(&differing);
    return result;
}

static int replay(struct proving *proving, struct fault *fault)
{
    const struct replay_books books = shelf_books(&proving->shelf);
    struct progress progress = { .unit = "entries" };
    struct turn turn;
    struct replay replay = {
        .to = &turn, .books = &books, .inputs = INPUTS_A_TURN, .progress = progress_tell, .progress_context = &progress
    };
    turn_init(&turn, proving->replayed, proving->book);
    int result = replay_run(&replay, proving->snapshot, fault);
    progress_end(&progress);
    turn_finish(&turn);
    return result ? result : tell(proving, replay.n, fault);
}

int journal_action_replay(const struct journal_request *request, struct fault *fault)
{
    struct proving proving = { .request = request };
    int result = book_load(request->book_folder, &proving.book, NULL, NULL, fault);
    if (!result)
        result = shelf_load(&proving.shelf, proving.book, request->books_folder, fault);
    if (!result)
        result = scratch_make(&proving.scratch, NULL, fault);
    if (!result)
        result = scratch_snapshot(&proving.scratch, request->data, &proving.snapshot, fault);
    if (!result)
        result = scratch_cases(&proving.scratch, "replayed", &proving.replayed, fault);
    if (!result)
        result = replay(&proving, fault);
    store_close(proving.replayed);
    store_close(proving.snapshot);
    scratch_remove(&proving.scratch);
    shelf_finish(&proving.shelf);
    book_destroy(proving.book);
    return result;
}
