/* The closed loop of a case (GB/T 30428, seven stages) as one table: state × verb × role → state.
 * The engine acts by it, the doors offer buttons by it, the documentation is printed from it (drumctl lifecycle).
 *
 * Words: verify (核实) is before filing, check (核查) is after disposal. Whoever disposes never closes: a guard of the engine
 * that no role passes.
 */
#pragma once

#include "proto/record/codec.h"

#define CASE_STATES(X) \
    X(CASE, NONE, "none") \
    X(CASE, REPORTED, "reported")       /* 已上报: waits for acceptance at the desk */ \
    X(CASE, ACCEPTED, "accepted")       /* 已立案: accepted and filed, waits for dispatch */ \
    X(CASE, DISPATCHED, "dispatched")   /* 已派遣: at the department, not yet received by it */ \
    X(CASE, RECEIVED, "received")       /* 已接收: the department or its worker has taken it */ \
    X(CASE, IN_PROGRESS, "in_progress") /* 处置中: a worker is on the spot */ \
    X(CASE, DISPOSED, "disposed")       /* 已处置: the department has reported disposal; waits for the check */ \
    X(CASE, CHECKED, "checked")         /* 已核查: the check passed; waits for closing */ \
    X(CASE, CLOSED, "closed")           /* 已结案 */ \
    X(CASE, RATED, "rated")             /* 已评价: closed, and the reporter has answered */ \
    X(CASE, RETURNING, "returning") /* 申请退单: the department asked to give it back; the shift leader decides */ \
    X(CASE, REFUSED, "refused")     /* 不予立案 */ \
    X(CASE, VERIFYING, "verifying") /* 核实中: a grid worker looks on the spot before it is filed */ \
    X(CASE, SUSPENDED, "suspended") /* 挂账: its clocks stand still until a date */ \
    X(CASE, CANCELLED, "cancelled") /* 作废 */ \
    X(CASE, MERGED, "merged")       /* 已并案: its reporters are with another case */
ENUM_DECLARE(case_state, CASE_STATES)
#define CASE_STATE_COUNT (CASE_MERGED + 1)

#define ROLES(X) \
    X(ROLE, NONE, "none") \
    X(ROLE, RESIDENT, "resident") \
    X(ROLE, WORKER, "worker")     /* 网格员 */ \
    X(ROLE, LIAISON, "liaison")   /* 部门联络员 */ \
    X(ROLE, OPERATOR, "operator") /* 坐席 */ \
    X(ROLE, LEADER, "leader")     /* 值班长 */ \
    X(ROLE, ADMIN, "admin") \
    X(ROLE, DEVICE, "device") /* 大屏, sensors */ \
    X(ROLE, SYSTEM, "system") /* the engine itself: rules of the book, clocks */
ENUM_DECLARE(role, ROLES)

