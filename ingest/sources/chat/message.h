/* A message of a group chat, as its bridge posts it: a JSON object, or a form (urlencoded, multipart) with the same fields, which may bring the
 * pictures themselves.
 *
 *   id           the message's own number in the chat system; the same again is the same message          needed
 *   group        of the book's groups                                                                     needed
 *   sender       who says it, as the chat system names them: kept apart from the event, a pseudonym in it     needed
 *   sender_name  kept apart as well
 *   text         needed where there is no picture
 *   time         when it was said: ISO 8601, or seconds or milliseconds since 1970
 *   lat, long, address  where, as a position that was sent; left out: the group's place
 *   media_url    address of a picture; or a file of the form, of any name
 */
#pragma once

#include "ingest/enrich/complaint.h"
#include "proto/book/sources.h"
#include "proto/door/door.h"

struct chat_message {
    const char *id, *sender, *sender_name, *text, *address;
    const char *group_id;
    const struct book_chat_group *group; /* NULL: the book has none of that id */
    int64_t at_ms;                       /* 0: not said */
    bool has_position, has_picture;
    double lat, lon;
    struct form form; /* its words, sender and pictures, in the names of Open311: for report_update_from_form() */
};

/* Texts live with the request. False: it is neither JSON nor a form; the fault says why. */
bool chat_message_read(struct request *request, const struct book *book, const struct book_chat *chat,
                       struct chat_message *message, struct complaints *complaints, struct fault *fault);
