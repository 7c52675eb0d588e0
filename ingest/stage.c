#include "ingest/stage.h"

#include <assert.h>

/* CASE_NONE: the dispatcher has not come to the report yet. */
static const struct book_text words[] = {
    [CASE_NONE] = { "等待受理", "Waiting to be looked at" },
    [CASE_REPORTED] = { "等待受理", "Waiting to be looked at" },
    [CASE_ACCEPTED] = { "等待派遣", "Waiting to be sent to a department" },
    [CASE_DISPATCHED] = { "等待部门接收", "Waiting for the department" },
    [CASE_RECEIVED] = { "部门处理中", "With the department" },
    [CASE_IN_PROGRESS] = { "现场处置中", "Work is under way" },
    [CASE_DISPOSED] = { "等待核查", "Being checked" },
    [CASE_CHECKED] = { "等待结案", "About to be closed" },
    [CASE_CLOSED] = { "已结案", "Closed" },
    [CASE_RATED] = { "已结案", "Closed" },
    [CASE_RETURNING] = { "正在确认责任部门", "The right department is being found" },
    [CASE_REFUSED] = { "不予立案", "Not taken up" },
    [CASE_VERIFYING] = { "正在现场核实", "Somebody is looking on the spot" },
    [CASE_SUSPENDED] = { "暂缓办理", "Put off until a later day" },
    [CASE_CANCELLED] = { "已作废", "Cancelled" },
    [CASE_MERGED] = { "已并案办理", "Handled together with another report" },
};
static_assert(sizeof words / sizeof *words == CASE_STATE_COUNT, "every state has words");

const struct book_text *stage_words(enum case_state state)
{
    return &words[state];
}
