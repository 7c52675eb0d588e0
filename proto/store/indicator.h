/* Indicators (指标, DOMAIN 6): how well a district handles its cases, as rates of two measures. A measure is a number of cases; which
 * cases is a pure function of the case. The definitions follow GB/T 30428.4 and what evaluation systems of the field count, which is a
 * row of yes and no for each case.
 *
 * In each name of each dimension a case counts under a measure at most once, on one local day: that of the measure's anchor. So a week,
 * month, quarter or year is the sum of its days, no figure has a case twice, and the cases behind it are found again by the anchor's list
 * (indicator_store.h).
 *
 * A promise (the clocks of one kind) is in a denominator once its outcome is known; one that still runs, or is suspended, is not. So a rate
 * says what is known now, and no rate has to wait for the end of a day:
 *   broken      a clock of the kind ran out, whether what it waited for has happened since or not
 *   kept        none is broken or waits, and one was stopped in time by what was promised (not because the task went elsewhere first)
 *   settled     kept or broken
 *   ended       settled, and none waits any more
 * Of a case as a whole, or as one department's or worker's:
 *   accept_due  应受理: the accept promise is broken; or kept, and the case is accepted or refused (accept_in_time)
 *   filed       立案: accepted; filed_right: its service and condition were never corrected since, and it was not refused since
 *   sent        派遣: dispatched; sent_right: no department gave it back and it was not transferred (a hand-up is no mistake)
 *   handled     经处置: disposed at least once, whatever the check said; of an assistant: the own task is done
 *   redone      返工: handled, and what was disposed failed a check
 *   due         应处置: handled, or its disposal promise is broken
 *   disposed    处置: due and handled, and no rework is under way; disposed_in_time: besides, its disposal promise is not broken
 *   overdue     超期: due, and its disposal promise is broken
 *   extended    延期: due, and an extension was granted; of the department and worker that have the case
 *   to_close    应结案: due, and closed or overdue, or the promise of the check or of the closing is broken
 *   closed_due  结案: to_close and closed; closed_in_time: besides, none of those three promises is broken
 *   closed      it is closed, or closed and rated; reopened: and had been closed before
 *   asked       closed, and somebody can be asked: it came from a resident or over the hotline, or has been rated
 *   responded   响应: asked, and a person spoke to the reporters before it was closed; rated: asked, and the reporter has answered since
 *   solved      解决: rated as solved; satisfied: 满意: rated with SATISFIED_SCORE or more
 * Cancelled and merged cases count as reported and nothing else: these go on as another. Refused ones, suspended ones as long as they
 * are (挂账不计入) and those whose appeal was granted (申诉免责) are never due.
 *
 * Days are those of case_index_set_zone().
 */
#pragma once

#include "proto/record/case.h"

/* Whose figure it is. */
#define DIMENSIONS(X) \
    X(DIMENSION, ALL, "all")         /* the district; its only name is "" */ \
    X(DIMENSION, DEPARTMENT, "dept") /* see REACHES */ \
    X(DIMENSION, SERVICE, "service") /* "": the case has none of the book's */ \
    X(DIMENSION, WORKER, "worker")   /* see REACHES */ \
    X(DIMENSION, SOURCE, "source")   /* enum event_source */ \
    X(DIMENSION, AREA, "area")       /* the smallest one; "": none */
ENUM_DECLARE(dimension, DIMENSIONS)

/* The moment whose day a measure counts on; the name is that of the list (case_index.h) that has the cases in its order. */
#define ANCHORS(X) \
    X(ANCHOR, REPORTED, "all") \
    X(ANCHOR, SETTLED, \
      "settled") /* disposed or overdue, whichever was first; without a part in that: the case as a whole */ \
    X(ANCHOR, CLOSED, "closed")
ENUM_DECLARE(anchor, ANCHORS)
#define ANCHOR_COUNT (ANCHOR_CLOSED + 1)

/* Who, beside the district and the case's service, source and area, has a share in a measure.
 * By task: who broke a promise before the case went elsewhere keeps it, and a check is the worker's who was sent to it. An assistant has
 * promises of its own, which are not those of the case as a whole. A clock without a task is theirs that have the case. */
#define REACHES(X) \
    X(REACH, DESK, "desk") /* nobody: it is the desk's work */ \
    X(REACH, CASE, "case") /* the department that has the case, and the worker of its lead task */ \
    X(REACH, TASK, "task") /* each department and worker, by their own tasks and clocks */
ENUM_DECLARE(reach, REACHES)

