/* Act: somebody, or the engine itself, wants a verb done on a case. One form for commands, ratings and the book's automatic steps. */
#pragma once

#include "dispatcher/engine/draft.h"
#include "proto/record/command.h"

struct act {
    enum verb verb;
    enum role role;
    /* Texts are never NULL. */
    const char *actor;      /* account or reporter; "" for the engine */
    const char *department; /* the actor's own; "" for the centre */
    const char *note;
    const char *to_department, *to_worker, *to_service, *to_condition, *to_case, *to_person;
    int64_t to_priority, until_ms, voice_seq;
    struct media_list media;
    int64_t score;
    bool solved;

    /* What judging finds out. */
    int64_t task;                           /* the one that it is done on; 0: on the case */
    const struct book_department *target;   /* dispatch, transfer, hand up, join: where to; assign: the worker's */
    const struct book_person *worker;       /* dispatch, assign, verify: the one named or chosen */
    const struct book_service *service;     /* accept, reclassify: the one named, or the case's */
    const struct book_condition *condition; /* the same */
    const char *rule;    /* dispatch, hand up: the book's line that chose the target; "" a person did */
    struct draft *other; /* merge, unmerge: the case that has, or had, the reports */
    bool inside;         /* dispose: the worker is done, the department has not reported yet */
    bool aside;          /* on an assisting task: the case's state is the lead's */
};

/* An act of that role in which nothing is given but a verb. */
static inline struct act act_of(enum verb verb, enum role role, const char *actor)
{
    return (struct act){ .verb = verb,
                         .role = role,
                         .actor = actor,
                         .department = "",
                         .note = "",
                         .to_department = "",
                         .to_worker = "",
                         .to_service = "",
                         .to_condition = "",
                         .to_case = "",
                         .to_person = "",
                         .rule = "" };
}

struct refusal {
    enum answer_status status; /* ANSWER_NONE: none */
    const char *message;
};

static inline struct refusal refuse(enum answer_status status, const char *message)
{
    return (struct refusal){ status, message };
}

static inline struct refusal agree(void)
{
    return (struct refusal){ ANSWER_NONE, "" };
}
