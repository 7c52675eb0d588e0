#include "proto/door/case_api_access.h"

#include <string.h>

#include "proto/base/clock.h"
#include "proto/book/permit.h"

static bool is(const char *a, const char *b)
{
    return a && b && *a && strcmp(a, b) == 0;
}

bool access_is_desk(const struct viewer *viewer)
{
    return ACCESS_DESK & ROLE_BIT(viewer->role);
}

static struct permit_person person_of(const struct viewer *viewer)
{
    return (struct permit_person){ viewer->role, viewer->login, viewer->department };
}

/* Free to take: nobody is named, and the person may be. */
static bool is_offered(const struct viewer *viewer, const struct case_file *record)
{
    const struct permit_person person = person_of(viewer);
    const struct task *task = permit_task(&person, record, VERB_TAKE);
    return task && task_is_open(task) && permit_ask(viewer->book, &person, record, VERB_TAKE) == PERMIT_GIVEN;
}

static bool may_check(const struct viewer *viewer, const struct case_file *record)
{
    const struct permit_person person = person_of(viewer);
    return permit_ask(viewer->book, &person, record, VERB_CHECK) == PERMIT_GIVEN;
}

static bool worker_sees(const struct viewer *viewer, const struct case_file *record)
{
    for (size_t i = 0; i < record->tasks.count; i++)
        if (is(record->tasks.items[i].worker, viewer->login) || is(record->tasks.items[i].done_by, viewer->login))
            return true;
    return is_offered(viewer, record) || (record->state == CASE_DISPOSED && may_check(viewer, record));
}

static bool liaison_sees(const struct viewer *viewer, const struct case_file *record)
{
    for (size_t i = 0; i < record->tasks.count; i++)
        if (is(record->tasks.items[i].department, viewer->department))
            return true;
    return is(record->department, viewer->department);
}

bool access_sees(const struct viewer *viewer, const struct case_file *record)
{
    switch (viewer->role) {
    case ROLE_WORKER:
        return worker_sees(viewer, record);
    case ROLE_LIAISON:
        return liaison_sees(viewer, record);
    default:
        return access_is_desk(viewer);
    }
}

/* What the permit gives and would still lead nowhere: the own part is done, the liaison has not yet reported it. */
static bool is_idle(const struct permit_person *person, const struct case_file *record, enum verb verb)
{
    const struct task *task = permit_task(person, record, verb);
    return task && task->state == TASK_DONE;
}

/* The next tier is the book's to name, for the case as it is now. */
static bool has_next_tier(const struct viewer *viewer, const struct case_file *record)
{
    const struct book_department *department = book_department(viewer->book, record->department);
    const char *rule;
    return department && book_hand_up(viewer->book, record, clock_now_ms(), department, &rule);
}

bool access_may(const struct viewer *viewer, const struct case_file *record, const struct transition *row)
{
    const struct permit_person person = person_of(viewer);
    if (row->verb == VERB_HAND_UP && !has_next_tier(viewer, record))
        return false;
    return row->roles & ROLE_BIT(viewer->role) && (row->from == record->state || row->from == CASE_NONE) &&
           permit_ask(viewer->book, &person, record, row->verb) == PERMIT_GIVEN &&
           (viewer->role != ROLE_WORKER || !is_idle(&person, record, row->verb));
}

bool access_hears(const struct viewer *viewer, const char *topic)
{
    const char *slash = strchr(topic, '/');
    bool of_worker = strncmp(topic, "worker/", 7) == 0, of_department = strncmp(topic, "dept/", 5) == 0;
    switch (viewer->role) {
    case ROLE_WORKER:
        return of_worker && is(slash + 1, viewer->login);
    case ROLE_LIAISON:
        return of_department && is(slash + 1, viewer->department);
    case ROLE_DEVICE:
        return strcmp(topic, "wall") == 0;
    default:
        if (strcmp(topic, "leader") == 0)
            return viewer->role == ROLE_LEADER;
        if (strncmp(topic, "person/", 7) == 0)
            return is(topic + 7, viewer->login);
        return access_is_desk(viewer) &&
               (strcmp(topic, "desk") == 0 || strcmp(topic, "wall") == 0 || ((of_worker || of_department) && slash[1]));
    }
}

bool access_knows(const struct viewer *viewer, const struct book_person *person)
{
    if (viewer->role == ROLE_WORKER || viewer->role == ROLE_LIAISON)
        return is(person->id, viewer->login) ||
               (person->department && is(person->department->code, viewer->department));
    return access_is_desk(viewer);
}
