/* Effects: what each verb changes in a case and its tasks, beside its state and clocks. */
#pragma once

#include "dispatcher/engine/act.h"
#include "dispatcher/engine/notices.h"

/* Changes the draft; *telling says what the notices need beside it. The act has been judged. */
void effect_apply(struct draft *draft, struct act *act, struct telling *telling);