#define VERBS(X) \
    X(VERB, NONE, "none") \
    X(VERB, REPORT, "report") \
    X(VERB, ATTACH, "attach")                 /* a further voice on the same case */ \
    X(VERB, ACCEPT, "accept")                 /* 受理立案 */ \
    X(VERB, REFUSE, "refuse")                 /* 不予立案 */ \
    X(VERB, DISPATCH, "dispatch")             /* 派遣 */ \
    X(VERB, RECEIVE, "receive")               /* 接收: the department confirms */ \
    X(VERB, ASSIGN, "assign")                 /* 指派: the department names a worker */ \
    X(VERB, TAKE, "take")                     /* 接单: the worker accepts */ \
    X(VERB, ARRIVE, "arrive")                 /* 到达 */ \
    X(VERB, DISPOSE, "dispose")               /* 处置完成 */ \
    X(VERB, RETURN, "return")                 /* 退单: with a reason */ \
    X(VERB, CONFIRM_RETURN, "confirm_return") /* 同意退单 */ \
    X(VERB, DENY_RETURN, "deny_return")       /* 驳回退单 */ \
    X(VERB, CHECK, "check")                   /* 核查通过 */ \
    X(VERB, REWORK, "rework")                 /* 返工: the check failed */ \
    X(VERB, CLOSE, "close")                   /* 结案 */ \
    X(VERB, RATE, "rate")                     /* 评价 */ \
    X(VERB, URGE, "urge")                     /* 催办 */ \
    X(VERB, NOTE, "note")                     /* 备注: words only */ \
    X(VERB, OVERDUE, "overdue")               /* a clock ran out: marked and escalated */ \
    X(VERB, WARN, "warn")                     /* a clock is near its end */ \
    X(VERB, ESCALATE, "escalate")             /* 升级: nobody has acknowledged a clock that ran out */ \
    X(VERB, ACKNOWLEDGE, "acknowledge")       /* 知悉: ends the escalation */ \
    X(VERB, VERIFY, "verify")                 /* 核实: before filing a grid worker goes and looks */ \
    X(VERB, CONFIRM, "confirm")               /* 属实 */ \
    X(VERB, UNFOUNDED, "unfounded")           /* 不属实 */ \
    X(VERB, SELF_DISPOSE, "self_dispose")     /* 自行处置: reported and disposed in one step */ \
    X(VERB, RECLASSIFY, "reclassify")         /* 更正: another service, condition or priority */ \
    X(VERB, OFFER, "offer")                   /* 派单: to the next in line */ \
    X(VERB, TRANSFER, "transfer")             /* 转派: straight to another department */ \
    X(VERB, HAND_UP, "hand_up")               /* 上提: to the next tier */ \
    X(VERB, JOIN, "join")                     /* 会办: one more department assists */ \
    X(VERB, RELEASE, "release")               /* 撤销会办 */ \
    X(VERB, ADVANCE, "advance")               /* 阶段完成: the next limit of the chain begins */ \
    X(VERB, EXTEND, "extend")                 /* 申请延期 */ \
    X(VERB, GRANT_EXTENSION, "grant_extension") \
    X(VERB, DENY_EXTENSION, "deny_extension") \
    X(VERB, SUSPEND, "suspend") /* 申请挂账 */ \
    X(VERB, GRANT_SUSPENSION, "grant_suspension") \
    X(VERB, DENY_SUSPENSION, "deny_suspension") \
    X(VERB, RESUME, "resume")       /* 恢复 */ \
    X(VERB, SUPERVISE, "supervise") /* 督办 */ \
    X(VERB, END_SUPERVISION, "end_supervision") \
    X(VERB, REPLY, "reply")     /* 答复: words to the reporters */ \
    X(VERB, MERGE, "merge")     /* 并案: into another case */ \
    X(VERB, UNMERGE, "unmerge") /* 撤销并案 */ \
    X(VERB, SPLIT, "split")     /* 拆分: one voice becomes a case of its own */ \
    X(VERB, CANCEL, "cancel")   /* 作废 */ \
    X(VERB, REOPEN, "reopen")   /* 重新办理 */ \
    X(VERB, APPEAL, "appeal")   /* 超时申诉: changes the statistics alone */ \
    X(VERB, GRANT_APPEAL, "grant_appeal") \
    X(VERB, DENY_APPEAL, "deny_appeal") \
    X(VERB, HERE, "here")         /* 到岗: where a worker is; of no case */ \
    X(VERB, AWAY, "away")         /* 离岗 */ \
    X(VERB, EVIDENCE, "evidence") /* 取证: a camera's pictures were kept; by an event, never by a command */ \
    X(VERB, MOVED, "moved")       /* 位置: where a worker is by now; who is away stays so */
ENUM_DECLARE(verb, VERBS)

/* What a worker says of himself. */
static inline bool verb_is_of_no_case(enum verb verb)
{
    return verb == VERB_HERE || verb == VERB_AWAY || verb == VERB_MOVED;
}

/* Roles as bits, for the table. */
#define ROLE_BIT(role) (1u << (role))
enum {
    BY_WORKER = 1u << ROLE_WORKER,
    BY_LIAISON = 1u << ROLE_LIAISON,
    BY_DESK = 1u << ROLE_OPERATOR | 1u << ROLE_LEADER,
    BY_LEADER = 1u << ROLE_LEADER,
    BY_RESIDENT = 1u << ROLE_RESIDENT,
    BY_SYSTEM = 1u << ROLE_SYSTEM,
};

