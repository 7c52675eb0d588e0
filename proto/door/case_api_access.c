#include "proto/door/case_api_access.h"

#include <string.h>

static bool is(const char *a, const char *b)
{
    return a && b && *a && strcmp(a, b) == 0;
}

bool access_is_desk(const struct viewer *viewer)
{
    return ACCESS_DESK & ROLE_BIT(viewer->role);
}

/* A worker without areas serves the whole district. */
static bool serves(const struct viewer *viewer, const char *area_code)
{
    const struct book_person *person = book_person(viewer->book, viewer->login);
    const struct book_area *area = *area_code ? book_area(viewer->book, area_code) : NULL;
    if (!person || person->area_count == 0)
        return person != NULL;
    for (size_t i = 0; area && i < person->area_count; i++)
        if (book_area_within(area, person->areas[i]))
            return true;
    return false;
}

/* Whoever disposes never checks or closes: of every round, and also where the liaison reported it. */
static bool has_disposed(const struct viewer *viewer, const struct case_file *record)
{
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        if (is(task->done_by, viewer->login) || (task->state == TASK_DONE && is(task->worker, viewer->login)))
            return true;
    }
    return false;
}

static bool is_offered(const struct viewer *viewer, struct case_file *record)
{
    const struct task *lead = case_lead_task(record);
    return lead && lead->state != TASK_DONE && !*lead->worker && is(lead->department, viewer->department) &&
           serves(viewer, record->place.area);
}

static bool may_check(const struct viewer *viewer, const struct case_file *record)
{
    return !has_disposed(viewer, record) && serves(viewer, record->place.area);
}

static bool worker_sees(const struct viewer *viewer, struct case_file *record)
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

bool access_sees(const struct viewer *viewer, struct case_file *record)
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

static bool supervises(enum verb verb)
{
    return verb == VERB_CHECK || verb == VERB_REWORK || verb == VERB_CLOSE;
}

static bool worker_may(const struct viewer *viewer, struct case_file *record, enum verb verb)
{
    if (supervises(verb))
        return may_check(viewer, record);
    const struct task *lead = case_lead_task(record);
    if (!lead || lead->state == TASK_DONE) /* the own part is done, the liaison has not yet reported it */
        return false;
    if (verb == VERB_TAKE && lead->state != TASK_OFFERED && lead->state != TASK_RECEIVED)
        return false;
    return is(lead->worker, viewer->login) || is_offered(viewer, record);
}

bool access_may(const struct viewer *viewer, struct case_file *record, const struct transition *row)
{
    if (!(row->roles & ROLE_BIT(viewer->role)) || row->from != record->state)
        return false;
    if (viewer->role == ROLE_WORKER)
        return worker_may(viewer, record, row->verb);
    if (viewer->role == ROLE_LIAISON)
        return is(record->department, viewer->department);
    return !supervises(row->verb) || !has_disposed(viewer, record);
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
