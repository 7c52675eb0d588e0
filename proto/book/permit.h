/* Permits: what no role passes by being that role. Own tasks, own department, own area; and whoever disposes neither checks nor closes.
 * Pure. The engine judges commands by it, the doors show and offer by it: one rule, so that no button leads to a refusal.
 */
#pragma once

#include "proto/book/book.h"

/* X(name, what the person is told) */
#define PERMITS(X) \
    X(PERMIT, GIVEN, "") \
    X(PERMIT, TOOK_PART, "you took part in the disposal: somebody else checks and closes this case") \
    X(PERMIT, OTHER_AREA_CHECKS, "this case is outside your area: a worker of its area checks it") \
    X(PERMIT, OTHER_WORKER, "this task is another worker's; ask the department's liaison") \
    X(PERMIT, NOT_DEPARTMENTS_TASK, "this task is not your department's") \
    X(PERMIT, OTHER_AREA, "this task is outside your area; the department's liaison can assign it to you") \
    X(PERMIT, NOT_DEPARTMENTS_CASE, "this case is not at your department")
ENUM_DECLARE(permit, PERMITS)

struct permit_person {
    enum role role;
    const char *account, *department; /* "" for the centre */
};

/* Role and state are the lifecycle table's question, not asked here. */
enum permit permit_ask(const struct book *book, const struct permit_person *person, const struct case_file *record,
                       enum verb verb);

/* Had its hands in the work, in any round: named as the disposer, or the worker whose work the liaison reported. */
bool permit_took_part(const struct case_file *record, const char *account);
/* Is the place in one of the person's areas? Who has no areas serves the whole district. */
bool permit_serves(const struct book *book, const struct book_person *person, const char *area_code);
/* The same for an account; false where the book has no such person. */
bool permit_account_serves(const struct book *book, const char *account, const char *area_code);
