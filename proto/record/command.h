/* Command: what a person at a door asks the engine to do, and its answer. Travels over REQ/REP. */
#pragma once

#include "proto/record/case.h"

#define COMMAND_FIELDS(X) \
    X(1, TEXT, id, 64)    /* made on the device; the same id of the same actor again gets the first answer again */ \
    X(2, TEXT, actor, 64) /* account, as the door authenticated it */ \
    X(3, ENUM, role, role) \
    X(4, TEXT, department, 64) /* the actor's own; "" for the centre */ \
    X(5, TEXT, case_number, 64) \
    X(6, INT, revision, 0) /* the one that the actor saw; 0 = does not matter */ \
    X(7, ENUM, verb, verb) \
    X(8, TEXT, reason, 1000) \
    X(9, TEXT, to_department, 64) /* dispatch: overrides the route */ \
    X(10, TEXT, to_worker, 64)    /* assign */ \
    X(11, LIST, media, media) \
    X(12, INT, score, 0) \
    X(13, INT, happened_at_ms, 0) /* when the person did it, by the device's clock; for the history only */ \
    X(14, TEXT, to_service, 64)   /* accept, reclassify */ \
    X(15, TEXT, to_condition, 64) \
    X(16, INT, to_priority, 0) \
    X(17, INT, until_ms, 0)    /* suspend */ \
    X(18, TEXT, to_case, 64)   /* merge: the number of the case that stays */ \
    X(19, INT, voice_seq, 0)   /* split: the report that becomes a case of its own */ \
    X(20, TEXT, to_person, 64) /* supervise: who; "" = the actor */ \
    X(21, REAL, lat, 0)        /* where the device was, WGS 84; 0, 0 = not said */ \
    X(22, REAL, lon, 0)
RECORD_DECLARE(command, COMMAND_FIELDS)

#define ANSWER_STATUSES(X) \
    X(ANSWER, NONE, "none") \
    X(ANSWER, OK, "ok") \
    X(ANSWER, CONFLICT, "conflict") /* the revision is stale, or the state does not allow it any more */ \
    X(ANSWER, NOT_FOUND, "not_found") \
    X(ANSWER, FORBIDDEN, "forbidden") /* the role or the separation of duties does not allow it */ \
    X(ANSWER, INVALID, "invalid")     /* an argument is missing or wrong */ \
    X(ANSWER, BUSY, "busy")           /* not taken; try again later */
ENUM_DECLARE(answer_status, ANSWER_STATUSES)

#define ANSWER_FIELDS(X) \
    X(1, ENUM, status, answer_status) \
    X(2, TEXT, message, 500) /* for a person: what was wrong and what to do next */ \
    X(3, TEXT, case_number, 64) \
    X(4, INT, revision, 0) /* the case's now */ \
    X(5, ENUM, state, case_state) \
    X(6, BOOL, repeated, 0) /* this command id was answered before */
RECORD_DECLARE(answer, ANSWER_FIELDS)
