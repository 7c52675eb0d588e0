#include "proto/record/case.h"

#include <string.h>

struct task *case_task(const struct case_file *record, int64_t id)
{
    return id >= 1 && (size_t)id <= record->tasks.count ? &record->tasks.items[id - 1] : NULL;
}

int64_t case_updated_at_ms(const struct case_file *record)
{
    const int64_t moments[] = { record->reported_at_ms, record->accepted_at_ms, record->dispatched_at_ms,
                                record->received_at_ms, record->disposed_at_ms, record->checked_at_ms,
                                record->told_at_ms };
    int64_t last = 0;
    if (record->closed_at_ms)
        return record->closed_at_ms;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        last = moments[i] > last ? moments[i] : last;
    return last;
}

size_t case_reports(const struct case_file *record)
{
    size_t count = 0;
    for (size_t i = 0; i < record->voices.count; i++)
        count += !record->voices.items[i].again;
    return count;
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

bool case_is_limit(const struct case_file *record, const struct clock *clock)
{
    const struct task *task = case_task(record, clock->task);
    return clock->kind == CLOCK_DISPOSE && !(task && task->role == TASK_ROLE_ASSIST);
}

/* The last one of that role, if it is not over. Of those before it somebody may have done theirs: it was not enough. */
static struct task *last_task(const struct case_file *record, enum task_role role)
{
    for (size_t i = record->tasks.count; i-- > 0;) {
        struct task *task = &record->tasks.items[i];
        if (task->role == role)
            return task_is_over(task) ? NULL : task;
    }
    return NULL;
}

struct task *case_last_lead(const struct case_file *record)
{
    bool is_led = record->department && *record->department;
    for (size_t i = record->tasks.count; is_led && i-- > 0;) {
        struct task *task = &record->tasks.items[i];
        bool is_given = task->department; /* as record_encode() has it, none is "" */
        if (task->role == TASK_ROLE_LEAD && is_given && strcmp(task->department, record->department) == 0)
            return task;
    }
    return NULL;
}

struct task *case_lead_task(const struct case_file *record)
{
    struct task *task = case_last_lead(record);
    return task && !task_is_over(task) ? task : NULL;
}

struct task *case_verify_task(const struct case_file *record)
{
    return last_task(record, TASK_ROLE_VERIFY);
}

struct task *case_check_task(const struct case_file *record)
{
    return last_task(record, TASK_ROLE_CHECK);
}

bool case_task_waits(const struct case_file *record, const struct task *task)
{
    bool is_reported =
        record->state != CASE_RECEIVED && record->state != CASE_IN_PROGRESS && record->state != CASE_SUSPENDED;
    return task_is_open(task) || (task->state == TASK_DONE && !is_reported && task == case_lead_task(record));
}

bool case_has_task_now(const struct case_file *record, const struct task *task)
{
    if (task->role == TASK_ROLE_ASSIST && task->state == TASK_DONE)
        return record->dispatched_at_ms && task->done_at_ms >= record->dispatched_at_ms;
    return task->role == TASK_ROLE_LEAD ? task == case_lead_task(record) : task_is_open(task);
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
