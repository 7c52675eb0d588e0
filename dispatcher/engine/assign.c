#include "dispatcher/engine/assign.h"

#include <string.h>

#include "proto/book/permit.h"

static bool may_have(const struct draft *draft, const struct book_department *department,
                     const struct book_person *person)
{
    return person->role == ROLE_WORKER && person->department == department &&
           permit_serves(draft->in->book, person, draft->record.place.area) &&
           book_on_duty(draft->in->book, person, draft->in->now_ms);
}

/* Cases with an open task of the worker, counted up to `enough`: nobody asks by how much the busier one is busier. */
static int64_t open_tasks(const struct draft *draft, const struct book_person *person, int64_t enough)
{
    const struct scope *in = draft->in;
    return index_count(in->txn, arena_format(in->arena, "worker/%s", person->id), 0, INT64_MAX, enough);
}

const struct book_person *assign_choose(const struct draft *draft, const struct book_department *department,
                                        const char *preferred)
{
    const struct book *book = draft->in->book;
    const struct book_person *best = NULL;
    int64_t best_tasks = INT64_MAX;
    for (size_t i = 0; i < book->person_count; i++) {
        const struct book_person *person = &book->people[i];
        if (!may_have(draft, department, person))
            continue;
        if (preferred && strcmp(person->id, preferred) == 0)
            return person;
        bool first_by_id = best && strcmp(person->id, best->id) < 0;
        int64_t tasks = open_tasks(draft, person, best ? best_tasks + 1 : INT64_MAX);
        if (!best || tasks < best_tasks || (tasks == best_tasks && first_by_id)) {
            best = person;
            best_tasks = tasks;
        }
    }
    return best;
}
