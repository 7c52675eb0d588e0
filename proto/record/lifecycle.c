#include "proto/record/lifecycle.h"

#define TRANSITION_ROW(from, verb, roles, to, needs) { CASE_##from, VERB_##verb, roles, CASE_##to, needs },
static const struct transition transitions[] = { TRANSITIONS(TRANSITION_ROW) };
enum { TRANSITION_COUNT = sizeof transitions / sizeof *transitions };

const struct transition transition_words = { CASE_NONE, VERB_NOTE, BY_DESK | BY_LIAISON | BY_WORKER, CASE_NONE,
                                             NEEDS_REASON };

const struct transition *transitions_of(enum case_state from, size_t *count)
{
    *count = 0;
    const struct transition *first = NULL;
    for (size_t i = 0; i < TRANSITION_COUNT; i++)
        if (transitions[i].from == from) {
            first = first ? first : &transitions[i];
            ++*count;
        }
    return first; /* the table keeps the rows of a state together; a test holds it to that */
}

const struct transition *transition_find(enum case_state from, enum verb verb)
{
    for (size_t i = 0; i < TRANSITION_COUNT; i++)
        if (transitions[i].from == from && transitions[i].verb == verb)
            return &transitions[i];
    return NULL;
}
