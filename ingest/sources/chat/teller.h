/* The teller: what becomes of the reports of chats is told in the group in which they were said: answers, refusals, that it is closed, with how to
 * rate it or have it taken up again. All other stages are there to be asked for; a group is no place for each of them.
 *
 * It reads the outbox by number, and remembers how far in the commit of what it owes from there on. Of one thing that several reports of a group
 * hear, the group hears once. Whose contact was erased is told no more. Only of the process that leads.
 */
#pragma once

#include "ingest/intake.h"
#include "ingest/reports.h"
#include "proto/base/loop.h"
#include "proto/book/book.h"

struct teller;

struct teller_options {
    struct loop *loop;
    const struct book *book;
    struct event_log *log;
    struct intake *intake;
    struct reports *reports;
    void (*owing)(void *context); /* answers are owed now */
    void *context;
};
int teller_open(const struct teller_options *options, struct teller **out, struct fault *fault);
void teller_close(struct teller *teller); /* takes NULL; the loop must not run any more */
