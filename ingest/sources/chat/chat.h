/* Group chats: POST /chats/NAME with one message (message.h), signed (signature.h), by the bridge of a chat system: a group bot, or its webhook.
 * A message is a command (command.h), or plain speech of which it is judged whether it is a complaint (judge.h); a complaint becomes a report at
 * the group's place. Answers are owed in the commit of what they answer, and brought by the courier.
 *
 *   201 {"id": "…", "outcome": "reported", "repeated": false}   durable; 200 for all other outcomes
 *       outcome: reported, told (further words, a rating …), answered, silent, over_share
 *   400 no message, or what is wrong with it   401 not signed with our key, or too old   404 no such chat, or group   413 too large
 *   429 more than its share, with Retry-After   503 no key here yet, or no room now, with Retry-After
 * A message that is sent again does nothing again ("repeated": true).
 */
#pragma once

#include "ingest/enrich/classify/suggester.h"
#include "ingest/enrich/report.h"
#include "ingest/intake.h"
#include "ingest/reports.h"
#include "proto/base/loop.h"

struct chats;

struct chats_options {
    struct loop *loop;
    const struct report_desk *desk;
    struct event_log *log;
    struct intake *intake;
    struct door *door;
    struct reports *reports;
    struct suggester *suggester;
    const char *keys; /* folder of the key files */
};

/* *out is NULL where the book has no chat. It must live as long as the door. */
int chats_open(const struct chats_options *options, struct chats **out, struct fault *fault);
/* From here on this process brings the answers. Takes NULL. */
int chats_lead(struct chats *chats, struct fault *fault);
void chats_close(struct chats *chats); /* takes NULL; the loop must not run any more */
