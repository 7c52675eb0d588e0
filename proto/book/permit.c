#include "proto/book/permit.h"

#include <string.h>

ENUM_DEFINE(permit, PERMITS)

static bool is(const char *a, const char *b)
{
    return *a && strcmp(a, b) == 0;
}

static bool supervises(enum verb verb)
{
    return verb == VERB_CHECK || verb == VERB_REWORK || verb == VERB_CLOSE;
}

bool permit_took_part(const struct case_file *record, const char *account)
{
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        if (is(task->done_by, account) || (task->state == TASK_DONE && is(task->worker, account)))
            return true;
    }
    return false;
}

bool permit_serves(const struct book *book, const struct book_person *person, const char *area_code)
{
    if (!person->area_count)
        return true;
    const struct book_area *area = *area_code ? book_area(book, area_code) : NULL;
    for (size_t i = 0; area && i < person->area_count; i++)
        if (book_area_within(area, person->areas[i]))
            return true;
    return false;
}

bool permit_account_serves(const struct book *book, const char *account, const char *area_code)
{
    const struct book_person *person = book_person(book, account);
    return person && permit_serves(book, person, area_code);
}

static enum permit ask_worker(const struct book *book, const struct permit_person *person,
                              const struct case_file *record, enum verb verb)
{
    bool serves = permit_account_serves(book, person->account, record->place.area);
    if (supervises(verb))
        return serves ? PERMIT_GIVEN : PERMIT_OTHER_AREA_CHECKS;
    const struct task *lead = case_lead_task(record);
    if (lead && *lead->worker)
        return is(lead->worker, person->account) ? PERMIT_GIVEN : PERMIT_OTHER_WORKER;
    if (!lead || !is(lead->department, person->department))
        return PERMIT_NOT_DEPARTMENTS_TASK;
    return serves ? PERMIT_GIVEN : PERMIT_OTHER_AREA;
}

enum permit permit_ask(const struct book *book, const struct permit_person *person, const struct case_file *record,
                       enum verb verb)
{
    if (supervises(verb) && permit_took_part(record, person->account))
        return PERMIT_TOOK_PART;
    if (person->role == ROLE_WORKER)
        return ask_worker(book, person, record, verb);
    if (person->role == ROLE_LIAISON && !is(record->department, person->department))
        return PERMIT_NOT_DEPARTMENTS_CASE;
    return PERMIT_GIVEN;
}
