/* Case: what the district does about one or more reports; its tasks and clocks live inside it, so that a case is one value. */
#pragma once

#include "proto/record/event.h"
#include "proto/record/lifecycle.h"
#include "proto/record/place.h"

/* ---- clock (时限): one promise about time ---- */

#define CLOCK_KINDS(X) \
    X(CLOCK, NONE, "none") \
    X(CLOCK, ACCEPT, "accept")       /* desk: report → accepted */ \
    X(CLOCK, DISPATCH, "dispatch")   /* desk: accepted → dispatched */ \
    X(CLOCK, RECEIVE, "receive")     /* department: dispatched → received or taken */ \
    X(CLOCK, DISPOSE, "dispose")     /* department: the limit of the filing condition */ \
    X(CLOCK, CHECK, "check")         /* checker: disposed → checked */ \
    X(CLOCK, VERIFY, "verify")       /* grid worker: sent → confirmed or unfounded */ \
    X(CLOCK, TAKE, "take")           /* worker: offered → taken; then the next in line */ \
    X(CLOCK, RESPOND, "respond")     /* department: dispatched → on the spot */ \
    X(CLOCK, ANSWER, "answer")       /* the city: report → first answer to the resident */ \
    X(CLOCK, SUPERVISE, "supervise") /* department: supervised → disposed */ \
    X(CLOCK, TIER, "tier")           /* a lower tier: dispatched → disposed; then the next tier */ \
    X(CLOCK, CLOSE, "close")         /* desk: checked → closed */ \
    X(CLOCK, RESUME, "resume")       /* nobody: a suspended case goes on */
ENUM_DECLARE(clock_kind, CLOCK_KINDS)
#define CLOCK_KIND_COUNT (CLOCK_RESUME + 1)

/* Units of a limit, see DOMAIN 4. */
#define LIMIT_UNITS(X) \
    X(UNIT, NONE, "none")                 /* no limit */ \
    X(UNIT, CLOCK_HOUR, "clock_hour")     /* 紧急工作时: nights, week-ends and holidays count */ \
    X(UNIT, WORKING_HOUR, "working_hour") /* 工作时: only inside working periods */ \
    X(UNIT, WORKING_DAY, "working_day")   /* 工作日: make-up days (调休) count */ \
    X(UNIT, CALENDAR_DAY, "calendar_day") /* 自然日 */ \
    X(UNIT, CLOCK_MINUTE, "clock_minute")
ENUM_DECLARE(limit_unit, LIMIT_UNITS)

#define CLOCK_STATES(X) \
    X(CLOCK_STATE, NONE, "none") \
    X(CLOCK_STATE, RUNNING, "running") \
    X(CLOCK_STATE, STOPPED, "stopped")           /* what it waited for happened in time */ \
    X(CLOCK_STATE, FIRED, "fired")               /* the deadline passed; still waits for its end */ \
    X(CLOCK_STATE, STOPPED_LATE, "stopped_late") /* what it waited for happened after it fired */ \
    X(CLOCK_STATE, PAUSED, "paused")             /* its case is suspended */
ENUM_DECLARE(clock_state, CLOCK_STATES)

/* A time in which a clock stood still. */
#define PAUSE_FIELDS(X) \
    X(1, INT, from_ms, 0) \
    X(2, INT, to_ms, 0) /* 0 = still does */
RECORD_DECLARE(pause, PAUSE_FIELDS)

#define CLOCK_FIELDS(X) \
    X(1, INT, id, 0)   /* from 1 inside its case */ \
    X(2, INT, task, 0) /* 0 = the case's own */ \
    X(3, ENUM, kind, clock_kind) \
    X(4, ENUM, state, clock_state) \
    X(5, ENUM, unit, limit_unit) \
    X(6, INT, amount, 0) \
    X(7, TEXT, calendar, 64) \
    X(8, INT, armed_at_ms, 0) /* the limit counts from here */ \
    X(9, INT, deadline_ms, 0) \
    X(10, INT, warn_at_ms, 0) /* 0 = no warning to come */ \
    X(11, INT, stopped_at_ms, 0) \
    X(12, INT, fired_at_ms, 0) \
    X(13, TEXT, rule, 200) /* the place in the book that set it: "services.yaml:41" */ \
    X(14, LIST, pauses, pause) \
    X(15, INT, link, 0)           /* of the condition's chain of limits, from 0 */ \
    X(16, INT, extensions, 0)     /* each adds the amount once more */ \
    X(17, INT, warned, 0)         /* warn points that are past */ \
    X(18, INT, level, 0)          /* escalations that are past */ \
    X(19, INT, escalate_at_ms, 0) /* 0 = no escalation to come */ \
    X(20, INT, acknowledged_at_ms, 0) \
    X(21, TEXT, acknowledged_by, 64) \
    X(22, BOOL, excused, 0) /* it ran out in a round whose appeal was granted: the statistics leave that out */
