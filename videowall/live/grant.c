#include "videowall/live/grant.h"

#include "proto/door/door.h"

/* X(result, HTTP, what to do) */
#define RESULT_REPLIES(X) \
    X(UNKNOWN, 404, "See /live/cameras for those it has.") \
    X(LIMIT, 409, "Try again when one of them is at its end.") \
    X(UNABLE, 409, "See its state, and whether it is one that turns, in /live/cameras.") \
    X(INVALID, 422, "Correct it and send it with a new id.") \
    X(NO_PICTURE, 502, "See /live/cameras for its state.")

static const struct {
    int http;
    const char *next;
} replies[] = {
#define RESULT_REPLY_ROW(result, http_, next_) [CAMERA_RESULT_##result] = { http_, next_ },
    RESULT_REPLIES(RESULT_REPLY_ROW)
};

void grant_reply_away(struct request *request)
{
    reply_header(request, "Retry-After", "1");
    reply_error(request, 503, "timeout", "Ingest has not answered; perhaps it was done, perhaps not.",
                "Send it again; what has an id, with the same one.");
}

bool grant_take(struct request *request, int status, struct bytes answer, struct camera_grant *grant)
{
    struct fault fault = { "" };
    if (status || record_decode(&camera_grant_desc, answer, request_arena(request), grant, &fault) < 0) {
        grant_reply_away(request);
        return false;
    }
    if (grant->result == CAMERA_RESULT_OK)
        return true;
    if ((size_t)grant->result < sizeof replies / sizeof *replies && replies[grant->result].http)
        reply_error(request, replies[grant->result].http, enum_name(&camera_result_desc, (int)grant->result),
                    grant->message, replies[grant->result].next);
    else
        grant_reply_away(request);
    return false;
}
