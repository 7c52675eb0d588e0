/* Draft: a case while one input changes it. Opened once, put once: the store takes the difference between `old` and `record`.
 * Everything a draft points at lives in the turn's arena, the input or the book: until the turn ends.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/book/book.h"
#include "proto/record/event.h"
#include "proto/store/case_store.h"
#include "proto/store/near.h"

/* What every part of the engine works in: one input's surroundings. */
struct scope {
    const struct book *book;
    struct txn *txn;
    struct arena *arena;
    int64_t now_ms; /* the engine's time of the input */
};

struct draft {
    const struct scope *in;
    bool is_new;
    struct case_file old;
    struct case_file record; /* change this one */
    size_t task_room, clock_room;
    const struct book_service *service;     /* NULL: the report named none of the book's */
    const struct book_condition *condition; /* NULL with it */
};

/* So that a case always fits into RECORD_BYTES_MAX, whatever its senders do. At these a further voice opens a case of its own, while further
 * words of one that is there are a line of the history alone; further photos of one voice or disposal are left to their step; and what begins a
 * further round (return, rework, verify, suspend …) is refused; so it is of a case of more than DRAFT_BYTES_MAX, which leaves room for the
 * voices and for what ends it. */
enum {
    DRAFT_VOICES_MAX = NEAR_VOICES_MAX,
    DRAFT_MEDIA_MAX = 100,
    DRAFT_TASKS_MAX = 200,
    DRAFT_CLOCKS_MAX = 1000,
    DRAFT_OFFERS_MAX = 1000 /* of one task */,
    DRAFT_BYTES_MAX = RECORD_BYTES_MAX / 2
};
/* Of words, as a title. */
enum { DRAFT_TITLE_BYTES = 60, DRAFT_PRIORITY_LOWEST = 5 };

/* 1 where there is no such case. */
int draft_open(struct draft *draft, const struct scope *in, int64_t id, struct fault *fault);
/* A new case with id and number of its own, nobody's yet. */
void draft_start(struct draft *draft, const struct scope *in, int64_t reported_at_ms);
/* Writes the case once; the draft is over. */
void draft_put(struct draft *draft);

void draft_add_voice(struct draft *draft, const struct voice *voice);
struct task *draft_add_task(struct draft *draft, const struct task *task);     /* gives it its id */
struct clock *draft_add_clock(struct draft *draft, const struct clock *clock); /* gives it its id */
/* Appends as many as DRAFT_MEDIA_MAX leaves room for. */
void draft_add_media(struct draft *draft, struct media_list *list, const struct media_list *more);

/* Is there room for a further round? */
bool draft_has_room(const struct draft *draft);

/* Its history so far; where the store does not give it, the transaction has the error. */
struct step_list draft_steps(const struct draft *draft);
/* Adds a line to the history; with it the revision rises, so a revision is the number of its steps. at_ms is the scope's. */
void draft_add_step(struct draft *draft, const struct step *step);

/* The text, or as many whole characters of it as fit into `limit` bytes. */
const char *draft_cut(const struct scope *in, const char *text, size_t limit);