/* X(measure, "name", anchor, reach, when): the counters. A measure keeps its place: it is its place in the rows on disk. */
#define MEASURES(X) \
    X(REPORTED, "reported", REPORTED, CASE, always)                         /* 上报数 */ \
    X(ACCEPT_DUE, "accept_due", REPORTED, DESK, accept_due)                 /* 应受理数; a refusal ends it, too */ \
    X(ACCEPTED_IN_TIME, "accepted_in_time", REPORTED, DESK, accept_in_time) /* 按时受理数 */ \
    X(FILED, "filed", REPORTED, DESK, filed)                                /* 立案数 */ \
    X(FILED_RIGHT, "filed_right", REPORTED, DESK, filed_right)              /* 准确立案数 */ \
    X(VERIFY_DUE, "verify_due", REPORTED, TASK, settled(VERIFY))            /* 应核实数 */ \
    X(VERIFIED_IN_TIME, "verified_in_time", REPORTED, TASK, kept(VERIFY))   /* 按时核实数 */ \
    X(DISPATCH_DUE, "dispatch_due", REPORTED, DESK, settled(DISPATCH))      /* 应派遣数 */ \
    X(DISPATCHED_IN_TIME, "dispatched_in_time", REPORTED, DESK, kept(DISPATCH)) /* 按时派遣数 */ \
    X(DISPATCHED, "dispatched", REPORTED, DESK, sent)                           /* 派遣数 */ \
    X(DISPATCHED_RIGHT, "dispatched_right", REPORTED, DESK, sent_right)         /* 准确派遣数 */ \
    X(RECEIVE_DUE, "receive_due", REPORTED, TASK, settled(RECEIVE))             /* 应接收数 */ \
    X(RECEIVED_IN_TIME, "received_in_time", REPORTED, TASK, kept(RECEIVE))      /* 按时接收数 */ \
    X(ARRIVE_DUE, "arrive_due", REPORTED, TASK, settled(RESPOND))               /* 应到场数 */ \
    X(ARRIVED_IN_TIME, "arrived_in_time", REPORTED, TASK, kept(RESPOND))        /* 按时到场数 */ \
    X(ANSWER_DUE, "answer_due", REPORTED, CASE, settled(ANSWER))                /* 应回复数 */ \
    X(ANSWERED, "answered", REPORTED, CASE, ended(ANSWER)) /* 回复数; what ends the case is an answer */ \
    X(ANSWERED_IN_TIME, "answered_in_time", REPORTED, CASE, kept(ANSWER))    /* 按时回复数 */ \
    X(DUE, "due", SETTLED, TASK, due)                                        /* 应处置数 */ \
    X(DISPOSED, "disposed", SETTLED, TASK, disposed)                         /* 处置数 */ \
    X(DISPOSED_IN_TIME, "disposed_in_time", SETTLED, TASK, disposed_in_time) /* 按期处置数 */ \
    X(OVERDUE, "overdue", SETTLED, TASK, overdue)                            /* 超期数 */ \
    X(EXTENDED, "extended", SETTLED, TASK, extended)                         /* 延期数 */ \
    X(HANDLED, "handled", SETTLED, TASK, handled)                            /* 经处置数 */ \
    X(REDONE, "redone", SETTLED, TASK, redone)                               /* 返工数 */ \
    X(CHECK_DUE, "check_due", SETTLED, TASK, settled(CHECK))                 /* 应核查数 */ \
    X(CHECKED_IN_TIME, "checked_in_time", SETTLED, TASK, kept(CHECK))        /* 按时核查数 */ \
    X(CLOSE_DUE, "close_due", SETTLED, CASE, to_close)                       /* 应结案数 */ \
    X(CLOSED_DUE, "closed_due", SETTLED, CASE, closed_due)                   /* 其中结案数 */ \
    X(CLOSED_IN_TIME, "closed_in_time", SETTLED, CASE, closed_in_time)       /* 按期结案数 */ \
    X(CLOSED, "closed", CLOSED, CASE, closed)                                /* 结案数 */ \
    X(REOPENED, "reopened", CLOSED, CASE, reopened)                          /* 重新办理数 */ \
    X(ASKED, "asked", CLOSED, CASE, asked)                                   /* 应回访数 */ \
    X(RESPONDED, "responded", CLOSED, CASE, responded)                       /* 响应数 */ \
    X(RATED, "rated", CLOSED, CASE, rated)                                   /* 评价数 */ \
    X(SOLVED, "solved", CLOSED, CASE, solved)                                /* 解决数 */ \
    X(SATISFIED, "satisfied", CLOSED, CASE, satisfied)                       /* 满意数 */

enum measure {
#define MEASURE_ENUM(measure, name, anchor, reach, when) MEASURE_##measure,
    MEASURES(MEASURE_ENUM)
#undef MEASURE_ENUM
        MEASURE_COUNT
};
_Static_assert(MEASURE_COUNT <= 64, "a case's measures are bits of one number");
enum { SATISFIED_SCORE = 4 };
#define MEASURE_BIT(measure) (UINT64_C(1) << (measure))

extern const struct enum_desc measure_desc;
enum anchor measure_anchor(enum measure measure);

/* X(indicator, "name", part, of, better, green, yellow): a rate, part / of, both of one anchor. Its colour: green and yellow in per cent, at
 * least (MORE) or at most (LESS); beyond yellow it is red. Every case of the part is one of the whole. */
