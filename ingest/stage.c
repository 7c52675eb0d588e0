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

static const struct book_text step_words[] = {
    [VERB_REPORT] = { "已收到", "Received" },
    [VERB_VERIFY] = { "派人到现场核实", "Somebody goes to look" },
    [VERB_CONFIRM] = { "现场核实属实", "Seen on the spot" },
    [VERB_UNFOUNDED] = { "现场未发现所反映的问题", "Nothing of it was found on the spot" },
    [VERB_ACCEPT] = { "已受理立案", "Accepted" },
    [VERB_REFUSE] = { "不予立案", "Not taken up" },
    [VERB_DISPATCH] = { "已派遣到责任部门", "Sent to the department responsible" },
    [VERB_TRANSFER] = { "转给另一部门办理", "Passed on to another department" },
    [VERB_HAND_UP] = { "转由上级部门办理", "Passed on to a higher level" },
    [VERB_RECEIVE] = { "部门已接收", "The department has confirmed it" },
    [VERB_TAKE] = { "工作人员已接单", "A worker has taken it" },
    [VERB_ARRIVE] = { "工作人员已到现场", "A worker is on the spot" },
    [VERB_ADVANCE] = { "本阶段已完成，进入下一阶段", "This stage is done, the next one begins" },
    [VERB_DISPOSE] = { "部门报告已处置", "The department reports that it is done" },
    [VERB_SELF_DISPOSE] = { "网格员已当场处置", "A grid worker has fixed it on the spot" },
    [VERB_CONFIRM_RETURN] = { "责任部门有误，重新派遣", "It was the wrong department; being sent on" },
    [VERB_GRANT_EXTENSION] = { "办理时限已延长", "The time limit was extended" },
    [VERB_GRANT_SUSPENSION] = { "暂缓办理", "Put off until a later day" },
    [VERB_RESUME] = { "恢复办理", "Work goes on" },
    [VERB_SUPERVISE] = { "已列入督办", "Under supervision now" },
    [VERB_REPLY] = { "答复", "Answer" },
    [VERB_MERGE] = { "与另一件反映并案办理", "Handled together with another report" },
    [VERB_UNMERGE] = { "恢复单独办理", "Handled by itself again" },
    [VERB_SPLIT] = { "部分反映另立新案", "Part of it became a case of its own" },
    [VERB_CHECK] = { "核查通过", "Checked" },
    [VERB_REWORK] = { "核查未通过，返工", "The check found more to do" },
    [VERB_CLOSE] = { "已结案", "Closed" },
    [VERB_RATE] = { "您已评价", "You have answered" },
    [VERB_REOPEN] = { "重新办理", "Taken up again" },
    [VERB_CANCEL] = { "已作废", "Cancelled" },
    [VERB_OVERDUE] = { "超过承诺时限", "Later than promised" },
};

const struct book_text *stage_step_words(enum verb verb)
{
    return (size_t)verb < sizeof step_words / sizeof *step_words && step_words[verb].zh ? &step_words[verb] : NULL;
}

bool stage_step_is_for_reporters(enum verb verb)
{
    return verb == VERB_REPLY || verb == VERB_REFUSE || verb == VERB_CANCEL;
}
