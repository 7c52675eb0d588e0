/* Permits: what no role passes by being that role. Own tasks, own department, own area; whoever disposes neither checks nor closes; and
 * what there is nothing of: a request to grant, a clock to acknowledge. Pure. The engine judges commands by it, the doors show and offer by it:
 * one rule, so that no button leads to a refusal.
 */
#pragma once

#include "proto/book/book.h"

/* X(name, what the person is told). From NOTHING_ASKED on it is the case that stands against it, not the person. */
#define PERMITS(X) \
    X(PERMIT, GIVEN, "") \
    X(PERMIT, TOOK_PART, "you took part in the disposal: somebody else checks and closes this case") \
    X(PERMIT, OTHER_AREA_CHECKS, "this case is outside your area: a worker of its area checks it") \
    X(PERMIT, OTHER_WORKER, "this task is another worker's; ask the department's liaison") \
    X(PERMIT, NOT_DEPARTMENTS_TASK, "this task is not your department's") \
    X(PERMIT, OTHER_AREA, "this task is outside your area; the department's liaison can assign it to you") \
    X(PERMIT, NOT_OFFERED, "this task was offered to others") \
    X(PERMIT, NOT_DEPARTMENTS_CASE, "this case is not at your department") \
    X(PERMIT, NOT_LEAD, "your department assists: the leading one says that of the whole case") \
    X(PERMIT, NOTHING_ASKED, "nobody has asked for that") \
    X(PERMIT, ALREADY_ASKED, "something is asked for already: the shift leader decides first") \
    X(PERMIT, GIVEN_BACK, "your department asked to give this case back: the shift leader decides first") \
    X(PERMIT, TASK_PAST, "this task is past that") \
    X(PERMIT, NOT_RECEIVED, "this task is not in hand yet: receive or take it first") \
    X(PERMIT, ASSISTANTS_AT_WORK, \
      "an assisting department is still at work: it disposes first, or the desk releases it") \
    X(PERMIT, NOBODY_ASSISTS, "no other department assists") \
    X(PERMIT, TOO_LATE, "the limit has run out: an extension is asked for before that") \
    X(PERMIT, DECIDED_LATE, "the limit has run out before this was decided: deny the request") \
    X(PERMIT, EXTENDED_ENOUGH, "this limit was extended as often as the rules allow") \
    X(PERMIT, SUSPENDED_ENOUGH, "this case was suspended as often as the rules allow") \
    X(PERMIT, LAST_LINK, "this limit has no further stage: dispose") \
    X(PERMIT, SUPERVISED, "this case is supervised already") \
    X(PERMIT, NOT_SUPERVISED, "nobody supervises this case") \
    X(PERMIT, NOTHING_FIRED, "no clock has run out that nobody has acknowledged") \
    X(PERMIT, ONE_VOICE, "only one report came to this case; one of a merged case is unmerged with it") \
    X(PERMIT, IN_TIME, "this case was in time: there is nothing to appeal against") \
    X(PERMIT, APPEALED, "an appeal was made already")
ENUM_DECLARE(permit, PERMITS)

struct permit_person {
    enum role role;
    const char *account, *department; /* "" for the centre */
};

/* Role and state are the lifecycle table's question, not asked here. */
enum permit permit_ask(const struct book *book, const struct permit_person *person, const struct case_file *record,
                       enum verb verb);
static inline bool permit_is_conflict(enum permit permit)
{
    return permit >= PERMIT_NOTHING_ASKED;
}

/* The task on which that person would do the verb: the verifying one, the own, one that is offered, one of the own department; NULL where
 * there is none, or the verb is not about a task. */
struct task *permit_task(const struct permit_person *person, const struct case_file *record, enum verb verb);

/* Whether that person's word ends the clock's escalation: it has run out and nobody has acknowledged it. A department's liaison speaks for the
 * department's own tasks; what the centre owes (the check, the answer …) the centre has to know. */
bool permit_acknowledges(const struct permit_person *person, const struct case_file *record, const struct clock *clock);
/* Had its hands in the work, in any round: named as the disposer, or the worker whose work the liaison reported. */
bool permit_took_part(const struct case_file *record, const char *account);
/* Is the place in one of the person's areas? Who has no areas serves the whole district. */
bool permit_serves(const struct book *book, const struct book_person *person, const char *area_code);
/* The same for an account; false where the book has no such person. */
bool permit_account_serves(const struct book *book, const char *account, const char *area_code);