RECORD_DECLARE(clock, CLOCK_FIELDS)

/* ---- task (任务): one department's or worker's part of a case ---- */

#define TASK_ROLES(X) \
    X(TASK_ROLE, LEAD, "lead")     /* 主办 */ \
    X(TASK_ROLE, ASSIST, "assist") /* 协办 */ \
    X(TASK_ROLE, CHECK, "check")   /* 核查 */ \
    X(TASK_ROLE, VERIFY, "verify") /* 核实 */
ENUM_DECLARE(task_role, TASK_ROLES)

#define TASK_STATES(X) \
    X(TASK, NONE, "none") \
    X(TASK, OFFERED, "offered")   /* at the department, perhaps at a worker; nobody has taken it */ \
    X(TASK, RECEIVED, "received") /* the department has confirmed */ \
    X(TASK, TAKEN, "taken")       /* the worker has accepted */ \
    X(TASK, ON_SITE, "on_site") \
    X(TASK, DONE, "done") \
    X(TASK, RETURNED, "returned") \
    X(TASK, WITHDRAWN, "withdrawn")
ENUM_DECLARE(task_state, TASK_STATES)

/* A worker to whom a task was offered. */
#define OFFER_FIELDS(X) \
    X(1, TEXT, worker, 64) \
    X(2, INT, at_ms, 0) \
    X(3, INT, ended_at_ms, 0) /* taken by somebody, or passed on; 0 = open */
RECORD_DECLARE(offer, OFFER_FIELDS)

#define TASK_FIELDS(X) \
    X(1, INT, id, 0) /* from 1 inside its case */ \
    X(2, ENUM, role, task_role) \
    X(3, ENUM, state, task_state) \
    X(4, TEXT, department, 64) \
    X(5, TEXT, worker, 64) /* "" = not named */ \
    X(6, INT, offered_at_ms, 0) \
    X(7, INT, received_at_ms, 0) \
    X(8, INT, taken_at_ms, 0) \
    X(9, INT, arrived_at_ms, 0) \
    X(10, INT, done_at_ms, 0) \
    X(11, TEXT, done_by, 64) /* the account that disposed; it never checks or closes */ \
    X(12, TEXT, note, 1000) \
    X(13, LIST, media, media) /* proof (处置后照片) */ \
    X(14, TEXT, rule, 200)    /* the routing rule that chose it: "routing.yaml:12" */ \
    X(15, LIST, offers, offer) \
    X(16, INT, note_step, 0) /* the step of the history that has the note, too */
RECORD_DECLARE(task, TASK_FIELDS)

/* ---- voice: one report on a case ---- */

#define VOICE_FIELDS(X) \
    X(1, INT, seq, 0) /* the event */ \
    X(2, TEXT, reporter, 64) \
    X(3, INT, at_ms, 0) \
    X(4, ENUM, source, event_source) \
    X(5, INT, step, 0)   /* the step of the history that has its words; of a case's first voice 0 */ \
    X(6, TEXT, home, 64) /* the number of the case that was merged into this one and had it first; "" = this one */ \
    X(7, BOOL, again, 0) /* a further word of somebody who has reported it already */ \
    X(8, INT, answer_by_ms, 0) /* until when a superior wants it answered; 0 = no date was given, or it is answered */
RECORD_DECLARE(voice, VOICE_FIELDS)

/* ---- request: what a department has asked for and the shift leader has not yet decided ---- */

#define REQUEST_FIELDS(X) \
    X(1, ENUM, verb, verb) /* extend, suspend; none: nothing is asked */ \
    X(2, TEXT, by, 64) \
    X(3, INT, at_ms, 0) \
    X(4, INT, until_ms, 0) /* suspend */ \
    X(5, TEXT, note, 1000)
RECORD_DECLARE(request, REQUEST_FIELDS)

#define APPEALS(X) \
    X(APPEAL, NONE, "none") \
    X(APPEAL, ASKED, "asked") \
    X(APPEAL, GRANTED, "granted") /* the statistics leave it out */ \
    X(APPEAL, DENIED, "denied")
