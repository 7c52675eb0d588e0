#include "proto/record/case.h"

struct clock *case_open_clock(struct case_file *record, enum clock_kind kind)
{
    for (size_t i = record->clocks.count; i-- > 0;) {
        struct clock *clock = &record->clocks.items[i];
        if (clock->kind == kind && clock_is_open(clock))
            return clock;
    }
    return NULL;
}

struct task *case_lead_task(const struct case_file *record)
{
    for (size_t i = record->tasks.count; i-- > 0;) {
        struct task *task = &record->tasks.items[i];
        if (task->role == TASK_ROLE_LEAD && !task_is_over(task))
            return task;
    }
    return NULL;
}
