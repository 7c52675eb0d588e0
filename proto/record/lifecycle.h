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
    X(CASE, REFUSED, "refused")     /* 不予立案 */
ENUM_DECLARE(case_state, CASE_STATES)

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
    X(VERB, WARN, "warn")                     /* a clock is near its end */
ENUM_DECLARE(verb, VERBS)

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

/* What a verb needs beside its role and state. The engine checks it and names what is missing. */
#define NEEDS(X) \
    X(NEED, NOTHING, "nothing") \
    X(NEED, REASON, "reason") \
    X(NEED, DEPARTMENT, "department") \
    X(NEED, WORKER, "worker") \
    X(NEED, SCORE, "score")
ENUM_DECLARE(need, NEEDS)

/* X(from, verb, roles, to, need). One row per state and verb. CASE_NONE as `to` means: the state stays. */
#define TRANSITIONS(X) \
    X(REPORTED, ACCEPT, BY_DESK | BY_SYSTEM, ACCEPTED, NOTHING) \
    X(REPORTED, REFUSE, BY_DESK, REFUSED, REASON) \
    X(ACCEPTED, DISPATCH, BY_DESK | BY_SYSTEM, DISPATCHED, NOTHING) \
    X(ACCEPTED, REFUSE, BY_LEADER, REFUSED, REASON) \
    X(DISPATCHED, RECEIVE, BY_LIAISON, RECEIVED, NOTHING) \
    X(DISPATCHED, TAKE, BY_WORKER, RECEIVED, NOTHING) \
    X(DISPATCHED, ASSIGN, BY_LIAISON, NONE, WORKER) \
    X(DISPATCHED, RETURN, BY_LIAISON | BY_WORKER, RETURNING, REASON) \
    X(DISPATCHED, URGE, BY_DESK, NONE, NOTHING) \
    X(RECEIVED, TAKE, BY_WORKER, NONE, NOTHING) \
    X(RECEIVED, ASSIGN, BY_LIAISON, NONE, WORKER) \
    X(RECEIVED, ARRIVE, BY_WORKER, IN_PROGRESS, NOTHING) \
    X(RECEIVED, DISPOSE, BY_WORKER | BY_LIAISON, DISPOSED, NOTHING) \
    X(RECEIVED, RETURN, BY_LIAISON | BY_WORKER, RETURNING, REASON) \
    X(RECEIVED, URGE, BY_DESK, NONE, NOTHING) \
    X(IN_PROGRESS, DISPOSE, BY_WORKER | BY_LIAISON, DISPOSED, NOTHING) \
    X(IN_PROGRESS, RETURN, BY_LIAISON | BY_WORKER, RETURNING, REASON) \
    X(IN_PROGRESS, URGE, BY_DESK, NONE, NOTHING) \
    X(RETURNING, CONFIRM_RETURN, BY_LEADER, ACCEPTED, NOTHING) \
    X(RETURNING, DENY_RETURN, BY_LEADER, DISPATCHED, REASON) \
    X(DISPOSED, CHECK, BY_DESK | BY_WORKER | BY_SYSTEM, CHECKED, NOTHING) \
    X(DISPOSED, REWORK, BY_DESK | BY_WORKER, DISPATCHED, REASON) \
    X(CHECKED, CLOSE, BY_DESK, CLOSED, NOTHING) \
    X(CHECKED, REWORK, BY_DESK, DISPATCHED, REASON) \
    X(CLOSED, RATE, BY_RESIDENT, RATED, SCORE) \
    X(RATED, RATE, BY_RESIDENT, NONE, SCORE)

struct transition {
    enum case_state from;
    enum verb verb;
    unsigned roles;     /* ROLE_BIT()s */
    enum case_state to; /* CASE_NONE: stays */
    enum need need;
};

/* NULL where the table has no such row; roles are the caller's check. */
const struct transition *transition_find(enum case_state from, enum verb verb);
/* The rows of a state, in the table's order: *count of them. */
const struct transition *transitions_of(enum case_state from, size_t *count);

/* Open = the city still owes something: every state but closed, rated and refused. */
static inline bool case_state_is_open(enum case_state state)
{
    return state != CASE_NONE && state != CASE_CLOSED && state != CASE_RATED && state != CASE_REFUSED;
}
