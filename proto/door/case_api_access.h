/* What an account sees and may do: the permits of the book (proto/book/permit.h), by which the engine judges too, cut to what leads
 * somewhere.
 */
#pragma once

#include <stdbool.h>

#include "proto/book/book.h"
#include "proto/record/case.h"

/* Who asks. */
struct viewer {
    const struct book *book;
    const char *login, *department;
    enum role role;
};

enum { ACCESS_DESK = 1u << ROLE_OPERATOR | 1u << ROLE_LEADER | 1u << ROLE_ADMIN };

bool access_is_desk(const struct viewer *viewer);
/* A worker: own tasks, what is offered to it, disposed cases of its area that it may check. A liaison: cases that are or were at the
 * own department. The desk: all. */
bool access_sees(const struct viewer *viewer, const struct case_file *record);
/* May it do what the row of the lifecycle says, with the case as it is? */
bool access_may(const struct viewer *viewer, const struct case_file *record, const struct transition *row);
/* "worker/<own>", "dept/<own>"; the desk: desk, wall, person/<own>, any worker and department; the shift leader: leader as well; a
 * device: wall. */
bool access_hears(const struct viewer *viewer, const char *topic);
/* The people whose names it is told: the desk all, field roles those of the own department. */
bool access_knows(const struct viewer *viewer, const struct book_person *person);