#define INDICATORS(X) \
    X(ACCEPTED_ON_TIME, "accepted_on_time", ACCEPTED_IN_TIME, ACCEPT_DUE, MORE, 95, 85)         /* 按时受理率 */ \
    X(FILED_CORRECTLY, "filed_correctly", FILED_RIGHT, FILED, MORE, 98, 95)                     /* 立案准确率 */ \
    X(VERIFIED_ON_TIME, "verified_on_time", VERIFIED_IN_TIME, VERIFY_DUE, MORE, 95, 85)         /* 按时核实率 */ \
    X(DISPATCHED_ON_TIME, "dispatched_on_time", DISPATCHED_IN_TIME, DISPATCH_DUE, MORE, 95, 85) /* 按时派遣率 */ \
    X(DISPATCHED_RIGHT, "dispatched_right", DISPATCHED_RIGHT, DISPATCHED, MORE, 95, 90)         /* 派遣准确率 */ \
    X(RECEIVED_ON_TIME, "received_on_time", RECEIVED_IN_TIME, RECEIVE_DUE, MORE, 95, 85)        /* 按时接收率 */ \
    X(ARRIVED_ON_TIME, "arrived_on_time", ARRIVED_IN_TIME, ARRIVE_DUE, MORE, 95, 85)            /* 按时到场率 */ \
    X(ANSWERED, "answered", ANSWERED, ANSWER_DUE, MORE, 99, 95)                                 /* 回复率 */ \
    X(ANSWERED_ON_TIME, "answered_on_time", ANSWERED_IN_TIME, ANSWER_DUE, MORE, 95, 85)         /* 按时回复率 */ \
    X(DISPOSED, "disposed", DISPOSED, DUE, MORE, 98, 90)                                        /* 处置率 */ \
    X(DISPOSED_ON_TIME, "disposed_on_time", DISPOSED_IN_TIME, DUE, MORE, 95, 85)                /* 按期处置率 */ \
    X(OVERDUE, "overdue", OVERDUE, DUE, LESS, 5, 15)                                            /* 超期率 */ \
    X(EXTENDED, "extended", EXTENDED, DUE, LESS, 5, 15)                                         /* 延期率 */ \
    X(REWORK, "rework", REDONE, HANDLED, LESS, 5, 10)                                           /* 返工率 */ \
    X(CHECKED_ON_TIME, "checked_on_time", CHECKED_IN_TIME, CHECK_DUE, MORE, 95, 85)             /* 按时核查率 */ \
    X(CLOSED, "closed", CLOSED_DUE, CLOSE_DUE, MORE, 98, 90)                                    /* 结案率 */ \
    X(CLOSED_ON_TIME, "closed_on_time", CLOSED_IN_TIME, CLOSE_DUE, MORE, 95, 85)                /* 按期结案率 */ \
    X(REOPENED, "reopened", REOPENED, CLOSED, LESS, 2, 5)                                       /* 重新办理率 */ \
    X(RESPONDED, "responded", RESPONDED, ASKED, MORE, 95, 85)                                   /* 响应率 */ \
    X(RATED, "rated", RATED, ASKED, MORE, 30, 10)                                               /* 参评率 */ \
    X(SOLVED, "solved", SOLVED, RATED, MORE, 90, 80)                                            /* 解决率 */ \
    X(SATISFIED, "satisfied", SATISFIED, RATED, MORE, 95, 85)                                   /* 满意率 */

enum indicator {
#define INDICATOR_ENUM(indicator, name, part, of, better, green, yellow) INDICATOR_##indicator,
    INDICATORS(INDICATOR_ENUM)
#undef INDICATOR_ENUM
        INDICATOR_COUNT
};
extern const struct enum_desc indicator_desc;

struct indicator_row {
    enum measure part, of;
    bool more_is_better;
    int green, yellow; /* per cent */
};
extern const struct indicator_row indicators[INDICATOR_COUNT];

#define GRADES(X) \
    X(GRADE, NONE, "none") /* there is no case to judge by */ \
    X(GRADE, GREEN, "green") \
    X(GRADE, YELLOW, "yellow") \
    X(GRADE, RED, "red")
ENUM_DECLARE(grade, GRADES)
enum grade indicator_grade(enum indicator indicator, int64_t part, int64_t of);

/* What a case counts as under one name, on one anchor's day. */
struct indicator_entry {
    enum dimension dimension;
    const char *name; /* the case's own memory */
    enum anchor anchor;
    int64_t at_ms;
    uint64_t measures; /* MEASURE_BIT()s; at least one */
};
/* May it have an entry of ANCHOR_SETTLED? Quickly told. */
bool indicator_is_settled(const struct case_file *record);
/* Each dimension, name and anchor at most once. */
void indicator_entries(const struct case_file *record,
                       void (*entry)(void *context, const struct indicator_entry *entry), void *context);
