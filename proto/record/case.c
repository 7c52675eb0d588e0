#include "proto/record/case.h"

#include <string.h>

struct task *case_task(const struct case_file *record, int64_t id)
{
    return id >= 1 && (size_t)id <= record->tasks.count ? &record->tasks.items[id - 1] : NULL;
}

static bool of_assistant(const struct case_file *record, const struct clock *clock)
{
    const struct task *task = case_task(record, clock->task);
    return task && task->role == TASK_ROLE_ASSIST;
}

struct clock *case_open_clock(const struct case_file *record, enum clock_kind kind)
{
    for (size_t i = record->clocks.count; i-- > 0;) {
        struct clock *clock = &record->clocks.items[i];
        if (clock->kind == kind && clock_is_open(clock) && !of_assistant(record, clock))
            return clock;
    }
    return NULL;
}

struct clock *case_task_clock(const struct case_file *record, enum clock_kind kind, int64_t task_id)
{
    for (size_t i = record->clocks.count; i-- > 0;) {
        struct clock *clock = &record->clocks.items[i];
        if (clock->kind == kind && clock_is_open(clock) && clock->task == task_id)
            return clock;
    }
    return NULL;
}

/* The last one of that role that is not over. */
static struct task *last_task(const struct case_file *record, enum task_role role)
{
    for (size_t i = record->tasks.count; i-- > 0;) {
        struct task *task = &record->tasks.items[i];
        if (task->role == role && !task_is_over(task))
            return task;
    }
    return NULL;
}

struct task *case_lead_task(const struct case_file *record)
{
    return last_task(record, TASK_ROLE_LEAD);
}

struct task *case_verify_task(const struct case_file *record)
{
    return last_task(record, TASK_ROLE_VERIFY);
}

struct task *case_check_task(const struct case_file *record)
{
    return last_task(record, TASK_ROLE_CHECK);
}

struct task *case_assist_task(const struct case_file *record, const char *department)
{
    for (size_t i = record->tasks.count; i-- > 0;) {
        struct task *task = &record->tasks.items[i];
        if (task->role == TASK_ROLE_ASSIST && !task_is_over(task) && strcmp(task->department, department) == 0)
            return task;
    }
    return NULL;
}

bool task_is_offered_to(const struct task *task, const char *worker)
{
    for (size_t i = 0; i < task->offers.count; i++)
        if (!task->offers.items[i].ended_at_ms && strcmp(task->offers.items[i].worker, worker) == 0)
            return true;
    return false;
}

bool task_has_open_offers(const struct task *task)
{
    for (size_t i = 0; i < task->offers.count; i++)
        if (!task->offers.items[i].ended_at_ms)
            return true;
    return false;
}
