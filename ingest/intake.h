/* The intake: where requests become durable events. Group commit without a timer.
 *
 * Handlers submit what they parsed; nothing is answered then. Before the loop sleeps, a hook starts the committer with all that was collected; what
 * comes while a commit is under way goes with the next one, which begins as soon as that one has ended. So the busier it gets, the larger
 * the batches; and the loop reads, checks and answers while the disk works. A commit that ended rings the doorbell and is answered. One
 * that fails ends the loop with its error: nobody is told "received" (fail-stop).
 *
 * Admission: at most `queue` events wait for their commit, and nobody begins to wait whose report would come behind one that has waited for longer
 * than `patience_ms`: the log does not keep up then. Who is beyond is refused at once (503, Retry-After), never answered with a lie.
 *
 * What the log could not keep (event_append_check()) is found here, whatever way it came: it is told to its sender or left out, and costs nobody
 * else the commit.
 */
#pragma once

#include <stdint.h>

#include "ingest/enrich/classify/suggester.h"
#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "proto/bus/bus.h"
#include "proto/door/door.h"
#include "proto/store/event_log.h"

struct intake;

struct intake_options {
    struct loop *loop;
    struct event_log *log;
    struct bus_publisher *doorbell;
    int64_t queue, patience_ms;  /* the book's reports_waiting and log_seconds */
    struct suggester *suggester; /* for what names no service; may be NULL */
    const struct book *book;     /* whose urgent words are looked for */
};
int intake_open(const struct intake_options *options, struct intake **intake, struct fault *fault);
/* Waits for the commit under way and answers it: before a door or a source is closed whose requests it holds. Takes NULL. */
int intake_settle(struct intake *intake);
void intake_close(struct intake *intake); /* takes NULL; before the loop is destroyed, which must not run any more */

/* Called once after the commit, to answer. done->seq is the event's place in the log, the first one's if it was there already. */
typedef void intake_answer(struct request *request, const struct event_append *done, void *context);

enum { INTAKE_TAKEN = 0, INTAKE_FULL = 1, INTAKE_UNFIT = 2 };
/* Of somebody who waits for the answer. Defers the request; NULL: it is none of the door's, but a worker's report from another daemon, say, and
 * that of `answer` is NULL then. What `append` points to must live, and be left alone, until it is answered: in the request's arena.
 * INTAKE_FULL: not taken, not deferred; the caller answers 503 with Retry-After: INTAKE_RETRY_AFTER. INTAKE_UNFIT: the log could not keep it,
 * the fault names the field; not taken, not deferred. */
int intake_submit(struct intake *intake, struct request *request, const struct event_append *append,
                  intake_answer *answer, void *context, struct fault *fault);
/* Of nobody who could mend it: a sensor's alarm, a feed's alert. An event that the log could not keep is left out, logged and counted, and its
 * memos are put. What `append` points to must live until it is answered. answer may be NULL: then it is durable at the loop's next hook after
 * the intake's own, and must live until then; the loop waits for that. INTAKE_FULL: not taken. */
int intake_add(struct intake *intake, const struct event_append *append, intake_answer *answer, void *context);
/* Appends all in one commit, now: for a table that is taken as a whole, however many rows it has; each passed event_append_check().
 * <0: the log takes no more, and the loop ends after this round. */
int intake_append(struct intake *intake, struct event_append *batch, size_t count);
/* `hears` is called for each new event when it is durable, before its sender is answered; the event lives during the call. One at most. */
void intake_on_durable(struct intake *intake, void (*hears)(void *context, const struct event *event), void *context);
/* How many more may wait. */
size_t intake_room(const struct intake *intake);

/* Seconds after which somebody who was refused may try again: the header Retry-After. */
#define INTAKE_RETRY_AFTER "2"
