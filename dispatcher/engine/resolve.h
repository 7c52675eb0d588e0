/* Resolve: what a verb points at is found, and found fit: the department, the worker, the other case … */
#pragma once

#include "dispatcher/engine/act.h"

/* Fills in what judging finds out of the act. */
struct refusal resolve_act(struct draft *draft, struct act *act, struct fault *fault);
