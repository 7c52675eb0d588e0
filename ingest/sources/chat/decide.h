/* What is done about a message of a group chat: nothing, an answer, or an event. Reads what has become of reports; writes nothing.
 *
 * Whose report it is: looked up by anybody of the group in which it was reported; urged, rated, reopened and added to by whoever reported it.
 */
#pragma once

#include "ingest/enrich/classify/suggester.h"
#include "ingest/enrich/report.h"
#include "ingest/reports.h"
#include "ingest/sources/chat/command.h"
#include "ingest/sources/chat/memory.h"
#include "ingest/sources/chat/message.h"

#define CHAT_GROUP_ATTRIBUTE "chat_group" /* of an event: the group in which it was said */

struct chat_ground {
    const struct report_desk *desk;
    struct event_log *log;
    struct reports *reports;
    struct suggester *suggester;
    const struct book_chat *chat;
    const char *source; /* "chat/NAME" */
    const struct chat_message *message;
    const char *sender_key; /* of group and sender, see chat_key() */
    const char *reporter;   /* the sender's pseudonym */
    int64_t now_ms;
    struct arena *arena;
};

struct chat_plan {
    enum event_kind kind;    /* EVENT_NONE: no event */
    const char *number;      /* the message by which the event is known: this one, or the one that was asked about */
    uint64_t about;          /* the report that it is about; 0: it is one */
    const char *text;        /* its words */
    struct media_list media; /* beside this message's own */
    int64_t score;
    bool solved;
    bool takes_pictures; /* of the message; all others are not looked at */
    const char *answer;  /* NULL: silence */
    struct chat_talk talk;
    bool keeps_talk;      /* the talk is remembered as it is here */
    const char *urge_key; /* NULL; else remembered as done for chat->urge_ms */
};

/* <0: reports or memos could not be read. Everything lives in the arena, the book or the message. */
int chat_decide(const struct chat_ground *ground, struct chat_plan *plan, struct fault *fault);

/* The event's place: what the message says, else the group's. */
void chat_place(const struct chat_ground *ground, struct place *place);
/* Of a report: the group in which it was said; NULL: none of this chat. */
const char *chat_group_of(const struct event *event, const char *source);
