/* From an alert to the event that the district makes of it, or the reason why it makes none.
 *
 * Priority (1 highest), where neither matter nor service says one: by severity Extreme 1, Severe 2, Moderate 3, Minor 4, Unknown 3; one lower
 * each for what is not expected within the next hours (Future), what is over (Past: two) and what is hardly likely (Unlikely).
 *
 * Which alerts belong together: an update or cancel joins the case of the alert that it refers to, or of the earliest one that it refers to
 * where none of them is in the log (so that this one, when it comes late, joins as well). The same identifier sent again by its sender with another
 * time is an update too. What a cancel ends stays with the desk; the case is told. An alert whose cancel came first is not taken.
 */
#pragma once

#include "ingest/sources/cap/alert.h"
#include "ingest/sources/cap/seen.h"
#include "proto/book/sources.h"
#include "proto/store/event_log.h"

#define CAP_FATES(X) \
    X(CAP, TAKEN, "taken") \
    X(CAP, KNOWN, "known") /* the log has it */ \
    X(CAP, EXPIRED, "expired") \
    X(CAP, ELSEWHERE, "elsewhere")                 /* not about the district */ \
    X(CAP, NOT_ACTUAL, "not_actual")               /* an exercise, a test, a draft */ \
    X(CAP, NO_MATTER, "no_matter")                 /* an acknowledgement, an error message */ \
    X(CAP, NOTHING_TO_CANCEL, "nothing_to_cancel") /* of what was never taken */ \
    X(CAP, CANCELLED, "cancelled")                 /* before it came */ \
    X(CAP, REFUSED, "refused")                     /* no alert, or one that the log cannot hold */
ENUM_DECLARE(cap_fate, CAP_FATES)

struct warning_desk {
    const struct book *book;
    const struct book_feed *feed;
    struct event_log *log;
    struct seen *cancelled; /* identities of alerts whose cancels came before them */
};

/* enum cap_fate, with the event in the arena where it is CAP_TAKEN. <0: the log could not be read. */
int warning_of(const struct warning_desk *desk, const struct cap_alert *alert, int64_t now_ms, struct arena *arena,
               struct event **event, struct fault *fault);
/* 1 to 5. */
int64_t warning_priority(const struct cap_info *info);
