/* Transition: from a command to the case's next state, by the table of proto/record/lifecycle.h. */
#pragma once

#include "dispatcher/engine/act.h"

/* The whole way of a command: find the case, judge, apply, put. Always sets *answer; <0 only where the store is broken. */
int transition_command(const struct scope *in, const struct command *command, struct answer *answer,
                       struct fault *fault);

/* Judges and, if nothing is against it, applies one act to an open draft. The fault (may be NULL) says why the store did not give what was
 * looked up; the transaction has the error then. */
struct refusal transition_try(struct draft *draft, struct act *act, struct fault *fault);
/* The steps that the book wants without the desk: accept, dispatch, check, as far as they go. */
void transition_follow(struct draft *draft);
/* What an answer says about the case as it is now. */
void transition_answer(const struct draft *draft, struct refusal refusal, struct answer *answer);
