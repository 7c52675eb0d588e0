/* Notice: what the engine tells its readers. Durable in the outbox before anybody hears of it.
 * Topics: "desk", "wall", "dept/CODE", "worker/ID", "receipt/SEQ" (the reporter's thread, which is told neither who the
 * worker is nor the title).
 */
#pragma once

#include "proto/record/case.h"

#define NOTICE_FIELDS(X) \
    X(1, INT, seq, 0)      /* place in the outbox, from 1; one sequence for all topics */ \
    X(2, TEXT, topic, 128) /* where this reader hears it */ \
    X(3, INT, case_id, 0) \
    X(4, TEXT, case_number, 64) \
    X(5, ENUM, verb, verb)        /* what happened */ \
    X(6, ENUM, state, case_state) /* the case's state after it */ \
    X(7, INT, revision, 0) \
    X(8, INT, at_ms, 0) \
    X(9, TEXT, title, 200) \
    X(10, TEXT, text, 500) /* for a person */ \
    X(11, INT, deadline_ms, 0) \
    X(12, INT, priority, 0) \
    X(13, TEXT, department, 64) \
    X(14, TEXT, worker, 64) \
    X(15, ENUM, clock, clock_kind) /* warn, overdue */ \
    X(16, TEXT, area, 64)
RECORD_DECLARE(notice, NOTICE_FIELDS)

#define TOPIC_FIELDS(X) X(1, TEXT, name, 128)
RECORD_DECLARE(topic, TOPIC_FIELDS)

/* What the outbox keeps: a notice of no topic, and all topics that it is told on. */
#define OUTBOX_ROW_FIELDS(X) \
    X(1, RECORD, notice, notice) \
    X(2, LIST, topics, topic)
RECORD_DECLARE(outbox_row, OUTBOX_ROW_FIELDS)

/* One input of the engine, as the journal keeps it. */
#define INPUT_KINDS(X) \
    X(INPUT, NONE, "none") \
    X(INPUT, EVENT, "event")     /* payload: an event */ \
    X(INPUT, COMMAND, "command") /* payload: a command */ \
    X(INPUT, PULSE, "pulse")     /* payload: none; time passed and a clock fell due */ \
    X(INPUT, BOOK, "book")       /* payload: the hash of the book from here on */ \
    X(INPUT, ERASURE, "erasure") /* payload: an erasure (proto/store/erase.h) */
ENUM_DECLARE(input_kind, INPUT_KINDS)
