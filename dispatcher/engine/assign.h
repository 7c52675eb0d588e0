/* Assignment: who of a department gets a task. */
#pragma once

#include "dispatcher/engine/draft.h"

/* The worker of the department who is on duty, serves the case's area and has the fewest open tasks, of equals the first by id;
 * `preferred` (or NULL) before all others if on duty. NULL: nobody. */
const struct book_person *assign_choose(const struct draft *draft, const struct book_department *department,
                                        const char *preferred);
