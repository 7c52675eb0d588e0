/* Guards: what no role passes. Own tasks, own department, own area; and whoever disposes neither checks nor closes. */
#pragma once

#include "dispatcher/engine/act.h"

struct refusal guard_check(struct draft *draft, const struct act *act);