/* What a verb needs beside its role and state, as bits. The engine checks it and names what is missing; the pages ask for it. */
#define NEEDS(X) \
    X(NEED, REASON, "reason") \
    X(NEED, DEPARTMENT, "department") \
    X(NEED, WORKER, "worker") \
    X(NEED, SCORE, "score") \
    X(NEED, UNTIL, "until")     /* a date */ \
    X(NEED, CASE, "case")       /* the number of another case */ \
    X(NEED, VOICE, "voice")     /* the report that is meant */ \
    X(NEED, SERVICE, "service") /* or a condition, or a priority */
ENUM_DECLARE(need, NEEDS)

enum {
    NEEDS_NOTHING = 0,
    NEEDS_REASON = 1 << NEED_REASON,
    NEEDS_DEPARTMENT = 1 << NEED_DEPARTMENT,
    NEEDS_WORKER = 1 << NEED_WORKER,
    NEEDS_SCORE = 1 << NEED_SCORE,
    NEEDS_UNTIL = 1 << NEED_UNTIL,
    NEEDS_CASE = 1 << NEED_CASE,
    NEEDS_VOICE = 1 << NEED_VOICE,
    NEEDS_SERVICE = 1 << NEED_SERVICE,
};

/* X(from, verb, roles, to, needs): rows that several states have in common. */
#define WHILE_OPEN(X, from) \
    X(from, REPLY, BY_DESK | BY_LIAISON, NONE, NEEDS_REASON) \
    X(from, ACKNOWLEDGE, BY_DESK | BY_LIAISON, NONE, NEEDS_NOTHING) \
    X(from, SUPERVISE, BY_LEADER, NONE, NEEDS_NOTHING) \
    X(from, END_SUPERVISION, BY_LEADER, NONE, NEEDS_NOTHING) \
    X(from, SPLIT, BY_DESK, NONE, NEEDS_VOICE) \
    X(from, CANCEL, BY_LEADER, CANCELLED, NEEDS_REASON)
#define AT_DEPARTMENT(X, from) \
    X(from, RETURN, BY_LIAISON | BY_WORKER, RETURNING, NEEDS_REASON) \
    X(from, URGE, BY_DESK, NONE, NEEDS_NOTHING) \
    X(from, OFFER, BY_SYSTEM, NONE, NEEDS_NOTHING) \
    X(from, TRANSFER, BY_LEADER, DISPATCHED, NEEDS_DEPARTMENT | NEEDS_REASON) \
    X(from, HAND_UP, BY_LIAISON | BY_SYSTEM, DISPATCHED, NEEDS_NOTHING) \
    X(from, JOIN, BY_DESK, NONE, NEEDS_DEPARTMENT) \
    X(from, RELEASE, BY_DESK, NONE, NEEDS_DEPARTMENT) \
    X(from, EXTEND, BY_LIAISON, NONE, NEEDS_REASON) \
    X(from, GRANT_EXTENSION, BY_LEADER, NONE, NEEDS_NOTHING) \
    X(from, DENY_EXTENSION, BY_LEADER, NONE, NEEDS_REASON) \
    X(from, SUSPEND, BY_LIAISON | BY_DESK, NONE, NEEDS_UNTIL | NEEDS_REASON) \
    X(from, GRANT_SUSPENSION, BY_LEADER, SUSPENDED, NEEDS_NOTHING) \
    X(from, DENY_SUSPENSION, BY_LEADER, NONE, NEEDS_REASON) \
    WHILE_OPEN(X, from)
#define WHEN_CLOSED(X, from) \
    X(from, REOPEN, BY_LEADER | BY_RESIDENT, ACCEPTED, NEEDS_REASON) \
    X(from, APPEAL, BY_LIAISON, NONE, NEEDS_REASON) \
    X(from, GRANT_APPEAL, BY_LEADER, NONE, NEEDS_NOTHING) \
    X(from, DENY_APPEAL, BY_LEADER, NONE, NEEDS_REASON)

