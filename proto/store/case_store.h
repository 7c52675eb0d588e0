/* The cases environment: cases, their histories, indexes, counters, the outbox, answers to commands, the journal, the cursor.
 * Written by the dispatcher, and by drumctl erase, whose transaction is an input too; everybody else opens it read-only. Functions take
 * the transaction of the turn or request.
 *
 * Indexes and counters are never written by hand: case_put() derives both from the old and the new value of the case
 * (case_index.h) and applies the difference, so that a list, a number and the cases behind it cannot disagree.
 *
 * Look-ups return 0, 1 where there is none, or the transaction's error.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/record/case.h"
#include "proto/record/command.h"
#include "proto/record/notice.h"
#include "proto/store/store.h"

#define CASE_TABLES(X) \
    X(CASES, "cases")       /* be64 id → case */ \
    X(STEPS, "steps")       /* be64 place among all steps → step */ \
    X(NUMBERS, "numbers")   /* case number → be64 id */ \
    X(RECEIPTS, "receipts") /* be64 event seq → be64 case id */ \
    X(INDEX, "index")       /* name NUL be64 order be64 case id → nothing */ \
    X(COUNTERS, "counters") /* name → be64 value; no row where it is 0 */ \
    X(MEASURES, "measures") /* see indicator_count.h */ \
    X(OUTBOX, "outbox")     /* be64 seq → outbox_row */ \
    X(TOPICS, "topics")     /* be32 block of notices, topic NUL, be64 seq → nothing */ \
    X(ANSWERS, "answers")   /* command id → answer */ \
    X(JOURNAL, "journal")   /* see journal.h */ \
    X(TREE, "tree")         /* of the journal, see journal_tree.h */ \
    X(HEADS, "heads")       /* of the journal, signed, see journal_head.h */ \
    X(META, "meta")         /* name → be64 or text: see META_* */ \
    X(WORKERS, "workers")   /* account → presence, see presence.h */

enum case_table {
#define CASE_TABLE_ENUM(name, text) TABLE_##name,
    CASE_TABLES(CASE_TABLE_ENUM)
#undef CASE_TABLE_ENUM
};

int case_store_open(const char *data_folder, enum store_mode mode, struct store **store, struct fault *fault);
/* `options` as in store.h, NULL for the defaults. */
int case_store_open_with(const char *data_folder, enum store_mode mode, const struct store_options *options,
                         struct store **store, struct fault *fault);

/* ---- cases ---- */
/* What is decoded lives in the arena. */
int case_get(struct txn *txn, int64_t id, struct arena *arena, struct case_file *record, struct fault *fault);
int case_find_number(struct txn *txn, const char *number, int64_t *id);
int case_find_receipt(struct txn *txn, uint64_t event_seq, int64_t *id);
/* Writes the case, its number and receipts if new, and the difference in indexes and counters. `old` is NULL for a new case,
 * else the value that is in the store, in memory of its own: a struct copy shares its lists with the one that is edited, so get it
 * twice. The number stays. */
void case_put(struct txn *txn, const struct case_file *old, const struct case_file *record);
/* Its reports are this case's now, whoever had them before: for a case that was merged and is not any more. */
void case_claim_receipts(struct txn *txn, const struct case_file *record);
/* Every case in order of its id; the arena is reset before each. visit: 0 goes on, else ends and is returned. */
int case_visit_all(struct txn *txn, struct arena *arena, int (*visit)(void *context, const struct case_file *record),
                   void *context, struct fault *fault);

/* The same of those with from ≤ id < below: for who reads them all, in a transaction for each slice. */
int case_visit_range(struct txn *txn, int64_t from, int64_t below, struct arena *arena,
                     int (*visit)(void *context, const struct case_file *record), void *context, struct fault *fault);

/* The next step of the case's history; `record` is to be put. The steps of all cases stand in the order in which they come, at the end of
 * their table: beside their cases, each would cost a page of its own. */
void step_append(struct txn *txn, struct case_file *record, const struct step *step);
/* The same step, in other words. */
void step_rewrite(struct txn *txn, const struct step *step);
/* The whole history, the first step first. -EBADMSG: it is not there. */
int step_list_of(struct txn *txn, const struct case_file *record, struct arena *arena, struct step_list *steps,
                 struct fault *fault);
/* One step of it; the same. */
int step_get(struct txn *txn, int64_t seq, struct arena *arena, struct step *step, struct fault *fault);

/* ---- lists: an index name, ordered by a time or number ---- */
/* Calls visit with case ids in order from (order, id) on, exclusive of that pair unless both are 0; visit: 0 goes on. Backwards with
 * both 0: from the end. */
int index_visit(struct txn *txn, const char *name, int64_t after_order, int64_t after_id, bool backwards,
                int (*visit)(void *context, int64_t order, int64_t id), void *context);
/* Entries with from_order ≤ order < below_order (ORDER_NONE: to the end, with those that have no deadline), at most `max` counted. */
int64_t index_count(struct txn *txn, const char *name, int64_t from_order, int64_t below_order, int64_t max);
/* The entry with the smallest order: 0, or 1 where the list is empty. */
int index_first(struct txn *txn, const char *name, int64_t *order, int64_t *id);

/* ---- counters: inside a write transaction with what it has changed so far ---- */
/* 0 where absent. Also of a measure: "due/2026-01-05/dept/water". */
int64_t counter_get(struct txn *txn, const char *name);
/* Without the measures, for which there is indicator_visit(). */
int counter_visit(struct txn *txn, const char *prefix, int (*visit)(void *context, const char *name, int64_t value),
                  void *context);

/* ---- outbox ---- */
/* One row, however many topics it is told on, and one entry for each of them; none where it is told on no topic. Beyond RECORD_LIST_MAX topics
 * the rest goes on in a row of its own: whoever hears topics of both hears it twice. */
void outbox_append(struct txn *txn, const struct notice *notice, const struct topic_list *topics);
uint64_t outbox_last(struct txn *txn);
/* Rows with seq > after that are told on a topic (NULL: on any), at most `max`: each as the reader of the topic hears it. With NULL a
 * row comes once for each of its topics, each time with the same seq; so who hears several topics takes what is above its last seq. */
int outbox_read(struct txn *txn, const char *topic, uint64_t after, size_t max, struct arena *arena,
                int (*visit)(void *context, const struct notice *notice), void *context, struct fault *fault);

/* ---- commands answered before, by account and id ---- */
int answer_get(struct txn *txn, const struct command *command, struct arena *arena, struct answer *answer,
               struct fault *fault);
void answer_put(struct txn *txn, const struct command *command, const struct answer *answer);

/* ---- meta ---- */
#define META_CURSOR "cursor"       /* seq of the last event that was taken from the log */
#define META_CASE_ID "case-id"     /* the last one given */
#define META_TIME "time"           /* the engine's, ms: never goes back */
#define META_BOOK "book"           /* text: hash of the book that the engine acts by, hex */
#define META_TIME_ZONE "time-zone" /* text: whose days and hours the counters' names say */

int64_t meta_get(struct txn *txn, const char *name); /* 0 where absent */
void meta_set(struct txn *txn, const char *name, int64_t value);
/* Adds 1 and returns the new value: ids and serials. */
int64_t meta_next(struct txn *txn, const char *name);
/* Texts: NULL where absent; the copy lives in the arena. */
const char *meta_get_text(struct txn *txn, const char *name, struct arena *arena);
void meta_set_text(struct txn *txn, const char *name, const char *text);
