/* What the parts of drumctl case share: one case as it stands, and what it is explained by. */
#pragma once

#include "proto/base/crypto.h"
#include "proto/book/book.h"
#include "proto/store/case_store.h"
#include "tools/drumctl/look.h"

/* From journal entry n on the dispatcher acted by the book of that hash. */
struct book_change {
    uint64_t n;
    int64_t at_ms;
    struct hash hash;
};

struct look_at_case {
    const char *data, *book_folder;
    bool json;
    struct zone *zone;
    struct book *book;           /* NULL without --book */
    const char *acting;          /* hash of the book that the dispatcher acts by, hex; NULL before its first turn */
    struct book_change *changes; /* since the case was reported */
    size_t change_count;
    struct arena arena;
    struct case_file record;
    struct step_list steps;
};

/* Local time, in the arena; "-" for 0. */
const char *case_time(struct look_at_case *look, int64_t at_ms);
void case_print_history(struct look_at_case *look);

/* Which book the dispatcher acts by, and since when. */
int case_read_books(struct look_at_case *look, struct txn *txn, struct fault *fault);

/* Why it stands as it does: route, tasks, requests, other cases, clocks, history. */
void case_explain(struct look_at_case *look);
/* The life of each clock. */
void case_explain_clocks(struct look_at_case *look);
/* How its deadline comes about, recomputed step by step from the book; and whether that is the one that it has. */
void case_explain_deadline(struct look_at_case *look, const struct clock *clock);
