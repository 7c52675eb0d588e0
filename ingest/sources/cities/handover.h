/* Handovers: which of our cases another city has, under which number of its own, and what it last said of them.
 *
 * Each is a memo of the event log, put in the commit of the event that tells the case of it, so that neither a restart nor a crash hands a case
 * on twice or forgets what was heard. A handover is of one round of a case: of its lead task. After a rework the case is handed on anew.
 */
#pragma once

#include "proto/record/case.h"
#include "proto/store/event_log.h"

#define HANDOVER_STATES(X) \
    X(HANDOVER, NUMBERED, "numbered") /* `number` is theirs */ \
    X(HANDOVER, TOKEN, "token")       /* `number` is a token, for which there will be a number */ \
    X(HANDOVER, SILENT, "silent")     /* they told neither: nothing comes back */ \
    X(HANDOVER, REFUSED, "refused")
ENUM_DECLARE(handover_state, HANDOVER_STATES)

enum { HANDOVER_NUMBER = 128, HANDOVER_NAME = 96, HANDOVER_SAID = 17 };

struct handover {
    char name[HANDOVER_NAME]; /* "DRUM-20260105-0001/2": our case's number and its lead task */
    int64_t report;           /* the case's first voice: what events about it are about */
    enum handover_state state;
    char number[HANDOVER_NUMBER + 1];
    char said[HANDOVER_SAID]; /* what they last said, as a hash; "": nothing yet */
    int64_t told;             /* events that were made of it */
    bool is_open;             /* seen in the last look at our cases */
    bool is_held;             /* the same: the case is as it is until somebody here does something */
    unsigned round;           /* of polls in which it was asked for */
};

struct handovers {
    struct handover *items;
    size_t count, room;
};

/* Those that the log has of a city. -EBADMSG names one that cannot be read. */
int handovers_recall(struct handovers *handovers, struct event_log *log, const char *city, struct fault *fault);
void handovers_finish(struct handovers *handovers);
struct handover *handovers_find(const struct handovers *handovers, const char *name); /* NULL */
struct handover *handovers_add(struct handovers *handovers, const struct handover *handover);
void handovers_remove(struct handovers *handovers, struct handover *handover);

/* The name of a case's round; false where nobody leads it now. */
bool handover_name(const struct case_file *record, char out[HANDOVER_NAME]);
/* The name of its next event, and counts it: of the handover's own number and not of what is said, as they may say a thing again (open, closed,
 * open). Event and memo go into one commit, so none has two names. */
const char *handover_next_event(struct handover *handover, struct arena *arena);
/* The memo that remembers it as it is now, or forgets it. */
struct event_memo handover_memo(const struct handover *handover, const char *city, bool forget, struct arena *arena);
