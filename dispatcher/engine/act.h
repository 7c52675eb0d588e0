/* Act: somebody, or the engine itself, wants a verb done on a case. One form for commands, ratings and the book's automatic steps. */
#pragma once

#include "dispatcher/engine/draft.h"
#include "proto/record/command.h"

struct act {
    enum verb verb;
    enum role role;
    const char *actor;      /* account or reporter; "" for the engine */
    const char *department; /* the actor's own; "" for the centre */
    const char *note;
    const char *to_department, *to_worker, *to_service, *to_condition, *to_case, *to_person;
    int64_t to_priority, until_ms, voice_seq;
    struct media_list media;
    int64_t score;
    bool solved;

    /* What judging finds out. */
    const struct book_department *target; /* dispatch: where to; assign: the worker's */
    const struct book_person *worker;     /* dispatch, assign: the one named */
    const char *rule;                     /* dispatch: the book's line that chose the target; "" a person did */
    bool inside;                          /* dispose: the worker is done, the department has not reported yet */
};

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
