/* Tasks: what departments and workers have to do on a case; given, offered, passed on, shared and withdrawn. */
#pragma once

#include "dispatcher/engine/act.h"
#include "dispatcher/engine/notices.h"

/* For whom a task is. */
struct recipient {
    enum task_role role;
    const struct book_department *department; /* NULL: the book has no such department any more */
    const char *code;                         /* of it */
    const struct book_person *named;          /* a person said who; NULL: as the department does it */
    const char *preferred;                    /* who had it before; NULL: nobody */
    const char *rule;                         /* the book's line that chose the department; "" */
};

/* A new task, at a worker or offered to some as the department does it. */
struct task *tasks_give(struct draft *draft, const struct recipient *recipient, struct telling *telling);
/* The same as the lead's, which makes its department the case's. */
void tasks_give_lead(struct draft *draft, const struct recipient *recipient, struct telling *telling);
/* Once more to the department, and if possible the worker, that had it. */
void tasks_give_lead_again(struct draft *draft, struct telling *telling);

/* The engine asked somebody, who has been silent: it may ask others. Whom a liaison has named stays named. */
bool tasks_may_pass_on(const struct draft *draft, const struct task *task);
/* From those who were silent to the next in line; where there is nobody, to the department's liaison. */
void tasks_pass_on(struct draft *draft, struct task *task, struct telling *telling);
/* The worker has it, the others who were asked do not. */
void tasks_take(struct draft *draft, struct task *task, const char *worker, struct telling *telling);
/* Returns the task that the worker has: another one where the former worker had begun. */
struct task *tasks_assign(struct draft *draft, struct task *task, const struct book_person *worker,
                          struct telling *telling);
void tasks_receive(struct draft *draft, struct task *task);

/* Done or returned: who else was asked will hear that it is not to be had any more. */
void tasks_finish(struct draft *draft, struct task *task, enum task_state state, struct telling *telling);
/* Who has been asked and who has it will hear that it is over. */
void tasks_withdraw(struct draft *draft, struct task *task, struct telling *telling);
/* All that somebody has still to do on the case. */
void tasks_withdraw_open(struct draft *draft, struct telling *telling);