ENUM_DECLARE(appeal, APPEALS)

#define CASE_FIELDS(X) \
    X(1, INT, id, 0)       /* from 1, inside the store */ \
    X(2, TEXT, number, 64) /* district-yyyymmdd-serial: what people say */ \
    X(3, INT, revision, 0) /* +1 with every change */ \
    X(4, ENUM, state, case_state) \
    X(5, TEXT, service, 64) \
    X(6, TEXT, condition, 64) \
    X(7, TEXT, title, 200) \
    X(8, TEXT, text, EVENT_TEXT_BYTES) \
    X(9, RECORD, place, place) \
    X(10, INT, priority, 0) /* 1 (highest) to 5 */ \
    X(11, ENUM, source, event_source) \
    X(12, LIST, voices, voice) /* the first one opened the case */ \
    X(13, LIST, media, media)  /* what the reporters sent */ \
    X(14, LIST, tasks, task) \
    X(15, LIST, clocks, clock) \
    X(16, TEXT, department, 64) /* of the lead task; "" before dispatch */ \
    X(17, INT, reported_at_ms, 0) \
    X(18, INT, accepted_at_ms, 0) \
    X(19, INT, dispatched_at_ms, 0) \
    X(20, INT, received_at_ms, 0) \
    X(21, INT, disposed_at_ms, 0) \
    X(22, INT, checked_at_ms, 0) \
    X(23, INT, closed_at_ms, 0) \
    X(24, INT, deadline_ms, 0) /* of the dispose clock: what the resident was promised; 0 = none */ \
    X(25, BOOL, overdue, 0)    /* a dispose clock fired: stays for good */ \
    X(26, INT, urged, 0)       /* how often */ \
    X(27, INT, returned, 0) \
    X(28, INT, reworked, 0) \
    X(29, TEXT, filed_by, 64) /* the account that accepted */ \
    X(30, TEXT, checked_by, 64) \
    X(31, TEXT, closed_by, 64) \
    X(32, INT, score, 0) /* rating 1 to 5; 0 = none */ \
    X(33, BOOL, solved, 0) \
    X(34, INT, steps, 0)            /* how many steps its history has */ \
    X(35, TEXT, route_rule, 200)    /* "routing.yaml:12" */ \
    X(36, BOOL, no_rule, 0)         /* no routing rule matched: the desk's triage queue */ \
    X(37, ENUM, former, case_state) /* suspended, merged: the state to go back to */ \
    X(38, RECORD, request, request) \
    X(39, INT, extended, 0)           /* extensions granted */ \
    X(40, INT, suspended, 0)          /* how often */ \
    X(41, INT, suspended_until_ms, 0) /* 0 = not now */ \
    X(42, TEXT, supervised_by, 64)    /* who watches over it (督办); "" = nobody */ \
    X(43, INT, verified_at_ms, 0) \
    X(44, TEXT, verified_by, 64) \
    X(45, BOOL, unfounded, 0)    /* what the verifier found */ \
    X(46, TEXT, merged_into, 64) /* the number of that case */ \
    X(47, TEXT, split_from, 64) \
    X(48, INT, reopened, 0) \
    X(49, INT, transferred, 0) \
    X(50, INT, handed_up, 0) \
    X(51, INT, reclassified, 0) /* after it was filed */ \
    X(52, ENUM, appeal, appeal) \
    X(53, BOOL, self_disposed, 0) \
    X(54, INT, answered_at_ms, 0) /* the reporters' first answer from a person */ \
    X(55, TEXT, cell, \
      96) /* where reports of the same trouble are looked for; "" = it is never merged by place. See engine/merge.h */ \
    X(56, INT, heard_at_ms, 0)          /* the last voice */ \
    X(57, INT, last_step, 0)            /* where its history ends: each step knows the one before it */ \
    X(58, BOOL, urgent, 0)              /* somebody wrote an urgent word of the book: before all else at the desk */ \
    X(59, ENUM, written, text_language) /* its words */ \
    X(60, INT, told_at_ms, 0)           /* when its reporters were last told anything */ \
    X(61, REAL, middle_lat, 0)          /* of the places from which it was reported, where several joined by place: */ \
    X(62, REAL, middle_lon, 0)          /* further reports are measured from here (proto/store/near.h) */ \
    X(63, INT, middle_of, 0)            /* so many places; 0 = its own alone */ \
    X(64, INT, answer_by_ms, 0) /* until when a superior wants it answered; 0 = none of its reports has a date */
