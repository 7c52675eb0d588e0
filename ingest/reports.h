/* What has become of the reports: each event of the log together with its case, read from snapshots.
 *
 * The cases environment is the dispatcher's; it is opened read-only when it is there. A report without a case is one that the dispatcher
 * has not come to yet: it is open, nothing more is known.
 */
#pragma once

#include <stdbool.h>

#include "proto/book/book.h"
#include "proto/record/case.h"
#include "proto/record/notice.h"
#include "proto/store/event_log.h"

struct reports;

/* list_events: events, cases or notices that one list looks at; 100,000 are about half a second. */
int reports_open(struct event_log *log, const char *data_folder, int64_t list_events, struct reports **reports,
                 struct fault *fault);
void reports_close(struct reports *reports); /* takes NULL; the log is not closed with it */
/* Clears the slots of dead readers; once a minute. */
void reports_check_readers(struct reports *reports);

struct report_view {
    struct event event;
    bool has_case;
    struct case_file record; /* where has_case */
};

/* 1 where there is no such report (a rating or a follow-up is none). */
int reports_get(struct reports *reports, uint64_t seq, struct arena *arena, struct report_view *view,
                struct fault *fault);
/* The report whose event has this id. 1 where there is none. */
int reports_find(struct reports *reports, const char *id, struct arena *arena, struct report_view *view,
                 struct fault *fault);
/* Each open case of which a department has an open task; the record only lives during the visit. 0 goes on, else ends and is returned.
 * 1 where there are no cases yet. */
int reports_visit_department(struct reports *reports, const char *department,
                             int (*visit)(void *context, const struct case_file *record), void *context,
                             struct fault *fault);
/* 1 where there is none. */
int reports_case(struct reports *reports, int64_t id, struct arena *arena, struct case_file *record,
                 struct fault *fault);
/* The history of a case, oldest first. */
int reports_steps(struct reports *reports, const struct case_file *record, struct arena *arena, struct step_list *steps,
                  struct fault *fault);

/* Does everybody read of a report that came for this service (NULL: for none), its case being in this state? Of a batch service once the desk has
 * looked at it; never of a blackbox, nor of a service that residents are not offered. */
bool report_is_told(const struct book_service *service, enum case_state state);

/* The case that a report of this service at this place, received now, would join (proto/store/near.h): 0, 1 where there is none, as is where
 * the book merges none of them, the place is not to be measured from, or the case is not told. */
int reports_near(struct reports *reports, const struct book_service *service, const struct place *place, int64_t now_ms,
                 struct arena *arena, struct case_file *record, struct fault *fault);

bool report_is_open(const struct report_view *view);
/* The service as it is now: the desk may have corrected the reporter's. */
const char *report_service(const struct report_view *view);
/* case_updated_at_ms(), and never before it was received. */
int64_t report_updated_at_ms(const struct report_view *view);

/* Over, for no longer than the book allows: the reporter may say that it is not solved. The engine judges again. */
bool report_may_be_reopened(const struct report_view *view, int64_t reopen_days, int64_t now_ms);

struct reports_query {
    int64_t from_ms, to_ms;                 /* received in this span, ends included */
    int64_t updated_from_ms, updated_to_ms; /* and updated in this one; 0, 0: whenever */
    const char *const *services;
    size_t service_count;                                               /* 0: any */
    bool open, closed;                                                  /* which of the two are wanted */
    bool (*wants)(const void *context, const struct report_view *view); /* NULL: all of those */
    const void *wants_context;
    size_t skip, take;
};
enum { REPORTS_FOUND = 0, REPORTS_TOO_WIDE = 1 };
/* Calls `visit` for each report of the page, newest first; with a span of updates in their order, so that whoever follows the district
 * goes on from the last one it has. The view lives in the arena.
 * REPORTS_TOO_WIDE: the filters matched too little of too much; a narrower span is needed. */
int reports_list(struct reports *reports, const struct reports_query *query, struct arena *arena,
                 void (*visit)(void *context, const struct report_view *view), void *context, struct fault *fault);

/* What the reporters of one report were told. */
struct report_update {
    int64_t notice; /* its place in the outbox: with the report the update's name */
    int64_t report; /* seq of the report's event */
    int64_t at_ms;
    enum verb verb;
    enum case_state state; /* the case's after it */
    const char *words;     /* for the reporters; "" where there are none */
};

struct reports_updates_query {
    int64_t from_ms, to_ms; /* told in this span, ends included */
    const uint64_t *reports;
    size_t report_count;                                                /* 0: of any report */
    bool (*wants)(const void *context, const struct report_view *view); /* NULL: all */
    const void *wants_context;
    size_t skip, take;
    uint64_t *
        after; /* NULL; else only what was told behind this place of the outbox, which is moved to the last one looked at: whoever asks again
                      * with it goes on there. All reports that hear of one thing come together then, beyond `take` as well */
};
/* Calls `visit` for each update of the page, oldest first (of named reports one report after the other), without those by which the
 * reporter only hears again what was sent. REPORTS_TOO_WIDE as for reports_list(). */
int reports_updates(struct reports *reports, const struct reports_updates_query *query, struct arena *arena,
                    void (*visit)(void *context, const struct report_update *update), void *context,
                    struct fault *fault);