/* One row per state and verb, the rows of a state together. NONE as `to`: the state stays, or is what it was before (resume, unmerge). */
#define TRANSITIONS(X) \
    X(REPORTED, ACCEPT, BY_DESK | BY_SYSTEM, ACCEPTED, NEEDS_NOTHING) \
    X(REPORTED, VERIFY, BY_DESK | BY_SYSTEM, VERIFYING, NEEDS_NOTHING) \
    X(REPORTED, REFUSE, BY_DESK, REFUSED, NEEDS_REASON) \
    X(REPORTED, SELF_DISPOSE, BY_WORKER, DISPOSED, NEEDS_NOTHING) \
    X(REPORTED, RECLASSIFY, BY_DESK, NONE, NEEDS_SERVICE) \
    X(REPORTED, MERGE, BY_DESK, MERGED, NEEDS_CASE) \
    WHILE_OPEN(X, REPORTED) \
    X(VERIFYING, TAKE, BY_WORKER, NONE, NEEDS_NOTHING) \
    X(VERIFYING, ARRIVE, BY_WORKER, NONE, NEEDS_NOTHING) \
    X(VERIFYING, CONFIRM, BY_WORKER, REPORTED, NEEDS_NOTHING) \
    X(VERIFYING, UNFOUNDED, BY_WORKER, REPORTED, NEEDS_REASON) \
    X(VERIFYING, VERIFY, BY_DESK, NONE, NEEDS_NOTHING) \
    X(VERIFYING, ACCEPT, BY_DESK, ACCEPTED, NEEDS_NOTHING) \
    X(VERIFYING, REFUSE, BY_DESK, REFUSED, NEEDS_REASON) \
    X(VERIFYING, RECLASSIFY, BY_DESK, NONE, NEEDS_SERVICE) \
    X(VERIFYING, MERGE, BY_DESK, MERGED, NEEDS_CASE) \
    WHILE_OPEN(X, VERIFYING) \
    X(ACCEPTED, DISPATCH, BY_DESK | BY_SYSTEM, DISPATCHED, NEEDS_NOTHING) \
    X(ACCEPTED, REFUSE, BY_LEADER, REFUSED, NEEDS_REASON) \
    X(ACCEPTED, RECLASSIFY, BY_DESK, NONE, NEEDS_SERVICE) \
    X(ACCEPTED, MERGE, BY_DESK, MERGED, NEEDS_CASE) \
    WHILE_OPEN(X, ACCEPTED) \
    X(DISPATCHED, RECEIVE, BY_LIAISON, RECEIVED, NEEDS_NOTHING) \
    X(DISPATCHED, TAKE, BY_WORKER, RECEIVED, NEEDS_NOTHING) \
    X(DISPATCHED, ASSIGN, BY_LIAISON, NONE, NEEDS_WORKER) \
    X(DISPATCHED, ARRIVE, BY_WORKER, NONE, NEEDS_NOTHING) /* here and below: who assists */ \
    X(DISPATCHED, DISPOSE, BY_WORKER | BY_LIAISON, NONE, NEEDS_NOTHING) \
    AT_DEPARTMENT(X, DISPATCHED) \
    X(RECEIVED, RECEIVE, BY_LIAISON, NONE, NEEDS_NOTHING) \
    X(RECEIVED, TAKE, BY_WORKER, NONE, NEEDS_NOTHING) \
    X(RECEIVED, ASSIGN, BY_LIAISON, NONE, NEEDS_WORKER) \
    X(RECEIVED, ARRIVE, BY_WORKER, IN_PROGRESS, NEEDS_NOTHING) \
    X(RECEIVED, ADVANCE, BY_WORKER | BY_LIAISON, NONE, NEEDS_NOTHING) \
    X(RECEIVED, DISPOSE, BY_WORKER | BY_LIAISON, DISPOSED, NEEDS_NOTHING) \
    AT_DEPARTMENT(X, RECEIVED) \
    X(IN_PROGRESS, RECEIVE, BY_LIAISON, NONE, NEEDS_NOTHING) \
    X(IN_PROGRESS, TAKE, BY_WORKER, NONE, NEEDS_NOTHING) \
    X(IN_PROGRESS, ASSIGN, BY_LIAISON, NONE, NEEDS_WORKER) \
    X(IN_PROGRESS, ARRIVE, BY_WORKER, NONE, NEEDS_NOTHING) \
    X(IN_PROGRESS, ADVANCE, BY_WORKER | BY_LIAISON, NONE, NEEDS_NOTHING) \
    X(IN_PROGRESS, DISPOSE, BY_WORKER | BY_LIAISON, DISPOSED, NEEDS_NOTHING) \
    AT_DEPARTMENT(X, IN_PROGRESS) \
    X(RETURNING, CONFIRM_RETURN, BY_LEADER, ACCEPTED, NEEDS_NOTHING) \
    X(RETURNING, DENY_RETURN, BY_LEADER, DISPATCHED, NEEDS_REASON) \
    X(RETURNING, RECEIVE, BY_LIAISON, NONE, NEEDS_NOTHING) /* here and below: who assists */ \
    X(RETURNING, ASSIGN, BY_LIAISON, NONE, NEEDS_WORKER) \
    X(RETURNING, TAKE, BY_WORKER, NONE, NEEDS_NOTHING) \
    X(RETURNING, OFFER, BY_SYSTEM, NONE, NEEDS_NOTHING) \
    X(RETURNING, ARRIVE, BY_WORKER, NONE, NEEDS_NOTHING) \
    X(RETURNING, DISPOSE, BY_WORKER | BY_LIAISON, NONE, NEEDS_NOTHING) \
    WHILE_OPEN(X, RETURNING) \
    X(SUSPENDED, RESUME, BY_LEADER | BY_SYSTEM, NONE, NEEDS_NOTHING) \
    WHILE_OPEN(X, SUSPENDED) \
    X(DISPOSED, CHECK, BY_DESK | BY_WORKER | BY_SYSTEM, CHECKED, NEEDS_NOTHING) \
    X(DISPOSED, REWORK, BY_DESK | BY_WORKER, DISPATCHED, NEEDS_REASON) \
    WHILE_OPEN(X, DISPOSED) \
    X(CHECKED, CLOSE, BY_DESK, CLOSED, NEEDS_NOTHING) \
    X(CHECKED, REWORK, BY_DESK, DISPATCHED, NEEDS_REASON) \
    WHILE_OPEN(X, CHECKED) \
    X(CLOSED, RATE, BY_RESIDENT, RATED, NEEDS_SCORE) \
    WHEN_CLOSED(X, CLOSED) \
    X(RATED, RATE, BY_RESIDENT, NONE, NEEDS_SCORE) \
    WHEN_CLOSED(X, RATED) \
    X(REFUSED, REOPEN, BY_LEADER | BY_RESIDENT, REPORTED, NEEDS_REASON) \
    X(CANCELLED, REOPEN, BY_LEADER, REPORTED, NEEDS_REASON) \
    X(MERGED, UNMERGE, BY_DESK, NONE, NEEDS_REASON)

struct transition {
    enum case_state from;
    enum verb verb;
    unsigned roles;     /* ROLE_BIT()s */
    enum case_state to; /* CASE_NONE: stays, or what it was before */
    unsigned needs;     /* NEEDS_… */
};

/* NULL where the table has no such row; roles are the caller's check. */
const struct transition *transition_find(enum case_state from, enum verb verb);
/* VERB_NOTE: words alone, possible in every state, so not in the table. */
extern const struct transition transition_words;
/* The rows of a state, in the table's order: *count of them. */
const struct transition *transitions_of(enum case_state from, size_t *count);

/* Open = the city still owes something. Of the others, a merged case goes on as the one that it was merged into. */
static inline bool case_state_is_open(enum case_state state)
{
    return state != CASE_NONE && state != CASE_CLOSED && state != CASE_RATED && state != CASE_REFUSED &&
           state != CASE_CANCELLED && state != CASE_MERGED;
}