RECORD_DECLARE(case_file, CASE_FIELDS)

/* ---- step: one line of a case's history, kept beside it ---- */

#define STEP_FIELDS(X) \
    X(1, INT, at_ms, 0) \
    X(2, TEXT, actor, 64) \
    X(3, ENUM, role, role) \
    X(4, ENUM, verb, verb) \
    X(5, ENUM, from, case_state) \
    X(6, ENUM, to, case_state) \
    X(7, TEXT, note, 1000) /* the reason or words given */ \
    X(8, TEXT, department, 64) \
    X(9, TEXT, worker, 64) \
    X(10, LIST, media, media) \
    X(11, ENUM, clock, clock_kind) /* warn, overdue: which clock */ \
    X(12, TEXT, other, 64)         /* merge, unmerge, split: the number of the other case */ \
    X(13, INT, before, 0)          /* the step before it: its place among all steps; 0 = it is the case's first */ \
    X(14, INT, seq, 0)             /* its own, from 1: the key of its row, not in its bytes */
RECORD_DECLARE(step, STEP_FIELDS)

/* Parts of the disposal: done by departments, and by people who then neither check nor close. */
static inline bool task_is_disposal(const struct task *task)
{
    return task->role == TASK_ROLE_LEAD || task->role == TASK_ROLE_ASSIST;
}
/* Was it offered to that worker, and nobody has taken it or passed it on since? */
bool task_is_offered_to(const struct task *task, const char *worker);
bool task_has_open_offers(const struct task *task);
/* Still waits for its end. */
static inline bool clock_is_open(const struct clock *clock)
{
    return clock->state == CLOCK_STATE_RUNNING || clock->state == CLOCK_STATE_FIRED ||
           clock->state == CLOCK_STATE_PAUSED;
}
/* Ran out before what it waited for happened, and no appeal has excused that. */
static inline bool clock_is_late(const struct clock *clock)
{
    return (clock->state == CLOCK_STATE_FIRED || clock->state == CLOCK_STATE_STOPPED_LATE) && !clock->excused;
}
/* Given back or withdrawn: nobody's any more. */
static inline bool task_is_over(const struct task *task)
{
    return task->state == TASK_RETURNED || task->state == TASK_WITHDRAWN;
}
/* Somebody has still to do something. */
static inline bool task_is_open(const struct task *task)
{
    return task->state == TASK_OFFERED || task->state == TASK_RECEIVED || task->state == TASK_TAKEN ||
           task->state == TASK_ON_SITE;
}

/* The clock of a kind that still waits for its end; NULL where there is none. Assisting tasks have their own, see case_task_clock(). */
struct clock *case_open_clock(const struct case_file *record, enum clock_kind kind);
struct clock *case_task_clock(const struct case_file *record, enum clock_kind kind, int64_t task_id);
/* The limit of the case as a whole: of the disposal, and not an assistant's. */
bool case_is_limit(const struct case_file *record, const struct clock *clock);
/* When it last changed for its reporters: the latest of its stages and of what they were told; of one that is over, when it was closed. */
int64_t case_updated_at_ms(const struct case_file *record);
/* How many have reported it: voices but for further words. */
size_t case_reports(const struct case_file *record);
/* By its id; NULL where there is none. */
struct task *case_task(const struct case_file *record, int64_t id);
/* The last verifying task; NULL where there is none, or it is over (withdrawn). */
struct task *case_verify_task(const struct case_file *record);
/* The last checking task; NULL where nobody was sent. */
struct task *case_check_task(const struct case_file *record);
/* The last task by which this department assists, or has assisted, and that is not over. */
struct task *case_assist_task(const struct case_file *record, const char *department);
/* The last lead task of the department that has the case, over or not; NULL before dispatch. Not the last of all: an assistant who is first
 * to receive leads with the task that it has, and others may have led since that was given. */
struct task *case_last_lead(const struct case_file *record);
/* The same; NULL where it is over (returned, withdrawn). */
struct task *case_lead_task(const struct case_file *record);
/* Its department has something to do still: of one that reports by its liaison also what a worker has done and it has not yet reported. */
bool case_task_waits(const struct case_file *record, const struct task *task);
/* Is it of the round that is under way: the lead's, an open one, or an assistant's that was done since the case was dispatched? */
bool case_has_task_now(const struct case_file *record, const struct task *task);
