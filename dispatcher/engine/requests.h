/* Requests: what a department asks for and the shift leader decides (延期, 挂账, 申诉). One at a time; a refused one does not count. */
#pragma once

#include "dispatcher/engine/act.h"

void request_ask(struct draft *draft, const struct act *act); /* extend, suspend */
/* Denied, or the case has left the department: there is nothing left to decide. */
void request_drop(struct draft *draft);

/* Is that a date to which a case may be suspended? */
struct refusal suspension_check(const struct draft *draft, int64_t until_ms);

void extension_grant(struct draft *draft);
void suspension_grant(struct draft *draft);
void suspension_end(struct draft *draft);
