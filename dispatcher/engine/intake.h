/* Intake: from an event to a case, or into one that is there. */
#pragma once

#include "dispatcher/engine/draft.h"
#include "proto/record/command.h"

/* Never drops a report: what cannot be understood becomes a case for the desk. *answer says what became of the event. */
int intake_event(const struct scope *in, const struct event *event, struct answer *answer, struct fault *fault);
